# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# Pages of Documentation/ whose tables name a test in the last column of each row. Source it
# behind tap.sh, with $TOP set.

# page_rows PAGE HEADS: one row a line: what it is about, a tab, its last cell. HEADS is a
# pattern of what the first columns are called.
page_rows() {
	awk -F ' *[|] *' -v heads="^[|] (---|$2) " '/^[|]/ && $0 !~ heads { print $2 "\t" $(NF - 1) }' "$1"
}

# A row is looked for as text in the file that is named, in one of these places.
# shellcheck disable=SC2317 # tap_run calls it
page_find_row() {
	for page_folder in tests/func tests/attack tests/stress tests/unit tests/build tests/lib; do
		! grep -qsF -e "$2" "$TOP/$page_folder/$1" || return 0
	done
	return 1
}

# page_check PAGE HEADS: a row for each of the page, whether its test is there or it says why
# there is none.
page_check() {
	page_tab=$(printf '\t')
	page_list=${O:-/tmp}/$(basename "$1" .md).rows
	page_rows "$1" "$2" >"$page_list"
	while IFS="$page_tab" read -r what test; do
		case $test in
		'none: '*) tap_ok 0 "$what: says why it has no test" ;;
		'`'*': '*'`')
			test=${test#?}
			test=${test%?}
			tap_run 0 "$what: $test" page_find_row "${test%%: *}" "${test#*: }"
			;;
		*) tap_is "$test" "a test" "$what" ;;
		esac
	done <"$page_list"
}
