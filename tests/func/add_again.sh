#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# "Reserve unless that was done already": portres add tells what stands exactly so from what is in
# the way. The example of portres(8) is run against each state that a script can meet.
# shellcheck source=tests/lib/store.sh
. "$(dirname "$(readlink -f "$0")")/../lib/store.sh"

tap_run 0 "add" portres add udp 5000-5009 name RTP user 4000
first=$(portres show 5000 -j)
content=$(cat $state/udp-5000-5009)
tap_run 3 "the same again" portres add udp 5000-5009 name RTP user 4000
has "it is said" "portres: udp 5000-5009 is already reserved exactly so: nothing was changed"
has "what stands is told, with its token" "udp 5000-5009 for user 4000 name RTP token 0x"
tap_run 3 "by other words for the same" portres add udp 5000+10 user 4000 name RTP
tap_is "$(portres show 5000 -j)" "$first" "nothing was changed in the kernel"
tap_is "$(cat $state/udp-5000-5009), $(stored)" "$content, udp-5000-5009" "nor in the store"
tap_is "$(portres add udp 5000-5009 name RTP user 4000 -j 2>/dev/null | cut -d, -f2-4)" \
	'"first":5000,"last":5009,"count":10' "JSON has it, too"

# Whatever differs is refused, and named.
refused "udp 5000-5009 is already reserved for others: use \"portres replace\" or \"portres set\"" \
	portres add udp 5000-5009 name RTP user 4001
refused "udp 5000-5009 is already reserved for others: use \"portres replace\" or \"portres set\"" \
	portres add udp 5000-5009 name RTP
refused "udp 5000-5009 is already reserved with another name: use \"portres replace\" or \"portres set\"" \
	portres add udp 5000-5009 user 4000
refused "udp 5000-5009 is already reserved with another name: use \"portres replace\" or \"portres set\"" \
	portres add udp 5000-5009 user 4000 name IAX2
for range in 5000-5008 5001-5009 5000-5010 4999-5009 5005 4000-6000; do
	refused "overlaps udp 5000-5009 (RTP)" portres add udp $range name RTP user 4000
done
tap_is "$(portres show 5000 -j)" "$first" "it is still as it was"
portres add udp 6000 >/dev/null
tap_run 3 "without name and user" portres add udp 6000
refused "udp 6000 is already reserved for others" portres add udp 6000 user 4000
refused "udp 6000 is already reserved with another name" portres add udp 6000 name x
# shellcheck disable=SC2086
refused "try again with sudo" setpriv --reuid 4001 --regid 4001 --clear-groups portres add udp 6000

# What was declared stands as well; what could not be restored does not.
echo 'udp 7000 name declared' >/etc/portres.d/one.conf
portres restore >/dev/null
tap_run 3 "what is declared stands" portres add udp 7000 name declared
tap_is "$(stored)" "udp-5000-5009 udp-6000-6000" "it is not stored as well"
rm /etc/portres.d/one.conf
reboot
tap_run 0 "what is only stored is reserved" portres add udp 5000-5009 name RTP user 4000
tap_run 3 "and then it stands" portres add udp 5000-5009 name RTP user 4000
tap_run 3 "in a namespace without a name" unshare --net sh -c \
	'portres add udp 5000 >/dev/null 2>&1; portres add udp 5000'

# The example as it stands in the page.
for range in 5000-5009 6000 7000; do
	portres del udp $range
done
example=$(sed -n 's/^\.Dl # \(portres add udp 5000-5009 .*\)/\1/p' /usr/share/man/man8/portres.8 |
	sed -e 's/\\(dq/"/g' -e 's/\\&//g' | grep 3)
tap_is "$(grep -c . <<<"$example")" 1 "portres(8) has an example for scripts"
tap_run 0 "the example where nothing stands" bash -c "$example"
tap_is "$(standing)" "5000-5009" "it reserves"
tap_run 0 "where that stands already" bash -c "$example"
tap_is "$(standing)" "5000-5009" "the block is reserved"
portres del udp 5000-5009
for range in 5000-5008 5009 4000-6000 5000-5009; do
	words="udp $range name other"
	# shellcheck disable=SC2086
	portres add $words >/dev/null
	tap_run 1 "where something else stands: $words" bash -c "$example"
	# shellcheck disable=SC2086
	portres del udp $range
done
hold 5003
tap_run 1 "where a port is in use" bash -c "$example"
release
tap_is "$(standing)" "" "and nothing is reserved then"
tap_done
