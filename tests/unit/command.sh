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
for option in --json --pretty --root --dry-run --udp --tcp --help --version -j -p -h -V --; do
	case $tap_output in
	*"$option"[\ ,\]]*) tap_ok 0 "--help tells of $option" ;;
	*) tap_ok 1 "--help tells of $option" ;;
	esac
done
tap_run 0 "--version" "$portres" --version
tap_run 0 "-V" "$portres" -V
tap_run 0 "-h" "$portres" -h
whole=$tap_output
tap_run 0 "help" "$portres" help
tap_is "$tap_output" "$whole" "it is the same"
tap_run 0 "add help" "$portres" add help
says "portres add PROTO RANGE" "it tells of add"
says "PROTO is udp, tcp or both" "and of protocols"
tap_is "$(echo "$tap_output" | wc -l)" 2 "and of nothing else"
tap_run 0 "delete help" "$portres" delete help
says "portres del PROTO RANGE" "another name"
for words in "help del" "help delete" "del help"; do
	# shellcheck disable=SC2086 # words
	tap_run 0 "$words" "$portres" $words
	says "portres del PROTO RANGE" "the same: $words"
done
tap_run 2 "help of no command" "$portres" help nonsense
tap_run 0 "monitor help" "$portres" monitor help
case $tap_output in
*PROTO*) tap_ok 1 "which has no protocol" ;;
*) tap_ok 0 "which has no protocol" ;;
esac
for words in "nonsense" "--nonsense" "-x" "sho" "add" "add udp" "add udp 0" "add sctp 5000" "add both" "del tcp" "set both 5060" "show sctp" "show tcp 1 2" \
	"add udp 5000 name" "add udp 5000 colour red" "add udp 5000 for" "add udp 5000 for nobody" \
	"add udp 5000 for unit x*" "add udp 5000 adopt adopt" "add udp 5000 range 1" "set udp 5000" \
	"set udp 5000 adopt" "set udp 5000 for nobody for kernel" "replace udp" "show --udp 5" "del" "del udp" "del udp 5000 name x" \
	"show udp 1 2" "show 5000-4000" "monitor now" "-j nonsense" "restore now" \
	"check" "map 5" "map sctp" "map both" "map udp tcp" "room" "room udp" "room 0" "room 65536" "room sctp 5" "room both 5" \
	"room udp 5 6" "why both 5060" "export" "export ipset" "metrics now" "metrics -j" "show colour red" "show name" "show for" \
	"show for nobody" "show for unit x*" "show bound 5000" "show --dry-run" "--root" "show --root" "-- -j" "-- nonsense" "add -- -j" "-"; do
	# shellcheck disable=SC2086 # words
	tap_run 2 "wrong usage: $words" "$portres" $words
	tap_is "$(echo "$tap_output" | wc -l)" 1 "one sentence: $words"
done
for words in "" "name" "name x" "--udp 5" "--udp 5 ls" "--udp 5 name x ls" "--udp 5 --" "--udp 0 -- true" \
	"--udp 65536 -- true" "--udp 5-4 -- true" "--udp x -- true" "--tcp 0 -- true" "--tcp -- true" "--udp 5 --tcp 6 -- true" "--udp 5000 --tcp 5001 -- true" "--udp 5 --tcp x -- true" "-x -- true" "--udp" \
	"name x name y --udp 1 -- true"; do
	# shellcheck disable=SC2086 # words
	tap_run 125 "wrong usage: run $words" "$portres" run $words
	tap_is "$(echo "$tap_output" | wc -l)" 1 "one sentence: run $words"
done
tap_run 2 "a word from a stranger" "$portres" "$(printf 'a\033[31mb')"
says '\x1b[31m' "it is shown escaped"
tap_run 2 "an option where a value is due is a value" "$portres" add udp 5000 name -x name -y
says "duplicate keyword" "and so the second is refused"
# What was given is quoted, but does not push the reason out of the sentence.
long=$(head -c 5000 /dev/zero | tr '\0' a)
for words in "add udp 5020 name $long" "add udp $long" "add $long" "add udp 5020 user $long" \
	"add udp 5020 $long x" "add udp 5020 name x $long" "del udp $long" "show $long" "$long" \
	"-$long" "add udp 5020 name $(head -c 40 /dev/zero | tr '\0' '\001')"; do
	# shellcheck disable=SC2086 # words
	tap_run 2 "a long word: $(echo "$words" | cut -c 1-30)" "$portres" $words
	tap_is "$(echo "$tap_output" | cut -c 1-40 | grep -c aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa)" \
		0 "it is not quoted at length"
	case $tap_output in
	*expected* | *"unknown command"* | *"unknown option"* | *"control character") tap_ok 0 "the reason is there" ;;
	*) tap_ok 1 "the reason is there" && tap_diag "$tap_output" ;;
	esac
