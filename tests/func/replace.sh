#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# portres replace: the words describe the whole reservation, so a script can run it repeatedly.
# shellcheck source=tests/lib/store.sh
. "$(dirname "$(readlink -f "$0")")/../lib/store.sh"
# shellcheck source=tests/lib/grants.sh
. "$(dirname "$(readlink -f "$0")")/../lib/grants.sh"

tap_run 0 "what is not there" portres replace udp 5000-5009 name RTP for user 4000
has "is made" "udp 5000-5009 for user 4000 name RTP token 0x"
first=$(portres show 5000 -j)
time=$(stat -c %Y.%i $state/udp-5000-5009)
tap_run 0 "the same again" portres replace udp 5000-5009 name RTP for user 4000
tap_is "$(portres show 5000 -j)" "$first" "nothing was changed"
tap_is "$(stored)" "udp-5000-5009" "nor in the store ($time)"
tap_run 0 "with something else" portres replace udp 5000-5009 for unit x
has "what is not named is gone" "udp 5000-5009 for unit x.service token 0x"
tap_is "$(cat $state/udp-5000-5009)" "udp 5000-5009 for unit x.service" "in the store, too"
tap_is "$(portres show 5000 -j | grep -o '"token":"[^"]*"')" "$(grep -o '"token":"[^"]*"' <<<"$first")" \
	"it is the same reservation"
tap_run 0 "with nothing" portres replace udp 5000-5009
tap_is "$(cat $state/udp-5000-5009)" "udp 5000-5009" "nothing is left"
for range in 5000-5008 5001-5009 5000-5010 4999-5009 5005; do
	refused "overlaps udp 5000-5009" portres replace udp $range
done
refused "try again with sudo" as_stranger portres replace udp 5000-5009 name x
hold 6000
refused "python3[$holder] has a UDP socket bound to 127.0.0.1:6000" portres replace udp 6000
tap_run 0 "that adopts" portres replace udp 6000 adopt for user 4000
has "names the process whose socket stays" "127.0.0.1:6000 stays with python3[$holder] until that closes the socket"
tap_run 0 "again" portres replace udp 6000 adopt for user 4000
release
tap_run 0 "without the word" portres replace udp 6000 for user 4000
tap_is "$(cat $state/udp-6000-6000)" "udp 6000 for user 4000" "it is gone from the store"
tap_run 0 "in a namespace without a name" unshare --net sh -c \
	'portres replace udp 5000 name a; portres replace udp 5000 name b'
has "it is done" "udp 5000 name b token 0x"
tap_run 1 "what a process acquired" portres run --udp 9000-9000 -- portres replace udp 9000
has "is refused" "it overlaps udp 9000"
tap_done
