#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Documentation/security.md: every sentence of its tables names a test that there is, or says why
# there is none.
# shellcheck source=tests/lib/tap.sh
. "$TOP/tests/lib/tap.sh"
# shellcheck source=tests/lib/pages.sh
. "$TOP/tests/lib/pages.sh"

page=$TOP/Documentation/security.md

page_check "$page" "sentence"
tap_run 0 "there are rows" test "$tap_rows" -gt 40

# The attackers that it covers.
for title in "An unprivileged user" "Root of a user namespace" "A compromised owner" \
	"An administrator"; do
	tap_run 0 "it tells of: $title" grep -qxF "## $title" "$page"
done
tap_done
