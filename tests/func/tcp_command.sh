#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The command with TCP ports: beside UDP's, with a table, a store and messages of their own; and the
# sockets that prevent a creation, in each state that a TCP socket can have.
# shellcheck source=tests/lib/store.sh
. "$(dirname "$(readlink -f "$0")")/../lib/store.sh"
# shellcheck source=tests/lib/grants.sh
. "$(dirname "$(readlink -f "$0")")/../lib/grants.sh"
# shellcheck source=tests/lib/tcp.sh
. "$(dirname "$(readlink -f "$0")")/../lib/tcp.sh"

tap_run 0 "show, nothing is there" portres show tcp
tap_is "$tap_output" "No TCP port is reserved." "it says so"
tap_run 0 "add" portres add tcp 7000-7010 name drbd for user 4000
has "the reservation is printed" "tcp 7000-7010 for user 4000 name drbd token 0x"
tap_is "$(cat $state/tcp-7000-7010)" 'tcp 7000-7010 for user 4000 name "drbd"' "it is stored"
tap_run 3 "exactly that again" portres add tcp 7000-7010 name drbd for user 4000
has "is said" "portres: tcp 7000-7010 is already reserved exactly so: nothing was changed"
refused "cannot reserve tcp 7005-7020: it overlaps tcp 7000-7010 (drbd); delete that first" \
	portres add tcp 7005-7020
tcp_refused "a stranger" 7000
tcp_refused "nor another one of the block" 7010 as_stranger
tcp_admitted "the grantee" 7000 as_user
tcp_admitted "a port beside it" 7011
admitted "UDP is another protocol" 7000
tap_run 0 "the same ports of UDP" portres add udp 7000-7010 name other
turned_away "are reserved as well" 7000
tap_run 0 "show" portres show
tap_is "$(tr -s ' ' <<<"$tap_output" | cut -d ' ' -f 1-3)" "PROTO PORTS COUNT
udp 7000-7010 11
tcp 7000-7010 11" "both are listed"
tap_run 0 "show of TCP" portres show tcp -j
tap_is "$(json '[(r["protocol"], r["first"], r["last"], r["name"], r["refused"]) for r in x]')" \
	"[('tcp', 7000, 7010, 'drbd', 2)]" "is that of TCP, with what was refused"
tap_run 0 "show of UDP" portres show udp -j
tap_is "$(json '[(r["protocol"], r["name"]) for r in x]')" "[('udp', 'other')]" "that of UDP"
tap_run 0 "show of a port" portres show 7000 -j
tap_is "$(json '[r["protocol"] for r in x]')" "['udp', 'tcp']" "has both"
tap_run 0 "of one protocol" portres show tcp 7005 -j
tap_is "$(json '[r["protocol"] for r in x]')" "['tcp']" "has one"
tap_is "$(portres --complete del tcp "")" "7000-7010" "complete: blocks of TCP"
tap_is "$(portres --complete del both "")" "7000-7010" "complete: blocks that are in both"
tap_run 0 "del of UDP" portres del udp 7000-7010
tap_is "$(portres --complete del both "")" "" "complete: none is in both any more"
tap_is "$(portres --complete del udp "")" "" "complete: no block of UDP"
tap_run 1 "show of a port of UDP" portres show udp 7000
says "it is not reserved" "udp port 7000 is not reserved"
tcp_refused "TCP still is" 7000
tap_run 0 "set" portres set tcp 7000-7010 range 7000-7020 for kernel
has "is printed" "tcp 7000-7020 for kernel name drbd token 0x"
tcp_refused "a former grantee is refused" 7000 as_user
tap_run 0 "replace" portres replace tcp 7000-7020 name DRBD for user 4000
tap_is "$(cat $state/tcp-7000-7020)" 'tcp 7000-7020 for user 4000 name "DRBD"' "is stored"
reboot
tcp_admitted "nothing is reserved after a boot" 7000
tap_run 0 "restore" portres restore
has "brings it back" "tcp 7000-7020 for user 4000 name DRBD from $state/tcp-7000-7020:1"
tcp_refused "it is reserved" 7000
tap_run 0 "del" portres del tcp 7000-7020
refused 'tcp 7000-7020 is not reserved: see "portres show"' portres del tcp 7000-7020
tap_is "$(stored)" "" "nothing is stored"

# Which process prevents a creation, and what to do.
tcp_hold bound 7100
if [ "$(uname -r | cut -d. -f1)" -ge 7 ] || [ "$(uname -r | cut -d. -f2)" -ge 8 ]; then
	refused "cannot reserve tcp 7100-7101: python3[$holder] has a TCP socket bound to 127.0.0.1:7100; stop it or choose other ports" \
		portres add tcp 7100-7101
