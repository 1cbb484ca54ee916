#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The command without the module: usage, exit status, completion, man page.
# shellcheck source=tests/lib/tap.sh
. "$TOP/tests/lib/tap.sh"

export LD_LIBRARY_PATH="$USERLIB_O"
portres=$TOOLS_O/portres
page=$TOP/Documentation/man/portres.8

# says WORDS TEXT: a row that passes if the last output has the words.
says() {
	case $tap_output in
	*"$1"*) tap_ok 0 "$2" ;;
	*) tap_ok 1 "$2" && tap_diag "$tap_output" ;;
	esac
}

tap_run 0 "--help" "$portres" --help
says "add" "--help tells of add"
tap_run 0 "--version" "$portres" --version
for words in "nonsense" "--nonsense" "-x" "sho" "add" "add udp" "add udp 0" "add tcp 5000" \
	"add udp 5000 name" "add udp 5000 colour red" "del" "del udp" "del udp 5000 name x" \
	"show tcp" "show udp 1 2" "show 5000-4000" "monitor now" "-j nonsense" "restore now" \
	"check" "show --dry-run" "--root" "show --root"; do
	# shellcheck disable=SC2086 # words
	tap_run 2 "wrong usage: $words" "$portres" $words
	tap_is "$(echo "$tap_output" | wc -l)" 1 "one sentence: $words"
done
tap_run 2 "a word from a stranger" "$portres" "$(printf 'a\033[31mb')"
says '\x1b[31m' "it is shown escaped"
tap_run 2 "an option where a value is due is a value" "$portres" add udp 5000 name -x name -y
says "twice" "and so the second is refused"
# shellcheck disable=SC2016
tap_run 1 "a full disk" sh -c '"$1" --help >/dev/full' - "$portres"
says "cannot write" "it says so"

if [ -e /sys/module/portres ]; then
	tap_skip "without the module" "the module is loaded"
else
	for words in "" "show" "show 5000" "-j" "--json show" "add udp 5000" "del udp 5000" "monitor" \
		"restore" "restore --dry-run" "--root=/nowhere restore"; do
		# shellcheck disable=SC2086
		tap_run 1 "no module: portres $words" "$portres" $words
		says "modprobe portres" "it says what to do: portres $words"
	done
fi

candidates() {
	"$portres" --complete "$@" | tr '\n' ' '
}
tap_is "$(candidates "")" "add del show monitor restore check --json --root --help --version " "complete: the first word"
tap_is "$(candidates -j "")" "add del show monitor restore check --json --root --help --version " "complete: after -j"
tap_is "$(candidates add "")" "udp " "complete: add"
tap_is "$(candidates add udp 5)" "" "complete: no guess at ports"
tap_is "$(candidates add udp 5000 "")" "name user " "complete: keywords"
tap_is "$(candidates add udp 5000 name x "")" "name user " "complete: keywords after a value"
tap_is "$(candidates add udp 5000 name "")" "" "complete: no guess at a name"
tap_is "$(candidates restore "")" "--dry-run --json " "complete: restore"
tap_is "$(candidates --root /x add "")" "udp " "complete: after --root"
tap_run 0 "complete: users" "$portres" --complete add udp 5000 user ""
says "root" "root is one of them"
tap_run 0 "complete: nothing known" "$portres" --complete what ever 1 2 3

if command -v bash >/dev/null; then
	# shellcheck disable=SC2016
	tap_is "$(PATH=$TOOLS_O:$PATH bash -c '. "$1"; COMP_WORDS=(portres add u); COMP_CWORD=2
		_portres portres u add; echo "${COMPREPLY[*]}"' - \
		"$TOP/tools/completion/portres.bash")" udp "bash completes"
else
	tap_skip "bash completes" "no bash"
fi

# Declarations: each fault with file and line, nothing else.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/good.conf" <<-'END'
	# telephones
	udp 5000-5009 name "Asterisk RTP" user asterisk

	udp 5010+10	# more
END
tap_run 0 "check what is good" "$portres" check "$work/good.conf"
tap_is "$tap_output" "" "says nothing"
printf 'udp 6000\nudp 5005-5006\nudp 0\n\nudp 7000 name "a\tb"\nudp 6000\n' >"$work/bad.conf"
tap_run 1 "check what is bad" "$portres" check "$work/good.conf" "$work/bad.conf"
tap_is "$tap_output" "portres: $work/bad.conf:2: 5005-5006 overlaps 5000-5009 (Asterisk RTP) from $work/good.conf:2
portres: $work/bad.conf:3: \"0\" begins at port 0: the first port is 1
portres: $work/bad.conf:5: the name \"a\\x09b\" has a control character
portres: $work/bad.conf:6: 6000 overlaps 6000 from $work/bad.conf:1" "says each fault, and that alone"
tap_run 1 "check what is not there" "$portres" check "$work/none.conf"
tap_is "$tap_output" "portres: $work/none.conf: No such file or directory" "says so"
tap_run 1 "check a directory" "$portres" check "$work"
says "$work: Is a directory" "says so"

# Keys are part of the interface.
keys=$(sed -n 's/.*put_[a-z]*(record, "\([a-z]*\)".*/\1/p' "$TOP"/tools/*.c | sort -u)
for key in $keys; do
	tap_run 0 "portres(8) tells of the key $key" grep -qx "\.It Cm $key" "$page"
done
tap_done