done
tap_run 2 "show of a protocol" "$portres" show sctp
protocol=$tap_output
tap_run 2 "add of a protocol" "$portres" add sctp
tap_is "$protocol" "$tap_output" "in the same words"
tap_run 2 "an option behind --" "$portres" -- --help
says 'unknown command "--help"' "is none"
tap_run 0 "an option before --" "$portres" --help -- x

# Descriptors: a full disk, and those that are closed.
# shellcheck disable=SC2016
tap_run 1 "a full disk" sh -c '"$1" --help >/dev/full' - "$portres"
says "cannot write" "it says so"
# shellcheck disable=SC2016
tap_run 0 "no output" sh -c '"$1" --help >&-' - "$portres"
# shellcheck disable=SC2016
tap_run 2 "no descriptors at all" sh -c '"$1" nonsense <&- >&- 2>&-' - "$portres"
if command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null; then
	strace -o "$O/descriptors" "$portres" show 5000 <&- >&- 2>&-
	tap_is "$(grep -cE '^socket\(.*= [012]$' "$O/descriptors")" 0 "no socket is taken for an output"
else
	tap_skip "no socket is taken for an output" "no strace"
fi

if [ -e /sys/module/portres ]; then
	tap_skip "without the module" "the module is loaded"
else
	tap_run 0 "no module: why" "$portres" why udp 5000
	says "nothing is reserved" "it says so"
	for words in "" "show" "show 5000" "map" "room 5" "export nft" "metrics" "-j" "--json show" "add udp 5000" "del udp 5000" "monitor" \
		"restore" "restore --dry-run" "--root=/nowhere restore"; do
		# shellcheck disable=SC2086
		tap_run 1 "no module: portres $words" "$portres" $words
		says "modprobe portres" "it says what to do: portres $words"
		tap_is "$(echo "$tap_output" | wc -l)" 1 "in one sentence: portres $words"
	done
fi

candidates() {
	"$portres" --complete "$@" | tr '\n' ' '
}
options="--json --pretty --root --help --version "
commands="add set replace del show monitor restore run check why map room export metrics list delete help "
tap_is "$(candidates "")" "$commands$options" "complete: the first word"
tap_is "$(candidates -j "")" "$commands$options" "complete: after -j"
tap_is "$(candidates add "")" "udp tcp both help " "complete: add"
tap_is "$(candidates del "")" "udp tcp both help " "complete: del"
tap_is "$(candidates add both 5060 "")" "name for user adopt " "complete: keywords for both"
tap_is "$(candidates add udp 5)" "" "complete: no guess at ports"
tap_is "$(candidates add udp 5000 "")" "name for user adopt " "complete: keywords"
tap_is "$(candidates add udp 5000 name x "")" "name for user adopt " "complete: keywords after a value"
tap_is "$(candidates add udp 5000 name "")" "" "complete: no guess at a name"
tap_is "$(candidates replace udp 5000 "")" "name for user adopt " "complete: replace"
tap_is "$(candidates set udp 5000 "")" "name range for user " "complete: set"
tap_is "$(candidates add udp 5000 for "")" "user unit cgroup kernel " "complete: grantees"
tap_is "$(candidates set udp 5000 for "")" "user unit cgroup kernel nobody " "complete: of set"
tap_is "$(candidates add udp 5000 for unit "")" "" "complete: no guess at a unit"
tap_is "$(candidates add udp 5000 for unit x "")" "of name for user adopt " "complete: behind a unit"
tap_is "$(candidates add udp 5000 for cgroup x "")" "name for user adopt " "complete: behind a cgroup"
tap_is "$(candidates add udp 5000 for kernel "")" "name for user adopt " "complete: behind the kernel"
tap_is "$(candidates add udp 5000 for unit -)" "" "complete: a unit is no option"
tap_is "$(candidates run "")" "--udp --tcp name -- help " "complete: run"
tap_is "$(candidates run --udp 5 name x "")" "--udp --tcp -- " "complete: run with a name"
tap_is "$(candidates run --udp 5 -- "")" ":commands " "complete: the command of run"
tap_is "$(candidates run --udp 5 -- ls -l "")" ":files " "complete: its words"
for words in "for user" "for unit x of"; do
	# shellcheck disable=SC2086 # words
	tap_is "$("$portres" --complete add udp 5000 $words "" | grep -cx root)" 1 "complete: users behind $words"
