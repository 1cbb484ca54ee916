#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Whose store it is: the machine's, that of a namespace with a name, nobody's; and what is said
# where that cannot be told.
# shellcheck source=tests/lib/store.sh
. "$(dirname "$(readlink -f "$0")")/../lib/store.sh"

blue=$state/netns/blue
ending="this network namespace has no name: the reservation ends with it"
stranger="setpriv --reuid 4001 --regid 4001 --clear-groups"

# blue COMMAND...: in the namespace, by its name.
blue() {
	ip netns exec blue "$@"
}

# A machine's and a named one: same ports, different places.
ip netns add blue
portres add udp 5000-5009 name machine >/dev/null
tap_run 0 "add in a named namespace" blue portres add udp 5000-5009 name blue
tap_is "$(cat $state/udp-5000-5009 $blue/udp-5000-5009)" \
	'udp 5000-5009 name "machine"
udp 5000-5009 name "blue"' "each has its own place"
case $tap_output in *"$ending"*) tap_ok 1 "it lasts" ;; *) tap_ok 0 "it lasts" ;; esac
tap_run 0 "the machine's restore" portres restore
has "does not see it" "0 reserved, 1 already active, 0 failed"
blue portres add udp 6000 >/dev/null
tap_run 0 "del in the named one" blue portres del udp 6000
tap_is "$(stored_in $blue)" "udp-5000-5009" "it is forgotten"

# The namespace goes and comes again.
ip netns del blue
ip netns add blue
tap_run 0 "a new namespace of that name" blue portres
has "has nothing but a place" "not active"
tap_run 0 "restore is one command" blue portres restore
has "in sum" "1 reserved, 0 already active, 0 failed"
ip netns del blue
ip netns add blue
tap_run 0 "restore from outside of ip netns exec" nsenter --net=/run/netns/blue portres restore
has "is the same" "1 reserved, 0 already active, 0 failed"

# Declarations of a namespace are where ip netns exec looks for its other files.
mkdir -p /etc/netns/blue/portres.d
echo 'udp 7000' >/etc/netns/blue/portres.d/blue.conf
echo 'udp 8000' >/etc/portres.d/machine.conf
echo 'udp 8100' >/usr/lib/portres.d/package.conf
tap_run 0 "declarations, by ip netns exec" blue portres restore
has "its own" "reserved udp 7000 from /etc/netns/blue/portres.d/blue.conf:1"
has "not the machine's" "1 reserved, 1 already active, 0 failed"
blue portres del udp 7000 >/dev/null 2>&1
tap_run 0 "declarations, from outside" nsenter --net=/run/netns/blue portres restore
has "are the same" "1 reserved, 1 already active, 0 failed"
tap_run 0 "the machine has its own" portres restore
has "in sum" "2 reserved, 1 already active, 0 failed"

# Two names for one namespace: the first one in order.
ip netns add green
ln /run/netns/green /run/netns/a-green 2>/dev/null ||
	{ touch /run/netns/a-green && mount --bind /run/netns/green /run/netns/a-green; }
ip netns exec green portres add udp 5000 >/dev/null
tap_is "$(stored_in $state/netns/a-green)" "udp-5000-5000" "of two names the first counts"

# Without a name nothing is written.
before=$(find $state | sort)
tap_run 0 "add in a namespace without a name" unshare --net portres add udp 9000
has "it is said" "portres: $ending"
tap_run 0 "restore there" unshare --net portres restore
has "it is said" "has no name: nothing is stored for it"
# shellcheck disable=SC2086
tap_run 0 "a user's own namespace" $stranger unshare --user --map-root-user --net \
	portres add udp 9000
has "it is said" "portres: $ending"
tap_is "$(find $state | sort)" "$before" "nothing is written"
unshare --net sh -c 'portres add udp 9000 2>/dev/null && portres del udp 9000 && portres' \
	>"$work/out" 2>&1
tap_is "$(tail -n 1 "$work/out")" "Nothing is reserved." "del there"

# Where it cannot be told, nothing is reserved. Privilege is judged before that.
refused "/proc/1/ns/net: Permission denied" setpriv --reuid 4001 --regid 4001 --clear-groups \
	--inh-caps +net_admin --ambient-caps +net_admin portres add udp 9100
refused "cannot identify the network namespace" \
	unshare --mount sh -c 'umount -l /proc; exec portres add udp 9100'
# shellcheck disable=SC2086
refused "try again with sudo" $stranger portres add udp 9100
tap_is "$(standing)" "5000-5009 8000-8000 8100-8100" "nothing more is reserved"
tap_run 1 "and nothing is kept" test -e $state/udp-9100-9100
umount /run/netns/a-green
rm -f /run/netns/a-green
tap_done
