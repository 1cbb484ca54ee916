# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# What tests of the portres command share: its words, other processes, a place for files.
# Source it where the test has its namespaces.
# shellcheck source=tests/lib/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/tap.sh"

work=$(mktemp -d)
helpers=
sweep() {
	# shellcheck disable=SC2086 # a list of numbers
	kill $helpers 2>/dev/null
	wait
	rm -rf "$work"
}
trap sweep EXIT

# Where ports cannot be protected from MPTCP sockets, TCP ports are reserved without MPTCP only.
[ "$(uname -m)" = x86_64 ] || [ "$(uname -m)" = aarch64 ] || [ ! -e /proc/sys/net/mptcp/enabled ] ||
	echo 0 >/proc/sys/net/mptcp/enabled

# has TEXT WORDS: a row that passes if the last output has the words.
has() {
	case $tap_output in
	*"$2"*) tap_ok 0 "$1" ;;
	*)
		tap_ok 1 "$1"
		tap_diag "$tap_output"
		;;
	esac
}

# says TEXT WORDS: a row that passes if the last output is one line that has the words.
says() {
	local lines
	lines=$(wc -l <<<"$tap_output")
	if [ "$lines" -eq 1 ]; then
		has "$@"
	else
		tap_ok 1 "$1"
		tap_diag "$tap_output"
	fi
}

# refused WORDS COMMAND...: a row for the status, one for the sentence.
refused() {
	local words=$1
	shift
	tap_run 1 "refused: ${*@Q}" "$@"
	says "it says: $words" "$words"
}

# fails WORDS COMMAND...: the same where there may be more to say than a sentence.
fails() {
	local words=$1
	shift
	tap_run 1 "fails: ${*@Q}" "$@"
	has "it says: $words" "$words"
}

# wait_for COMMAND...: until it succeeds, at most twenty seconds and its own time; then it fails.
wait_for() {
	local tries=200
	until "$@"; do
		if [ $((tries -= 1)) -eq 0 ]; then
			tap_diag "waited in vain: $*"
			return 1
		fi
		sleep 0.1
	done
}

# hold PORT [ADDRESS]: another process that has bound it; its number is left in $holder.
hold() {
	rm -f "$work/held"
	/usr/bin/python3 -c 'import socket, sys, time
port, address, told = sys.argv[1:]
s = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
s.bind((address, int(port)))
open(told, "w").close()
time.sleep(600)' "$1" "${2-127.0.0.1}" "$work/held" &
	holder=$!
	helpers="$helpers $holder"
	wait_for test -e "$work/held"
}

release() {
	kill "$holder"
	wait "$holder" 2>/dev/null
}

# json EXPRESSION: what it is of the last output, read as JSON.
json() {
	/usr/bin/python3 -c 'import json, sys
x = json.loads(sys.argv[1])
print(eval(sys.argv[2]))' "$tap_output" "$1"
}

# listening COUNT: as many sockets of generic netlink have joined a group. The last one that a
# monitor joins is among those that /proc shows.
# shellcheck disable=SC2317 # wait_for calls it
listening() {
	[ "$(awk '$2 == 16 && $4 != "00000000"' /proc/net/netlink | wc -l)" -ge "$1" ]
}
