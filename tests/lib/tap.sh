# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# TAP for tests written in shell. Source it, call tap_ok, tap_is, tap_run or tap_skip for
# each row, and end with tap_done, which prints the plan and exits.

tap_rows=0
tap_failed=0

# tap_ok STATUS TEXT: a row that passes if STATUS is 0.
tap_ok() {
	tap_rows=$((tap_rows + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $tap_rows - $2"
	else
		tap_failed=$((tap_failed + 1))
		echo "not ok $tap_rows - $2"
	fi
}

# tap_diag TEXT: explains the row before it.
tap_diag() {
	printf '%s\n' "$1" | sed 's/^/# /'
}

# tap_is GOT WANTED TEXT: a row that passes if the two are the same.
tap_is() {
	if [ "$1" = "$2" ]; then
		tap_ok 0 "$3"
	else
		tap_ok 1 "$3"
		tap_diag "got: $1"
		tap_diag "wanted: $2"
	fi
}

# tap_run STATUS TEXT COMMAND...: a row that passes if COMMAND exits with STATUS. Its output
# is left in $tap_output.
tap_run() {
	tap_wanted=$1
	tap_text=$2
	shift 2
	tap_status=0
	tap_output=$("$@" 2>&1) || tap_status=$?
	if [ "$tap_status" -eq "$tap_wanted" ]; then
		tap_ok 0 "$tap_text"
	else
		tap_ok 1 "$tap_text"
		tap_diag "$*: exit status $tap_status, wanted $tap_wanted"
		tap_diag "$tap_output"
	fi
}

# tap_skip TEXT REASON
tap_skip() {
	tap_rows=$((tap_rows + 1))
	echo "ok $tap_rows - $1 # SKIP $2"
}

# tap_done: prints the plan and ends the test.
tap_done() {
	echo "1..$tap_rows"
	[ "$tap_failed" -eq 0 ]
	exit
}
