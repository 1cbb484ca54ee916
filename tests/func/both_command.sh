#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Blocks in both protocols: two reservations with one entry, made, changed, deleted and restored
# together or not at all.
# shellcheck source=tests/lib/store.sh
. "$(dirname "$(readlink -f "$0")")/../lib/store.sh"
# shellcheck source=tests/lib/grants.sh
. "$(dirname "$(readlink -f "$0")")/../lib/grants.sh"
# shellcheck source=tests/lib/tcp.sh
. "$(dirname "$(readlink -f "$0")")/../lib/tcp.sh"

# blocks: what the kernel has, with protocols, in one line.
blocks() {
	portres show -j 2>/dev/null | /usr/bin/python3 -c 'import json, sys
print(*("{protocol}:{first}-{last}".format(**r) for r in json.load(sys.stdin)))'
}

# files: what there is in the store, in one line.
files() {
	(cd "$state" && find . -mindepth 1 -maxdepth 1 ! -name .lock ! -name netns -printf '%f\n' | sort |
		paste -s -d' ')
}

# printed: the last output without tokens.
# shellcheck disable=SC2001 # each line
printed() {
	echo "$tap_output" | sed 's/ token.*//'
}

tap_run 0 "add" portres add both 5060 name SIP for user 4000
tap_is "$(printed)" "udp 5060 for user 4000 name SIP
tcp 5060 for user 4000 name SIP" "prints two reservations"
tap_is "$(files)" "both-5060-5060" "and stores one entry"
tap_is "$(cat $state/both-5060-5060)" 'both 5060 for user 4000 name "SIP"' "with one line"
turned_away "UDP is refused" 5060
tcp_refused "TCP is refused" 5060
admitted "UDP is granted" 5060 as_user
tcp_admitted "TCP is granted" 5060 as_user
tap_run 3 "exactly that again" portres add both 5060 name SIP for user 4000
has "is said" "portres: both 5060 is already reserved exactly so: nothing was changed"
refused "both 5060 is already reserved for others" portres add both 5060 name SIP
refused "cannot reserve both 5060-5061: it overlaps udp 5060 (SIP), tcp 5060 (SIP); delete those first" \
	portres add both 5060-5061
refused "cannot reserve tcp 5060-5061: it overlaps tcp 5060 (SIP); delete that first" portres add tcp 5060-5061
for protocol in udp tcp; do
	half="$protocol 5060 is one half of a reservation in both protocols: use \"portres"
	refused "$half del both 5060\"" portres del $protocol 5060
	refused "$half set both 5060\"" portres set $protocol 5060 name x
	refused "$half replace both 5060\"" portres replace $protocol 5060 name x
done
tap_is "$(blocks) $(files)" "udp:5060-5060 tcp:5060-5060 both-5060-5060" "nothing was changed"

tokens() {
	portres show "$1" -j | /usr/bin/python3 -c 'import json, sys
print(*(r["token"] for r in json.load(sys.stdin)))'
}
before=$(tokens 5060)
tap_run 0 "set" portres set both 5060 range 5060-5061 name SIP2 for kernel
tap_is "$(printed)" "udp 5060-5061 for kernel name SIP2
tcp 5060-5061 for kernel name SIP2" "changes both"
tap_is "$(tokens 5060)" "$before" "which are the same as before"
tap_is "$(files) $(cat $state/both-5060-5061)" 'both-5060-5061 both 5060-5061 for kernel name "SIP2"' "the entry is that"
hold 5062
refused "has a UDP socket bound to 127.0.0.1:5062" portres set both 5060-5061 range 5060-5062 name x
release
tcp_hold listens 5062
refused "has a TCP socket that listens on 127.0.0.1:5062" portres set both 5060-5061 range 5060-5062 name x
release
tap_is "$(blocks) $(files)" "udp:5060-5061 tcp:5060-5061 both-5060-5061" "neither is changed if one cannot be"
tap_is "$(portres show -j | grep -c '"name":"SIP2"')" 2 "nor the name of one"
tap_run 0 "replace" portres replace both 5060-5061 name SIP for user 4000
tap_is "$(cat $state/both-5060-5061)" 'both 5060-5061 for user 4000 name "SIP"' "is stored"
tap_run 0 "replace what is not there" portres replace both 5070 name new
tap_is "$(files)" "both-5060-5061 both-5070-5070" "makes it"
tap_run 0 "del" portres del both 5070
refused "both 5070 is not reserved" portres del both 5070
refused "no reservation in both protocols of exactly these ports: delete the whole of udp 5060-5061 (SIP), tcp 5060-5061 (SIP)" \
	portres del both 5060

# All or nothing, also at a restore.
reboot
tcp_hold listens 5061
tap_run 1 "restore beside a socket of TCP" portres restore
has "says why" "$state/both-5060-5061:1: cannot reserve both 5060-5061: python3[$holder] has a TCP socket that listens on 127.0.0.1:5061"
tap_is "$(blocks)" "" "and reserves neither"
release
hold 5060
tap_run 1 "restore beside a socket of UDP" portres restore
has "says why" "$state/both-5060-5061:1: cannot reserve both 5060-5061: python3[$holder] has a UDP socket bound to 127.0.0.1:5060"
tap_is "$(blocks)" "" "and reserves neither"
tap_run 1 "a dry run" portres restore --dry-run
has "predicts it" "0 would be reserved, 0 already active, 1 would fail"
tap_run 1 "add" portres add both 5060
tap_is "$(blocks) $(files)" " both-5060-5061" "reserves neither"
release
tap_run 0 "a dry run" portres restore --dry-run
has "predicts it" "would reserve both 5060-5061 for user 4000 name SIP from $state/both-5060-5061:1"
tap_run 0 "restore" portres restore
has "is one line" "reserved both 5060-5061 for user 4000 name SIP from $state/both-5060-5061:1"
tap_is "$(blocks)" "udp:5060-5061 tcp:5060-5061" "and two reservations"
tap_run 0 "restore" portres restore
has "once more" "0 reserved, 1 already active, 0 failed"
tap_run 0 "del" portres del both 5060-5061
tap_is "$(blocks)$(files)" "" "nothing is left"

