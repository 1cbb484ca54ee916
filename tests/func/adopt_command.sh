#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# portres add adopt: reserves a range that is in use; prints its sockets, which keep their ports; no
# other socket gets one from then on, also after a restore.
# shellcheck source=tests/lib/store.sh
. "$(dirname "$(readlink -f "$0")")/../lib/store.sh"
# shellcheck source=tests/lib/grants.sh
. "$(dirname "$(readlink -f "$0")")/../lib/grants.sh"

hold 5003
one=$holder
hold 5005 ::1
two=$holder
refused "python3[$one] has a UDP socket bound to 127.0.0.1:5003 (and 1 more)" \
	portres add udp 5000-5009
tap_run 0 "adopt" portres add udp 5000-5009 name RTP for user 4000 adopt
has "the reservation is printed" "udp 5000-5009 for user 4000 name RTP token 0x"
has "the first socket that stays" "portres: 127.0.0.1:5003 stays with python3[$one] until that closes the socket"
has "the second" "portres: [::1]:5005 stays with python3[$two] until that closes the socket"
tap_run 0 "without standard error" sh -c 'portres show 5003 -j'
tap_is "$(json '[(b["address"], b["pid"]) for b in x[0]["bound"]]')" \
	"[('127.0.0.1:5003', $one), ('[::1]:5005', $two)]" "they are still there"
turned_away "nobody new comes in" 5000
turned_away "not by the other address either" 5005
admitted "but the grantee" 5000 as_user
tap_is "$(cat $state/udp-5000-5009)" 'udp 5000-5009 for user 4000 name "RTP" adopt' "the word is stored"
reboot
tap_run 0 "restore while they live" portres restore --dry-run
has "it would be reserved" "1 would be reserved, 0 already active, 0 would fail"
tap_run 0 "restore while they live" portres restore
has "it is reserved" "1 reserved, 0 already active, 0 failed"
turned_away "nobody new comes in" 5000
holder=$one
release
turned_away "a port that they leave is reserved" 5003
admitted "for the grantee" 5003 as_user
tap_run 0 "declared" sh -c 'echo "udp 5010-5020 adopt" >/etc/portres.d/a.conf; portres restore'
tap_run 3 "exactly that again" portres add udp 5000-5009 name RTP for user 4000 adopt
tap_run 0 "a change keeps the word" portres set udp 5000-5009 name x
tap_is "$(cat $state/udp-5000-5009)" 'udp 5000-5009 for user 4000 name "x" adopt' "in the store"
tap_run 2 "twice" portres add udp 6000 adopt adopt
tap_done
