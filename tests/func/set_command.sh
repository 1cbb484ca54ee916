#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# portres set: changes what is named and nothing else; no port of both blocks is free in between.
# shellcheck source=tests/lib/store.sh
. "$(dirname "$(readlink -f "$0")")/../lib/store.sh"
# shellcheck source=tests/lib/grants.sh
. "$(dirname "$(readlink -f "$0")")/../lib/grants.sh"

token() {
	portres show "$1" -j | grep -o '"token":"[^"]*"'
}

portres monitor >"$work/events" &
helpers="$helpers $!"
portres monitor -j >"$work/events.json" &
helpers="$helpers $!"
wait_for listening 2
portres add udp 5000-5009 name RTP for user 4000 >/dev/null
token=$(token 5000)
"$work/bind" udp 5000 2>/dev/null
tap_run 0 "a name" portres set udp 5000-5009 name "other name"
has "prints what is now" 'udp 5000-5009 for user 4000 name "other name" token 0x'
tap_is "$(cat $state/udp-5000-5009)" 'udp 5000-5009 for user 4000 name "other name"' "it is stored"
tap_is "$(token 5000), $(portres show 5000 -j | grep -o '"refused":[0-9]*')" "$token, \"refused\":1" \
	"token and count stay"
tap_run 0 "grantees" portres set udp 5000-5009 for user 4001 for kernel
admitted "the new one binds" 5005 as_stranger
turned_away "the old one does not" 5005 as_user
tap_run 0 "nobody" portres set udp 5000-5009 for nobody
has "prints what is now" 'udp 5000-5009 name "other name" token 0x'
turned_away "nobody binds" 5005 as_stranger
tap_is "$(cat $state/udp-5000-5009)" 'udp 5000-5009 name "other name"' "it is stored"
tap_run 0 "the old word" portres set udp 5000-5009 user 4000
admitted "the user binds" 5005 as_user
tap_run 0 "grow" portres set udp 5000-5009 range 5000-5019
tap_is "$(standing), $(stored)" "5000-5019, udp-5000-5019" "kernel and store have the new block"
turned_away "a port that came" 5015
tap_run 0 "shrink and move" portres set udp 5000-5019 range 5010-5024 name moved for user 4000 for unit x
tap_is "$(standing), $(stored)" "5010-5024, udp-5010-5024" "kernel and store have the new block"
tap_is "$(cat $state/udp-5010-5024)" 'udp 5010-5024 for user 4000 for unit x.service name "moved"' "it is stored"
tap_is "$(token 5010)" "$token" "it is the same reservation"
admitted "a port that went" 5005 as_stranger
wait_for grep -q moved "$work/events"
tap_is "$(grep -c ' changed udp ' "$work/events")" 7 "the monitor tells each step"
tap_is "$(grep -c 'changed udp 5010-5024 .*name moved.* was 5000-5024' "$work/events")" 1 "the blocks"
tap_is "$(grep -c '"event":"changed"' "$work/events.json")" 7 "in JSON"

# What is refused changes nothing.
portres add udp 6000-6009 name beside >/dev/null
refused "it overlaps udp 6000-6009 (beside)" portres set udp 5010-5024 range 5010-6000
hold 5030
before=$(portres -j; cat $state/udp-*)
refused "cannot reserve udp 5010-5040: python3[$holder] has a UDP socket bound to 127.0.0.1:5030" \
	portres set udp 5010-5024 range 5010-5040
refused "does not overlap the present one" portres set udp 5010-5024 range 7000-7009
refused "no reservation of exactly udp 5010-5011: change the whole of udp 5010-5024 (moved)" \
	portres set udp 5010-5011 name x
refused "udp 8000 is not reserved" portres set udp 8000 name x
refused "try again with sudo" as_stranger portres set udp 5010-5024 name x
refused "try again with sudo" as_user portres set udp 5010-5024 name x
tap_run 2 "nothing named" portres set udp 5010-5024
tap_is "$(portres -j; cat $state/udp-*)" "$before" "nothing was changed"
release
tap_run 0 "once the port is free" portres set udp 5010-5024 range 5010-5040

# A declaration is not changed, and an entry beside it would stay.
echo 'udp 7000 name declared' >/etc/portres.d/a.conf
portres restore >/dev/null
tap_run 0 "of what is declared" portres set udp 7000 for user 4000
has "says that it does not last" "declared in /etc/portres.d/a.conf:1: the next restore or boot brings back what is declared there"
tap_is "$(stored)" "udp-5010-5040 udp-6000-6009" "it is not stored"
admitted "the user binds" 7000 as_user
portres restore >/dev/null
turned_away "until then" 7000 as_user
rm /etc/portres.d/a.conf

# Without a place to be kept; and a block that a process acquired.
tap_run 0 "in a namespace without a name" unshare --net sh -c \
	'portres add udp 5000 >/dev/null 2>&1; portres set udp 5000 range 5000-5001 name x'
has "it is done" "udp 5000-5001 name x token 0x"
# shellcheck disable=SC2016
tap_run 1 "of a runtime reservation" portres run --udp 9000-9001 -- sh -c \
	'exec portres set udp $PORTRES_FIRST-$PORTRES_LAST name x'
has "is refused" "a process acquired the block: only the process can give it up"

# After a crash between the two entries the new one counts.
reboot
printf 'udp 6000-6009 name old\n' >$state/udp-6000-6009
printf 'udp 6005-6014 name new was 6000-6009\n' >$state/udp-6005-6014
tap_run 0 "restore after a crash" portres restore
tap_is "$(standing)" "5010-5040 6005-6014" "the new block is reserved"
tap_run 0 "a change ends it" portres set udp 6005-6014 name newer
tap_is "$(stored), $(cat $state/udp-6005-6014)" "udp-5010-5040 udp-6005-6014, udp 6005-6014 name \"newer\"" \
	"the old entry is gone"
# The kernel was not told before the crash.
portres del udp 6005-6014
portres add udp 6000-6009 name old >/dev/null
printf 'udp 6005-6014 name new was 6000-6009\n' >$state/udp-6005-6014
tap_run 0 "restore after a crash without a reboot" portres restore
has "changes the block" "changed udp 6005-6014 name new"
tap_is "$(standing)" "5010-5040 6005-6014" "the new block is reserved"
tap_run 0 "it can be deleted" portres del udp 6005-6014
tap_is "$(stored)" "udp-5010-5040" "and the old one does not come back"
tap_done