else
	# sock_diag has no sockets that are bound and nothing else: what the kernel says
	refused "is bound" portres add tcp 7100-7101
fi
tap_run 0 "UDP is free" portres add udp 7100-7101
portres del udp 7100-7101
release
tcp_hold listens 7100
refused "cannot reserve tcp 7100-7101: python3[$holder] has a TCP socket that listens on 127.0.0.1:7100; stop it or choose other ports" \
	portres add tcp 7100-7101
tap_run 0 "adopt" portres add tcp 7100-7101 adopt
has "names the process whose socket stays" "127.0.0.1:7100 stays with python3[$holder] until that closes the socket"
tap_run 0 "show" portres show 7100 -j
tap_is "$(json '[(b["address"], b["state"], b["peer"], b["pid"]) for b in x[0]["bound"]]')" \
	"[('127.0.0.1:7100', 'listens', None, $holder)]" "has its state"
portres del tcp 7100-7101
release
tcp_hold connected 7100
refused "cannot reserve tcp 7100-7101: python3[$holder] has a TCP connection from 127.0.0.1:7100 to 127.0.0.1:" \
	portres add tcp 7100-7101
release
# The end that was closed first is left in TIME_WAIT.
tcp_hold waits 7100
refused "cannot reserve tcp 7100-7101: a connection from 127.0.0.1:7100 to 127.0.0.1:" portres add tcp 7100-7101
says "what to do" "was closed and is in TIME_WAIT; wait a minute or choose other ports"
release
tcp_hold listens 7200
accepted=$holder
/usr/bin/python3 -c 'import socket, time
s = socket.create_connection(("127.0.0.1", 7200))
time.sleep(600)' &
helpers="$helpers $!"
wait_for sh -c 'ss -Htn state established dport = 7200 2>/dev/null | grep -q . || grep -q ":1C20 01" /proc/net/tcp || sleep 0.2'
refused "python3[$accepted] has a TCP socket that listens on 127.0.0.1:7200" portres add tcp 7200

# Dry runs predict it; each entry is restored for itself.
printf 'tcp 7200 name busy\ntcp 7300 name free\nudp 7200 name udp\n' >/etc/portres.d/tcp.conf
tap_run 1 "a dry run" portres restore --dry-run
has "what fails" "/etc/portres.d/tcp.conf:1: cannot reserve tcp 7200: python3[$accepted] has a TCP socket that listens"
has "what would not" "2 would be reserved, 0 already active, 1 would fail"
tap_run 1 "restore" portres restore
has "the same" "2 reserved, 0 already active, 1 failed"
tap_is "$(portres restore -j 2>/dev/null | /usr/bin/python3 -c 'import json, sys
print([(r["protocol"], r["first"], r["result"]) for r in map(json.loads, sys.stdin)])')" \
	"[('tcp', 7200, 'failed'), ('tcp', 7300, 'stands'), ('udp', 7200, 'stands')]" "JSON has the protocols"
rm /etc/portres.d/tcp.conf
portres del tcp 7300
portres del udp 7200

# What a process has acquired.
portres run --tcp 7500-7501 name relay -- sleep 600 &
helpers="$helpers $!"
relay=$!
wait_for sh -c 'portres show tcp 7500 >/dev/null 2>&1'
tap_run 0 "show the process that acquired it" portres show tcp 7500 -j
tap_is "$(json '[(r["protocol"], r["runtime"], r["tree"], r["process"], r["command"]) for r in x]')" \
	"[('tcp', True, True, $relay, 'relay')]" "with its process"
tcp_refused "a stranger" 7501
refused "cannot reserve tcp 7501: it overlaps tcp 7500-7501 (acquired by relay[$relay])" portres add tcp 7501
tap_run 125 "another one" portres run --tcp 7501-7502 -- true
says "the message names the process" "cannot reserve tcp 7501-7502: it overlaps tcp 7500-7501 (acquired by relay[$relay])"
refused "a process acquired the block" portres set tcp 7500-7501 name x
tap_run 0 "UDP is free" portres run --udp 7500-7501 -- true
tap_run 0 "del" portres del tcp 7500-7501
tcp_admitted "it is free" 7501
kill "$relay"

# Events.
portres monitor >"$work/events" 2>&1 &
helpers="$helpers $!"
wait_for listening 1
portres add tcp 7400 name x >/dev/null
portres set tcp 7400 range 7400-7401 >/dev/null
portres del tcp 7400-7401
wait_for grep -q deleted "$work/events"
tap_is "$(sed 's/^[^ ]* //; s/ by portres.*//' "$work/events")" "created tcp 7400 name x
changed tcp 7400-7401 name x was 7400
deleted tcp 7400-7401 name x" "monitor has the protocol"
tap_done
