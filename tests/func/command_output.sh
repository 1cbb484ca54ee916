#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Where the command's output goes: nothing of it into its own sockets. What was done stays done and
# is reported so, whether or not a reader reads that.
# shellcheck source=tests/lib/store.sh
. "$(dirname "$(readlink -f "$0")")/../lib/store.sh"

# Closed descriptors. What is written would reach the first socket that is opened.
port=5000
for closed in '>&-' '<&-' '2>&-' '<&- >&-' '<&- >&- 2>&-'; do
	port=$((port + 1))
	tap_run 0 "add $closed" sh -c "portres add udp $port $closed"
	tap_run 0 "it is reserved" portres show $port
	tap_run 3 "add again $closed" sh -c "portres add udp $port $closed"
	tap_run 0 "show $closed" sh -c "portres show $port $closed"
	tap_run 0 "restore $closed" sh -c "portres restore $closed"
	tap_run 0 "del $closed" sh -c "portres del udp $port $closed"
	tap_run 1 "it is gone" portres show $port
done
strace -f -o "$work/trace" -e trace=sendmsg,write,socket sh -c 'portres add udp 5002 >&-'
tap_is "$(grep -c 'socket(.*) = [012]$' "$work/trace")" 0 "no socket takes the place of an output"
tap_is "$(stored)" "udp-5002-5002" "it is kept"
portres del udp 5002

# A full disk, and readers that go: what was done is not a failure.
tap_run 0 "add >/dev/full" sh -c 'portres add udp 5003 >/dev/full'
has "it is said" "cannot write the output: No space left on device; the exit status says what was done"
tap_is "$(standing)" "5003-5003" "it is reserved"
tap_run 3 "add again >/dev/full" sh -c 'portres add udp 5003 >/dev/full'
tap_run 1 "add of something else >/dev/full" sh -c 'portres add udp 5002-5003 >/dev/full'
tap_run 1 "show >/dev/full" sh -c 'portres show >/dev/full'
tap_run 1 "restore --dry-run >/dev/full" sh -c 'portres restore --dry-run >/dev/full'
# shellcheck disable=SC2016
gone='portres "$@" | exec 0<&-; exit "${PIPESTATUS[0]}"'
# Whether the reader has gone by then is left to the machine; the status is the same.
tap_run 0 "add to a reader that goes" bash -c "$gone" - add udp 5004
tap_run 0 "del to one" bash -c "$gone" - del udp 5004
for port in {6001..6040}; do
	echo "udp $port" >"$state/udp-$port-$port"
done
reboot
tap_run 0 "restore >/dev/full" sh -c 'portres restore >/dev/full'
tap_is "$(standing | wc -w)" 41 "all is restored"
reboot
mkfifo "$work/pipe"
sh -c 'read line <"$1"' - "$work/pipe" &
portres restore >"$work/pipe" 2>/dev/null
tap_is "$?, $(standing | wc -w)" "0, 41" "restore to a reader of one line"
tap_done
