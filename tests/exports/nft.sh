#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Source NAT takes a reserved port, and what is sent to its owner goes to a container; with the
# rules of portres export nft it does not.
# shellcheck source=tests/lib/store.sh
. "$(dirname "$(readlink -f "$0")")/../lib/store.sh"

scene=$(dirname "$(readlink -f "$0")")/scene.py

# A container behind this machine, and somebody outside.
ip netns add box || bail
ip netns add outside || bail
ip link add box0 type veth peer name eth0 netns box
ip link add out0 type veth peer name eth0 netns outside
ip address add 10.0.1.1/24 dev box0 && ip address add 10.0.2.1/24 dev out0
ip address add fd01::1/64 dev box0 nodad && ip address add fd02::1/64 dev out0 nodad
ip link set box0 up && ip link set out0 up
for there in box:1 outside:2; do
	net=${there#*:}
	ip -n "${there%:*}" link set lo up
	ip -n "${there%:*}" address add "10.0.$net.2/24" dev eth0
	ip -n "${there%:*}" address add "fd0$net::2/64" dev eth0 nodad
	ip -n "${there%:*}" link set eth0 up
	ip -n "${there%:*}" route add default via "10.0.$net.1"
	ip -n "${there%:*}" -6 route add default via "fd0$net::1"
done
sysctl -q -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
# As Docker and libvirt have it, here for both families.
nft -f - <<'END' || bail
table inet others {
	chain postrouting {
		type nat hook postrouting priority srcnat; policy accept;
		ip saddr 10.0.1.0/24 oifname "out0" masquerade
		ip6 saddr fd01::/64 oifname "out0" masquerade
	}
}
END

portres add both 5000-5009 for user 0 >/dev/null
for family in 4 6; do
	tap_run 0 "without the rules, IPv$family" "$scene" "$family" 7000
	tap_is "$tap_output" "the flow gets port 5004 with packet 1
a packet for the owner goes to the container" "NAT takes a reserved port, IPv$family"
	tap_run 0 "a connection without the rules, IPv$family" "$scene" "$family" 7100 tcp
	tap_is "$tap_output" "the connection gets port 5004" "NAT takes it for a connection, IPv$family"
done

portres export nft >"$work/rules"
tap_run 0 "nft takes the rules" nft -f "$work/rules"
tap_is "$tap_output" "" "and says nothing"
tap_run 0 "a second time" nft -f "$work/rules"
for family in 4 6; do
	tap_run 0 "with the rules, IPv$family" "$scene" "$family" 7001
	tap_is "${tap_output/port [0-9]* with/port ELSEWHERE with}" "the flow gets port ELSEWHERE with packet 2
a packet for the owner goes to the owner" "NAT keeps off, IPv$family"
	port=$(sed -n 's/.*port \([0-9]*\).*/\1/p' <<<"$tap_output")
	tap_is "$((port >= 1024 && (port < 5000 || port > 5009)))" 1 "IPv$family: port $port is not reserved"
	tap_run 0 "another flow from there, IPv$family" "$scene" "$family" 7002
	has "is known already, IPv$family" "with packet 1"
	has "and the owner keeps its port, IPv$family" "goes to the owner"
	tap_run 0 "a connection with the rules, IPv$family" "$scene" "$family" 7101 tcp
	port=$(sed -n 's/.*gets port \([0-9]*\)$/\1/p' <<<"$tap_output")
	tap_is "$((port >= 1024 && (port < 5000 || port > 5009)))" 1 "IPv$family: port $port is not reserved for TCP"
done
tap_run 0 "what the owner sends" "$scene" 4 7003 owner
tap_is "$tap_output" "the owner sends from port 5004" "leaves from its port"

# All of what masquerading may choose, and none.
portres add udp 1024-4999 >/dev/null
portres add udp 5010-65535 >/dev/null
portres export nft >"$work/rules"
tap_run 0 "everything is reserved: nft takes the rules" nft -f "$work/rules"
tap_run 0 "the flow" "$scene" 4 7004
has "gets no port" "the flow gets no port"
for block in "udp 1024-4999" "both 5000-5009" "udp 5010-65535"; do
	# shellcheck disable=SC2086 # words
	portres del $block
done
portres export nft >"$work/rules"
tap_run 0 "nothing is reserved: nft takes the rules" nft -f "$work/rules"
tap_run 0 "the flow" "$scene" 4 7005
has "passes at once" "with packet 1"
tap_run 0 "a connection" "$scene" 4 7105 tcp
has "passes" "the connection gets port"
tap_done
