#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Documentation/windows-compat.md: every row of its tables names a test that there is, or says
# why there is none.
# shellcheck source=tests/lib/tap.sh
. "$TOP/tests/lib/tap.sh"

page=$TOP/Documentation/windows-compat.md

# one row a line: what it is about, a tab, its last cell
rows() {
	awk -F ' *[|] *' '/^[|]/ && !/^[|] (---|what|question) / { print $2 "\t" $(NF - 1) }' "$page"
}

# A row is looked for as text in the file that is named, which is in one of three places.
# shellcheck disable=SC2317 # tap_run calls it
find_row() {
	grep -qsF -e "$2" "$TOP/tests/func/$1" "$TOP/tests/unit/$1" "$TOP/tests/build/$1"
}

tab=$(printf '\t')
rows >"${O:-/tmp}/windows_compat.rows"
while IFS="$tab" read -r what test; do
	case $test in
	'none: '*) tap_ok 0 "$what: says why it has no test" ;;
	'`'*': '*'`')
		test=${test#?}
		test=${test%?}
		tap_run 0 "$what: $test" find_row "${test%%: *}" "${test#*: }"
		;;
	*) tap_is "$test" "a test" "$what" ;;
	esac
done <"${O:-/tmp}/windows_compat.rows"
tap_run 0 "there are rows" test "$tap_rows" -gt 100

# What a page of Windows has is on ours.
for name in $(sed -n 's/^\([A-Z][A-Za-z]*Reservation\)@.*/\1/p' "$TOP/tests/unit/symbols.txt") \
	$(sed -n 's/^#define \(SIO_[A-Z_]*\).*/\1/p' "$TOP/userlib/include/win32/mstcpip.h"); do
	tap_run 0 "it tells of $name" grep -qF "$name" "$page"
done
tap_done