done
tap_is "$(candidates restore "")" "--json --pretty --root --dry-run --help --version help " "complete: restore"
tap_is "$(candidates show "")" "udp tcp both help for user name bound " "complete: show"
tap_is "$(candidates show tcp "")" "for user name bound " "complete: show of a protocol"
tap_is "$(candidates list 5000 "")" "for user name bound " "complete: list is show"
tap_is "$(candidates show for "")" "user unit cgroup kernel " "complete: filters by grantee"
tap_is "$(candidates show for unit x "")" "of for user name bound " "complete: behind a unit"
tap_is "$(candidates show bound for user root "")" "for user name bound " "complete: behind a user"
tap_is "$(candidates show name "")" "" "complete: no guess at a pattern"
tap_is "$(candidates show name -)" "" "complete: a pattern is no option"
tap_is "$(candidates why "")" "udp tcp help " "complete: why"
tap_is "$(candidates why udp 5 "")" "for " "complete: why of a port"
tap_is "$(candidates why udp 5 for "")" "user unit pid " "complete: why for"
tap_is "$(candidates why udp 5 for unit x "")" "of " "complete: why for a unit"
tap_is "$(candidates why udp 5 for pid "")" "" "complete: no guess at a process"
tap_is "$(candidates map "")" "udp tcp help " "complete: map"
tap_is "$(candidates room udp "")" "" "complete: no guess at a number"
tap_is "$(candidates export "")" "sysctl nft help " "complete: export"
tap_is "$(candidates metrics "")" "${options}help " "complete: metrics"
tap_is "$(candidates monitor "")" "--json --pretty --root --journal --help --version help " "complete: monitor"
tap_is "$(candidates --root /x add "")" "udp tcp both help " "complete: after --root"
tap_is "$(candidates --root = /x add "")" "udp tcp both help " "complete: after --root=, as bash cuts it"
for words in "add -" "add udp -" "add udp 5000 -" "add udp 5000 name x -" "del udp -" "show --" \
	"check -"; do
	# shellcheck disable=SC2086 # words
	tap_is "$(candidates $words)" "$options" "complete: options after a command: $words"
done
tap_is "$(candidates add -j udp 5000 --json "")" "name for user adopt " "complete: options do not count as words"
tap_is "$(candidates add udp 5000 name -)" "" "complete: a value is no option"
tap_is "$(candidates check "")" ":files help " "complete: files"
tap_is "$(candidates check one.conf "")" ":files " "complete: more files"
for words in "--root " "restore --root /" "--root =" "--root = /x"; do
	# shellcheck disable=SC2046 # words
	tap_is "$(candidates $(echo "$words" | sed 's/ $//') $(case $words in *' ') echo '/' ;; esac))" \
		":directories " "complete: directories: $words"
done
tap_run 0 "complete: users" "$portres" --complete add udp 5000 user ""
says "root" "root is one of them"
tap_is "$(candidates help "")" "${commands%help }" "complete: help of a command"
tap_is "$(candidates help add "")" "" "complete: nothing behind that"
tap_run 0 "complete: nothing known" "$portres" --complete what ever 1 2 3

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# completes WORD...: what bash makes of the last of them, with the program that is first.
completes() {
	# shellcheck disable=SC2016
	bash -c '. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
		_portres "$1" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
		echo "${COMPREPLY[*]}"' - "$TOP/tools/completion/portres.bash" "$@"
}
if command -v bash >/dev/null; then
	tap_is "$(completes "$portres" add u)" udp "bash completes"
	mkdir "$work/files" "$work/files/sub dir"
	touch "$work/files/one.conf" "$work/files/other"
	tap_is "$(completes "$portres" check "$work/files/on")" "$work/files/one.conf" "files"
	tap_is "$(completes "$portres" --root "$work/files/")" "$work/files/sub dir" "directories"
	tap_is "$(completes "$portres" --root = "$work/files/")" "$work/files/sub dir" "also behind ="
	# A user of a directory service may have any name.
	cat >"$work/hostile" <<-'END'
		#!/bin/sh
		cat <<'NAMES'
		x$(touch pwned)`touch pwned`
		x;touch pwned
		x*
		NAMES
	END
	chmod +x "$work/hostile"
	# shellcheck disable=SC2016
	tap_is "$(cd "$work" && completes ./hostile add udp 5000 user x)" \
		'x\$\(touch\ pwned\)\`touch\ pwned\` x\;touch\ pwned x\*' "names of users are quoted"
	# shellcheck disable=SC2016
	tap_is "$(cd "$work" && eval "echo $(completes ./hostile add udp 5000 user x)")" \
		'x$(touch pwned)`touch pwned` x;touch pwned x*' "so that the line has them as they are"
	tap_run 1 "and nothing is run" test -e "$work/pwned"
else
	tap_skip "bash completes" "no bash"
fi

