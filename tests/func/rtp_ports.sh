#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The ways in which Asterisk and FreeSWITCH choose ports for calls, beside a hundred sockets that
# take what the kernel selects: without a reservation, with one for nobody, and for the server.
# shellcheck source=tests/lib/store.sh
. "$(dirname "$(readlink -f "$0")")/../lib/store.sh"
# shellcheck source=tests/lib/grants.sh
. "$(dirname "$(readlink -f "$0")")/../lib/grants.sh"

first=16384 last=16583
calls=40
program=$(dirname "$(readlink -f "$0")")/rtp_ports.py
range=/proc/sys/net/ipv4/ip_local_port_range
before=$(cat "$range")
echo "$first $((last + 100))" >"$range"

# begin_strangers: sets $inside to the number of their sockets that are in the server's range.
begin_strangers() {
	coproc strangers { as_stranger "$program" strangers "$first" "$last" 100; }
	# shellcheck disable=SC2154 # coproc sets it, for as long as it runs
	strangers_pid=$strangers_PID
	read -r inside <&"${strangers[0]}"
}

end_strangers() {
	eval "exec ${strangers[1]}>&-"
	wait "$strangers_pid"
}

# server WAY: the number of calls, for the wrapper in front of it.
server() {
	as_user "$program" "$1" "$first" "$last" "$calls"
}

begin_strangers
tap_ok $((inside == 0)) "without a reservation strangers have ports of the range: $inside"
tap_ok $(($(server freeswitch) == calls)) "... and calls fail"
end_strangers
portres add udp "$first-$last" name RTP >/dev/null
begin_strangers
tap_is "$inside" 0 "with a reservation they have none"
for way in asterisk freeswitch; do
	tap_is "$(server $way)" 0 "$way without a grant has no call"
done
portres set udp "$first-$last" for user 4000 >/dev/null
for way in asterisk freeswitch; do
	tap_is "$(server $way)" "$calls" "$way with a grant has all calls"
done
end_strangers
begin_strangers
tap_is "$inside" 0 "and strangers have no port of the range"
end_strangers
portres del udp "$first-$last"
# other tests follow in this namespace
echo "$before" >"$range"
tap_done
