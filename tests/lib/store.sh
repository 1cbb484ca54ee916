# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# The stage for tests of the store: the machine's own network namespace, and empty directories
# in the places of the store and of the declarations. Source it first; it runs the test again in
# a mount namespace, and unloads the module behind it.
if [ -z "${IN_MOUNTNS-}" ]; then
	modprobe portres || exit 1
	trap 'rmmod portres' EXIT
	IN_MOUNTNS=1 unshare --mount "$0"
	exit
fi

# shellcheck source=tests/lib/shell.sh
. "$(dirname "${BASH_SOURCE[0]}")/shell.sh"
trap 'sweep; ip -all netns del 2>/dev/null' EXIT
# shellcheck disable=SC2034 # for the test
state=/var/lib/portres
bail() {
	echo "Bail out! no stage"
	exit 1
}
mount -t tmpfs -o mode=755,size=64m none /var/lib || bail
for place in /etc/portres.d /run/portres.d /usr/local/lib/portres.d /usr/lib/portres.d /etc/netns; do
	mkdir -p "$place"
	mount -t tmpfs -o mode=755 none "$place" || bail
done
ip link set lo up

# standing: the blocks that the kernel has, in one line.
standing() {
	portres show -j 2>/dev/null | /usr/bin/python3 -c 'import json, sys
print(*("{first}-{last}".format(**r) for r in json.load(sys.stdin)))'
}

# stored: the files of the store, without the lock, in one line; stored_in DIRECTORY.
stored() {
	stored_in "$state"
}

stored_in() {
	(cd "$1" && find . -maxdepth 1 -name '*-*-*' -printf '%f\n' | sort -V |
		paste -s -d' ')
}

# What a reboot does to reservations.
reboot() {
	rmmod portres && modprobe portres
}
