#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Every sentence that the command and the library print, in one list, which is shown; and how they are
# written: an error without a full stop, what "portres why" says with one or with a command at its end.
# shellcheck source=tests/lib/tap.sh
. "$TOP/tests/lib/tap.sh"

list=$O/sentences
tap_run 0 "all sentences" "$TOP/tests/lib/sentences" "$TOP/tools" "$TOP/userlib/kernel" "$TOP/userlib/disk"
printf '%s\n' "$tap_output" >"$list"
tap_is "$(($(wc -l <"$list") > 150))" 1 "they are found"
tap_is "$(awk -F '\t' '$2 != "said" && $3 ~ /\.$/ { print $1 ": " $3 }' "$list")" "" "no full stop behind an error"
tap_is "$(awk -F '\t' '$3 ~ /(^| )([Pp]lease|sorry|oops)/ || $3 ~ /!$/ { print $1 ": " $3 }' "$list")" "" "no manners"
tap_is "$(awk -F '\t' '$1 == "tools/answer.c" && $3 !~ /(\.|pid %d|\.%s)$/ { print $3 }' "$list")" "" \
	"a full stop behind an answer"
tap_is "$(awk -F '\t' '$1 == "tools/advice.c" && $3 !~ /^To / { print $3 }' "$list")" "" \
	"advice says what for"
tap_diag "$(cut -f 1,3 "$list")"
tap_done
