# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# The stage for tests of the store: the machine's own network namespace, and empty directories
# in the places of the store and of the declarations. Source it first; it runs the test again in
# a mount namespace, and unloads the module behind it.
# shellcheck source=tests/lib/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/tap.sh"

if [ -z "${IN_MOUNTNS-}" ]; then
	modprobe portres || exit 1
	trap 'rmmod portres' EXIT
	IN_MOUNTNS=1 unshare --mount "$0"
	exit
fi

# shellcheck disable=SC2034 # for the test
state=/var/lib/portres
work=$(mktemp -d)
helpers=
# shellcheck disable=SC2086 # a list of numbers
trap 'kill $helpers 2>/dev/null; wait; ip -all netns del 2>/dev/null; rm -rf "$work"' EXIT
bail() {
	echo "Bail out! no stage"
	exit 1
}
mount -t tmpfs -o size=64m none /var/lib || bail
for place in /etc/portres.d /run/portres.d /usr/local/lib/portres.d /usr/lib/portres.d /etc/netns; do
	mkdir -p "$place"
	mount -t tmpfs none "$place" || bail
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

# refused WORDS COMMAND...: a row for the status, one for what is said.
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

# stored [DIRECTORY]: the files of the store, without the lock, in one line.
stored() {
	(cd "${1-$state}" && find . -maxdepth 1 -name '*udp*' -printf '%f\n' | sort -V |
		paste -s -d' ')
}

# What a reboot does to reservations.
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

release() {
	kill "$holder"
	wait "$holder" 2>/dev/null
}
