#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Documentation/windows-compat.md: every row of its tables names a test that there is, or says
# why there is none.
# shellcheck source=tests/lib/tap.sh
. "$TOP/tests/lib/tap.sh"
# shellcheck source=tests/lib/pages.sh
. "$TOP/tests/lib/pages.sh"

page=$TOP/Documentation/windows-compat.md

page_check "$page" "what|question"
tap_run 0 "there are rows" test "$tap_rows" -gt 100

# What a page of Windows has is on ours.
for name in $(sed -n 's/^\([A-Z][A-Za-z]*Reservation\)@.*/\1/p' "$TOP/tests/unit/symbols.txt") \
	$(sed -n 's/^#define \(SIO_[A-Z_]*\).*/\1/p' "$TOP/userlib/include/win32/mstcpip.h"); do
	tap_run 0 "it tells of $name" grep -qF "$name" "$page"
done
tap_done
