#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The error message names the privilege that is missing: of a user, of root in a container without
# the capability, of root of another user namespace. And how a program that gives up the capability
# before it binds uses a reservation.
if [ -z "${IN_NETNS-}" ]; then
	modprobe portres || exit 1
	trap 'rmmod portres' EXIT
	IN_NETNS=1 unshare --net "$0"
	exit
fi

# shellcheck source=tests/lib/shell.sh
. "$(dirname "$(readlink -f "$0")")/../lib/shell.sh"
ip link set lo up
bare="setpriv --bounding-set -net_admin --inh-caps -net_admin"
associate=$(dirname "$(readlink -f "$0")")/man-portres.7-1

portres add udp 5000 >/dev/null 2>&1
for words in "add udp 6000" "del udp 5000" "add udp 5000"; do
	# shellcheck disable=SC2086
	refused "CAP_NET_ADMIN over the network namespace: try again with sudo" \
		setpriv --reuid 4001 --regid 4001 --clear-groups portres $words
	# shellcheck disable=SC2086
	refused "CAP_NET_ADMIN, which this root lacks: give it to the container" \
		$bare portres $words
	# shellcheck disable=SC2086
	refused "CAP_NET_ADMIN in the user namespace that owns this network namespace: run it there" \
		setpriv --reuid 4001 --regid 4001 --clear-groups unshare --user --map-root-user \
		portres $words
done

# As named does, or a unit with CapabilityBoundingSet=: root, but without CAP_NET_ADMIN.
token() {
	portres show "$1" -j | sed -n 's/.*"token":"\([^"]*\)".*/\1/p'
}
# shellcheck disable=SC2086
refused "cannot use the reservation: Permission denied" $bare "$associate" "$(token 5000)"
portres del udp 5000
portres add udp 5000 user root >/dev/null 2>&1
# shellcheck disable=SC2086
tap_run 0 "with \"user root\" it may" $bare "$associate" "$(token 5000)"
tap_is "$tap_output" 5000 "and has the port"
# shellcheck disable=SC2086
tap_run 0 "and is told the token" $bare portres show 5000
has "it is" "    token     0x"
tap_done
