#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Every text that the command, the library and the module print, in one list, which is shown and left in
# build/results; and how they are written: an error without a full stop, what "portres why" says with
# one or with a command at its end, none of them cut, and nobody in them.
# shellcheck disable=SC2016 # fields of awk
# shellcheck source=tests/lib/tap.sh
. "$TOP/tests/lib/tap.sh"
cd "$TOP" || exit 1

list=build/results/sentences.txt
mkdir -p build/results
tap_run 0 "all sentences" tests/lib/sentences tools userlib kmod
printf '%s\n' "$tap_output" >"$list"
tap_is "$(($(wc -l <"$list") > 450))" 1 "they are found"

# is_none AWK TEXT: no line of the list is like that.
is_none() {
	tap_is "$(awk -F '\t' "$1 { print \$1 \": \" \$3 }" "$list")" "" "$2"
}

# Found in another way: files with a string of three words in a row, except what a compiler says.
with_texts=$(grep -rlE --include='*.c' '^[^/*]*"[^"]*[a-z]+ [a-z]+ [a-z]+' tools userlib kmod | grep -v '^kmod/tests/' | sort)
for file in $with_texts; do
	case $file in
	# _Static_assert, MODULE_DESCRIPTION
	userlib/kernel/codec.c | userlib/kernel/refusals.c | userlib/windows/wsaioctl.c) continue ;;
	esac
	grep -q "^$file	" "$list" || missing="${missing-} $file"
done
tap_is "${missing-}" "" "each file with a text is there"
tap_is "$(grep -c '^kmod/.*	error	' "$list")" \
	"$(grep -rho --include='*.c' 'NL_SET_ERR_MSG' kmod --exclude-dir=tests | wc -l)" "each message of the module"
tap_is "$(grep -c '^userlib/kernel/error.c	' "$list")" \
	"$(grep -c -e '^	{ E' -e 'unknown error' userlib/kernel/error.c)" "each text of an errno"

is_none '$2 ~ /error|note|reason|advice/ && $3 ~ /\.$/' "no full stop behind an error"
is_none '$3 ~ /(^| )([Pp]lease|sorry|oops)/ || $3 ~ /!$/' "no manners"
is_none '$3 ~ /(^|[^a-zA-Z])([Hh]e|[Hh]is|[Hh]im|[Ss]he|[Hh]er|[Ww]ho|[Ww]hom|[Ww]hose|[Ss]omebody)([^a-zA-Z]|$)/' \
	"nobody in them"
is_none '$1 == "tools/answer.c" && $2 == "said" && $3 !~ /(\.|pid %d|\.%s)$/' "a full stop behind an answer"
is_none '$1 == "tools/advice.c" && $2 == "said" && $3 !~ /^To /' "advice says what for"
conversion='%[-+ #0]*[0-9*]*(\.[0-9*]+)?(hh|h|ll|l|z)?([diouxXcs%]|p[sS]?)'
is_none "{ text = \$3; gsub(/$conversion/, \"\", text) } text ~ /%/" "no conversion is cut"
is_none '$2 ~ /error|note|said|advice/ && $3 ~ /([ ,;:(=-]| (a|an|the|of|or|and|to|is|are|in|by|with))$/' \
	"none ends in the middle"
is_none '{ text = $3; quotes = gsub(/"/, "", text); opened = gsub(/\(/, "", text); closed = gsub(/\)/, "", text) }
	$2 ~ /error|note|said|reason|advice/ && (quotes % 2 || opened != closed)' "what is opened is closed"
tap_diag "$(cut -f 1,3 "$list")"
tap_diag "all of them: $list"
tap_done