# Declarations: each fault with file and line, nothing else.
cat >"$work/good.conf" <<-'END'
	# telephones
	udp 5000-5009 name "Asterisk RTP" user asterisk

	udp 5010+10	# more
END
tap_run 0 "check what is good" "$portres" check "$work/good.conf"
tap_is "$tap_output" "" "says nothing"
printf 'udp 6000\nudp 5005-5006\nudp 0\n\nudp 7000 name "a\tb"\nudp 6000\n' >"$work/bad.conf"
tap_run 1 "check what is bad" "$portres" check "$work/good.conf" "$work/bad.conf"
tap_is "$tap_output" "portres: $work/bad.conf:2: udp 5005-5006 overlaps udp 5000-5009 (Asterisk RTP) from $work/good.conf:2
portres: $work/bad.conf:3: \"0\" begins at port 0: the first port is 1
portres: $work/bad.conf:5: the name \"a\\x09b\" has a control character
portres: $work/bad.conf:6: udp 6000 overlaps udp 6000 from $work/bad.conf:1" "says each fault, and that alone"
tap_run 1 "check what is not there" "$portres" check "$work/none.conf"
tap_is "$tap_output" "portres: $work/none.conf: No such file or directory" "says so"
tap_run 1 "check a directory" "$portres" check "$work"
says "$work: Is a directory" "says so"

printf 'tcp 5000-5009\ntcp 6000\nboth 7000 name x\nboth 5060\nboth 5060\nudp 5060\nboth 5009 for kernel\n' >"$work/both.conf"
tap_run 1 "check protocols" "$portres" check "$work/good.conf" "$work/both.conf"
tap_is "$tap_output" "portres: $work/both.conf:5: both 5060 overlaps both 5060 from $work/both.conf:4
portres: $work/both.conf:6: udp 5060 overlaps both 5060 from $work/both.conf:4, both 5060 from $work/both.conf:5
portres: $work/both.conf:7: both 5009 overlaps tcp 5000-5009 from $work/both.conf:1, udp 5000-5009 (Asterisk RTP) from $work/good.conf:2" \
	"each has its own ports, both have those of each"

# What a user of a shell names: pipes, standard input, and a FIFO that nobody writes to.
printf 'udp 5000\nudp 0\n' >"$work/input"
fault='2: "0" begins at port 0: the first port is 1'
# shellcheck disable=SC2016
for words in '"$1" check - <"$2"' 'cat "$2" | "$1" check -' '"$1" check -- - <"$2"'; do
	tap_run 1 "$words" sh -c "$words" - "$portres" "$work/input"
	says "portres: standard input:$fault" "it is read"
done
# shellcheck disable=SC2016
tap_run 1 "/dev/stdin" sh -c 'cat "$2" | "$1" check /dev/stdin' - "$portres" "$work/input"
says "portres: /dev/stdin:$fault" "it is read"
mkfifo "$work/fifo"
(
	sleep 0.3
	cat "$work/input" >"$work/fifo"
) &
tap_run 1 "a FIFO with a writer that comes late" "$portres" check "$work/fifo"
says "$work/fifo:$fault" "it is read"
tap_run 1 "a FIFO without one" timeout 60 "$portres" check "$work/fifo"
says "$work/fifo: no process opened it for writing" "it is not waited for"
tap_run 1 "what has no end" "$portres" check /dev/zero
says "/dev/zero: File too large" "it ends nevertheless"
if command -v bash >/dev/null; then
	# shellcheck disable=SC2016
	tap_run 1 "<(...)" bash -c '"$1" check <(sleep 0.2; cat "$2"; sleep 0.2)' - "$portres" "$work/input"
	says "$fault" "it is read"
	# shellcheck disable=SC2016
	tap_run 0 "one without a word" bash -c '"$1" check <(true)' - "$portres"
else
	tap_skip "<(...)" "no bash"
fi
tap_is "$("$portres" -j check "$work/input" 2>/dev/null)" \
	"{\"result\":\"failed\",\"reason\":\"\\\"0\\\" begins at port 0: the first port is 1\",\"file\":\"$work/input\",\"line\":2}" \
	"in JSON"
{
	echo "udp 5000 user $long"
	echo "udp 5001 name $long"
	echo "$long 5002"
	echo "udp $long"
} >"$work/long.conf"
tap_run 1 "long words in a file" "$portres" check "$work/long.conf"
tap_is "$(echo "$tap_output" | grep -c 'expected')" 3 "their reasons are there"

# Keys are part of the interface.
keys=$(sed -n 's/.*put_[a-z]*(record, "\([a-z_]*\)".*/\1/p' "$TOP"/tools/*.c | sort -u)
for key in $keys; do
	tap_run 0 "portres(8) tells of the key $key" grep -qx "\.It Cm $key" "$page"
done
tap_done
