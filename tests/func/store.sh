#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Reservations that last: what is on the disk after each command, what comes back when the
# kernel has forgotten all, and every reason why something does not.
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$(readlink -f "$0")")/../lib/tap.sh"

if [ -z "${IN_MOUNTNS-}" ]; then
	modprobe portres || exit 1
	trap 'rmmod portres' EXIT
	IN_MOUNTNS=1 unshare --mount "$0"
	exit
fi

state=/var/lib/portres
work=$(mktemp -d)
helpers=
# shellcheck disable=SC2086 # a list of numbers
trap 'kill $helpers 2>/dev/null; wait; ip netns del blue 2>/dev/null; rm -rf "$work"' EXIT
mount -t tmpfs -o size=16m none /var/lib
mkdir -p /etc/portres.d /usr/lib/portres.d /etc/netns
for place in /etc/portres.d /usr/lib/portres.d /etc/netns; do
	mount -t tmpfs none "$place"
done
ip link set lo up

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

# refused WORDS COMMAND...
refused() {
	local words=$1
	shift
	tap_run 1 "refused: ${*@Q}" "$@"
	has "it says: $words" "$words"
}

# standing: the blocks that the kernel has, in one line.
standing() {
	portres show -j 2>/dev/null | /usr/bin/python3 -c 'import json, sys
print(*("{first}-{last}".format(**r) for r in json.load(sys.stdin)))'
}

stored() {
	(cd "${1-$state}" 2>/dev/null && find . -mindepth 1 -name '*udp*' -printf '%f\n' |
		sort -V | paste -s -d' ')
}

reboot() {
	rmmod portres && modprobe portres
}

wait_for() {
	local tries=200
	until "$@" || [ $((tries -= 1)) -eq 0 ]; do sleep 0.1; done
}

# hold PORT: another process that has bound it; its number is left in $holder.
hold() {
	rm -f "$work/held"
	/usr/bin/python3 -c 'import socket, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", int(sys.argv[1])))
open(sys.argv[2], "w").close()
time.sleep(600)' "$1" "$work/held" &
	holder=$!
	helpers="$helpers $holder"
	wait_for test -e "$work/held"
}

# token PORT
token() {
	portres show -j "$1" | /usr/bin/python3 -c 'import json, sys
print(json.load(sys.stdin)[0]["token"])'
}

# There and back.
umask 077
tap_run 0 "add" portres add udp 5000-5009 name 'Asterisk "RTP"' user 4000
umask 022
tap_is "$(cat $state/udp-5000-5009)" 'udp 5000-5009 user 4000 name "Asterisk \"RTP\""' \
	"it is on the disk in words"
tap_is "$(stat -c %a $state $state/udp-5000-5009 | paste -s -d' ')" "755 644" \
	"for everybody to read, whatever the umask"
portres add udp 7000 >/dev/null
tap_is "$(stored)" "udp-5000-5009 udp-7000-7000" "two files, nothing else"
before=$(token 5000)
reboot
tap_is "$(standing)" "" "the kernel has forgotten all"
tap_run 0 "show still succeeds" portres show
has "and says that something is missing" 'portres restore'
tap_run 0 "what would be done" portres restore --dry-run
has "it would" 'would reserve udp 5000-5009 user 4000 name "Asterisk \"RTP\"" from '$state/udp-5000-5009:1
has "in sum" "2 would be reserved, 0 stand, 0 would fail"
tap_is "$(standing)" "" "but was not"
tap_run 0 "restore" portres restore
has "in sum" "2 reserved, 0 stood already, 0 failed"
tap_is "$(standing)" "5000-5009 7000-7000" "all stand"
tap_run 0 "show" portres show 5000
has "with their names" 'Asterisk "RTP"'
has "and users" "4000"
[ "$(token 5000)" != "$before" ]
tap_ok $? "with a new token"
tap_run 0 "restore again" portres restore
has "changes nothing" "0 reserved, 2 stood already, 0 failed"
tap_run 0 "del" portres del udp 7000
tap_is "$(stored)" "udp-5000-5009" "it is forgotten"
refused "not reserved" portres del udp 7000
refused "overlaps 5000-5009" portres add udp 5009
tap_is "$(stored)" "udp-5000-5009" "what is refused leaves nothing"

tap_done
