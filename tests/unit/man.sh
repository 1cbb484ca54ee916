#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The man pages: no warning, every function told of, examples that compile.
# shellcheck source=tests/lib/tap.sh
. "$TOP/tests/lib/tap.sh"

pages=$TOP/Documentation/man
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for page in "$pages"/*; do
	name=$(basename "$page")
	if command -v mandoc >/dev/null; then
		tap_run 0 "mandoc finds nothing in $name" mandoc -T lint -W warning "$page"
		tap_is "$(mandoc "$page" | tail -n 1 | grep -c BSD)" 0 "mandoc does not call $name a page of BSD"
	else
		tap_skip "mandoc finds nothing in $name" "no mandoc"
	fi
	if command -v groff >/dev/null; then
		# wide enough for the longest argument of a function
		tap_is "$(groff -mandoc -ww -rLL=120n -Tutf8 -z "$page" 2>&1)" "" \
			"groff finds nothing in $name"
		tap_is "$(groff -mandoc -rLL=120n -Tutf8 "$page" | tail -n 1 | grep -c BSD)" 0 \
			"groff does not call $name a page of BSD"
	else
		tap_skip "groff finds nothing in $name" "no groff"
	fi
done

functions=$(sed -n 's/^\(portres_[a-z_]*\)@.*/\1/p' "$TOP/tests/unit/symbols.txt" |
	grep -v '^portres_win32_')
for function in $functions; do
	tap_run 0 "libportres(3) tells of $function" grep -q "^\.Fo $function\$" \
		"$pages/libportres.3"
done
for page in $(sed -n 's/^\([A-Z][A-Za-z]*\)@.*/\1/p' "$TOP/tests/unit/symbols.txt") WSAIoctl; do
	tap_run 0 "$page has its page" test -e "$pages/$page.3"
done
functions=$(sed -n 's/^portres_win32_\([A-Za-z_]*\)@.*/\1/p' "$TOP/tests/unit/symbols.txt")
for function in $functions; do
	tap_run 0 "libportres-win32(3) tells of $function" grep -qw "$function" \
		"$pages/libportres-win32.3"
done

for example in $("$TOP/tests/lib/man-examples" "$work/examples" "$pages"/*.[37]); do
	tap_run 0 "the example $(basename "$example" .c) compiles" "$CC" -std=gnu11 -Wall -Wextra \
		-Werror -I"$TOP/userlib/include/win32" -I"$TOP/userlib/include" -I"$TOP/uapi" \
		-o "$work/program" "$example" -L"$USERLIB_O" -lportres-wmain -lportres
done
tap_done