# Two reservations with an entry for each are no reservation in both.
portres add udp 5080 >/dev/null && portres add tcp 5080 >/dev/null
refused "cannot reserve both 5080: it overlaps udp 5080, tcp 5080" portres add both 5080
refused "delete the whole of udp 5080, tcp 5080" portres del both 5080
refused "udp 5080, tcp 5080" portres set both 5080 name x
tap_is "$(files)" "tcp-5080-5080 udp-5080-5080" "they stay"
tap_run 0 "one of them" portres del udp 5080
tap_run 0 "and the other" portres del tcp 5080

# Declared: not stored.
echo 'both 5090 name declared' >/etc/portres.d/both.conf
tap_run 0 "restore" portres restore
refused "tcp 5090 is one half of a reservation in both protocols" portres del tcp 5090
tap_run 0 "set" portres set both 5090 name changed
has "warns" "the block is declared in /etc/portres.d/both.conf:1"
tap_is "$(files)" "" "stores nothing"
tap_run 0 "restore" portres restore
has "changes it back" "changed both 5090 name declared from /etc/portres.d/both.conf:1"
tap_is "$(portres show -j | grep -c '"name":"declared"')" 2 "in both"
tap_run 0 "del" portres del both 5090
has "warns" "the block is declared in /etc/portres.d/both.conf:1: the next restore or boot reserves it again"
tap_is "$(blocks)" "" "deletes both"
portres add udp 5091 name stored >/dev/null
echo 'both 5091 name declared' >/etc/portres.d/both.conf
tap_run 1 "restore beside an entry for one half" portres restore
has "it is in the way" "/etc/portres.d/both.conf:1: both 5091 overlaps udp 5091 (stored) from $state/udp-5091-5091:1"
tap_is "$(blocks)" "udp:5091-5091" "and stays alone"
portres del udp 5091
rm /etc/portres.d/both.conf

# One half, as a crash between two requests leaves it: the next change deletes it.
for leftover in .add .old; do
	portres add tcp 5095 >/dev/null
	rm $state/tcp-5095-5095
	: >$state/$leftover-both-5095-5095
	tap_run 0 "another creation" portres add udp 6000
	tap_is "$(blocks) $(files)" "udp:6000-6000 udp-6000-6000" "deletes a half that $leftover tells of"
	portres del udp 6000
	portres add tcp 5095 >/dev/null
	: >$state/$leftover-both-5095-5095
	tap_run 0 "another creation" portres add udp 6000
	tap_is "$(blocks) $(files)" "tcp:5095-5095 udp:6000-6000 tcp-5095-5095 udp-6000-6000" \
		"leaves one that has an entry of its own"
	portres del udp 6000
	portres del tcp 5095
done

tap_run 0 "in a namespace without a name" unshare --net sh -c \
	'portres add both 5060 && portres del udp 5060 && portres show -j'
has "each is deleted alone" '"protocol":"tcp","first":5060'
tap_run 1 "all or nothing there" unshare --net sh -c 'portres add udp 5060 && portres add both 5060'
tap_run 0 "in one with a name" sh -c 'ip netns add blue && ip netns exec blue portres add both 5060'
tap_is "$(ls $state/netns/blue)" "both-5060-5060" "it has a store"
ip netns del blue

# A block of both for a program.
# shellcheck disable=SC2016
tap_run 0 "run" portres run --udp 4 --tcp 4 -- sh -c 'echo $PORTRES_FIRST-$PORTRES_LAST; portres show -j'
tap_is "$(tail -n +2 <<<"$tap_output" | /usr/bin/python3 -c 'import json, sys
x = json.load(sys.stdin)
print([(r["protocol"], r["tree"]) for r in x], len({(r["first"], r["last"]) for r in x}), x[0]["count"])')" \
	"[('udp', True), ('tcp', True)] 1 4" "has the same block in both"
tap_run 0 "run with a range" portres run --udp 5000-5003 --tcp 5000-5003 -- "$work/bind" udp 5001
tap_run 0 "run with a range" portres run --udp 5000-5003 --tcp 5000-5003 -- "$work/bind" tcp 5001
tap_run 0 "run with TCP alone" portres run --tcp 5000-5003 -- sh -c "\"$work/bind\" tcp 5000 && echo {first}-{last}"
tap_is "$tap_output" "5000-5003" "has the ports"
wait_for sh -c '! portres show -j | grep -q first'
echo 40000 40019 >/proc/sys/net/ipv4/ip_local_port_range
hold 40002
udp=$holder
tcp_hold bound 40007
tap_run 0 "run where blocks are free in one protocol alone" portres run --udp 5 --tcp 5 -- echo '{first}'
tap_is "$tap_output" 40008 "finds the first that is free in both"
tap_run 125 "run where none is" portres run --udp 13 --tcp 13 -- true
says "says so" "no 13 free ports in a row in the ephemeral range that are free in both protocols: ask for fewer, or for a range"
tap_run 125 "run with a range that is in use in one" portres run --udp 40005-40009 --tcp 40005-40009 -- true
says "the message names both" "cannot reserve both 40005-40009: "
wait_for sh -c '! portres show -j | grep -q first'
tap_is "$(blocks)" "" "nothing is left of the search"
release
holder=$udp
release
tap_done
