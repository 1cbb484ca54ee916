#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# portres metrics, read by promtool and, number for number, here.
# shellcheck source=tests/lib/store.sh
. "$(dirname "$(readlink -f "$0")")/../lib/store.sh"

# shellcheck disable=SC2317 # tap_run calls it
promtool_takes() {
	portres metrics >"$work/metrics" && promtool check metrics <"$work/metrics"
}

tap_run 0 "nothing is reserved: promtool" promtool_takes
tap_is "$tap_output" "" "it finds nothing"
has_line() {
	tap_run 0 "a line: $1" grep -qxF "$1" "$work/metrics"
}
has_line "portres_reservations 0"

portres add udp 5000-5009 name 'a "quoted" \ name' for user 4000 >/dev/null
portres add udp 7000 >/dev/null
# shellcheck disable=SC2034 # a descriptor
coproc holder { exec -a viewer portres run --udp 8000-8003 -- sleep 600; }
helpers="$helpers $!"
# shellcheck disable=SC2317 # wait_for calls it
acquired() {
	portres show 8000 >/dev/null 2>&1
}
wait_for acquired
for _ in 1 2 3; do
	/usr/bin/python3 -c 'import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).bind(("", 7000))' 2>/dev/null
done
tap_run 0 "three reservations: promtool" promtool_takes
tap_is "$tap_output" "" "it finds nothing"
has_line "portres_reservations 3"
# shellcheck disable=SC1003 # no escape
has_line 'portres_reserved_ports{protocol="udp",first="5000",last="5009",kind="persistent",name="a \"quoted\" \\ name"} 10'
has_line 'portres_refused_binds_total{protocol="udp",first="7000",last="7000",kind="persistent",name=""} 3'
has_line 'portres_avoided_total{protocol="udp",first="7000",last="7000",kind="persistent",name=""} 0'
tap_is "$(grep -c '^portres_associated_sockets{.*first="8000",last="8003",kind="runtime"' "$work/metrics")" 1 \
	"a runtime reservation"
tap_run 2 "metrics -j" portres metrics -j
says "it has a format of its own" "leave -j out"

portres add tcp 7000-7010 name drbd for kernel >/dev/null
portres add both 7060 >/dev/null
/usr/bin/python3 -c 'import socket; socket.socket().bind(("", 7001))' 2>/dev/null
tap_run 0 "TCP as well: promtool" promtool_takes
tap_is "$tap_output" "" "it finds nothing"
has_line "portres_reservations 6"
has_line 'portres_refused_binds_total{protocol="tcp",first="7000",last="7010",kind="persistent",name="drbd"} 1'
for protocol in udp tcp; do
	has_line "portres_reserved_ports{protocol=\"$protocol\",first=\"7060\",last=\"7060\",kind=\"persistent\",name=\"\"} 1"
done
tap_is "$(grep -v '^#' "$work/metrics" | grep -cvE '^portres_[a-z_]+({[^}]*})? [0-9]+$')" 0 "no time stamps"
tap_done
