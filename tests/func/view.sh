#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What the command shows of all ports together, the filters of show, and the words of ip(8); and
# the examples of portres(8) that look around.
# shellcheck source=tests/lib/store.sh
. "$(dirname "$(readlink -f "$0")")/../lib/store.sh"

cp /etc/passwd "$work/passwd"
echo 'relay:x:4007:4007::/:/bin/sh' >>"$work/passwd"
mount --bind "$work/passwd" /etc/passwd
legend="@ reserved and bound  # reserved  o bound  x ip_local_reserved_ports  ! privileged  ~ ephemeral  . none of these"

# drawn [COLUMNS]: the map, with dots and tildes counted, as most rows have nothing else.
# shellcheck disable=SC2317 # tap_run calls it
drawn() {
	COLUMNS=${1-80} portres map | sed -E ':a; s/(\.{4,})/{/; s/(~{4,})/}/; ta'
}
tap_run 0 "the map of nothing" drawn 200
tap_is "$tap_output" "udp: 0 ports reserved in 0 blocks, 0 bound
    0 !!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!{
 4096 {
 8192 {
12288 {
16384 {
20480 {
24576 {
28672 {
32768 }
36864 }
40960 }
45056 }
49152 }
53248 }
57344 }{
61440 {
$legend" "rows of 4096 ports"
tap_is "$(COLUMNS=200 portres map | sed -n 2p | tr -d '\n' | wc -c)" 200 "as wide as the terminal"
tap_is "$(COLUMNS=50 portres map | awk 'length > 50' | wc -l)" 0 "or as narrow"
tap_is "$(COLUMNS=50 portres map | grep -c '^ *[0-9]* [.~!]*$')" 16 "all rows are there"
# sized COLUMNS: how wide the first row is on a terminal that has so many.
sized() {
	COLUMNS=200 TERM=dumb /usr/bin/python3 -c 'import fcntl, os, pty, struct, sys, termios
child, terminal = pty.fork()
if not child:
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 25, int(sys.argv[1]), 0, 0))
    os.execvp("portres", ["portres", "map"])
drawn = b""
try:
    while data := os.read(terminal, 65536):
        drawn += data
except OSError:
    pass
print(len(drawn.splitlines()[1]))' "$1"
}
tap_is "$(sized 61)" 61 "the size of the terminal counts, not COLUMNS"
tap_is "$(sized 0)" 200 "or that, if the terminal has none"

portres add udp 5000-5999 name 'RTP relay' for user relay >/dev/null
portres add udp 8192-8255 name 'a name that is much too long for the place beside a row' >/dev/null
portres add udp 8300 for unit web.service >/dev/null
hold 9000
sysctl -q -w net.ipv4.ip_local_reserved_ports=64000-65535
tap_run 0 "the map" drawn
tap_is "$tap_output" "udp: 1065 ports reserved in 3 blocks, 1 bound
    0 !!!!!!!!!!!!{  5000-5999 RTP relay
 4096 {############{  8192-8255 a name that is..
 8192 ##{o{  8300
12288 {
16384 {
20480 {
24576 {
28672 {
32768 }
36864 }
40960 }
45056 }
49152 }
53248 }
57344 }{
61440 {xxxxxxxxxxxxxxxxxx
@ reserved and bound  # reserved  o bound  x ip_local_reserved_ports
! privileged  ~ ephemeral  . none of these" "blocks are named beside it"
tap_is "$(COLUMNS=50 portres map | tail -n 3)" "5000-5999 RTP relay
8192-8255 a name that is much too long for the p..
8300" "or below it, where it is narrow"
tap_is "$(COLUMNS=72 portres map | tail -n 1 | grep -c '8300')" 0 "but not both"
for port in {8400..8428..2}; do
	portres add udp "$port" >/dev/null
done
tap_is "$(COLUMNS=50 portres map | tail -n 2)" "8422
and 3 more" "sixteen lines of them at most"
for port in {8400..8428..2}; do
	portres del udp "$port"
done
# Connections of an earlier test have their ports for a minute.
for _ in {1..80}; do
	[ "$(ss -Htan state time-wait | wc -l)" -gt 0 ] || break
	sleep 1
done
tap_run 0 "of TCP" portres map tcp
has "it has nothing of UDP" "tcp: 0 ports reserved in 0 blocks, 0 bound"
# on_terminal WORD...: with standard output on a terminal; the words may set the environment.
# shellcheck disable=SC2317 # tap_run calls it
on_terminal() {
	env "${@}" /usr/bin/python3 -c 'import os, pty, sys
sys.exit(os.waitstatus_to_exitcode(pty.spawn(["portres", "map"])))' </dev/null
}
colour=$'\e[1;34m#\e[0m'
tap_run 0 "on a terminal" on_terminal TERM=xterm
has "it has colours" "$colour"
for words in TERM=dumb "TERM=xterm NO_COLOR=1"; do
	# shellcheck disable=SC2086 # words
	tap_run 0 "on one with $words" on_terminal $words
	tap_is "$(grep -c $'\e' <<<"$tap_output")" 0 "it has none"
done
tap_run 0 "in JSON" portres map -j
tap_is "$(json '[(b["first"], b["last"], b["count"], b["name"], b["runtime"]) for b in x["reserved"]][0], x["bound_ports"], x["reserved_and_bound"], x["ephemeral"], x["local_reserved"], x["privileged"]')" \
	"((5000, 5999, 1000, 'RTP relay', False), [{'first': 9000, 'last': 9000}], [], [{'first': 32768, 'last': 60999}], [{'first': 64000, 'last': 65535}], [{'first': 1, 'last': 1023}])" \
	"its values"
portres add udp 9000-9009 adopt >/dev/null 2>&1
tap_run 0 "reserved and bound" portres map -j
tap_is "$(json 'x["reserved_and_bound"]')" "[{'first': 9000, 'last': 9000}]" "its value"
tap_is "$(portres map | grep -c '@')" 2 "on the map, and beside it what that means"
portres del udp 9000-9009

# Room for more.
tap_run 0 "room" portres room 1000
tap_is "$tap_output" "62 blocks of 1000 udp ports fit; the largest gap has 56535: 9001-65535
PORTS       COUNT  BLOCKS  HAS PORTS THAT ARE
1-4999       4999       4  privileged
6000-8191    2192       2  -
9001-65535  56535      56  ephemeral, ip_local_reserved_ports" "where"
tap_run 0 "room in JSON" portres room udp 20000 -j
tap_is "$(json 'x["size"], x["blocks"], x["largest"], x["gaps"][0]["first"], x["blocks_without_runtime"], x["in_the_way"]')" \
	"(20000, 2, 56535, 9001, 2, [])" "its values"
tap_run 1 "no room" portres room 60000
tap_is "$tap_output" "0 blocks of 60000 udp ports fit; the largest gap has 56535: 9001-65535" "how much there is"
tap_run 0 "of TCP" portres room tcp 65535
has "it has all" "1 block of 65535 tcp ports fits"
portres run --udp 20000-20009 name viewer -- sleep 600 &
helpers="$helpers $!"
viewer=$!
# shellcheck disable=SC2317 # wait_for calls it
acquired() {
	portres show 20000 >/dev/null 2>&1
}
wait_for acquired
tap_run 1 "a runtime reservation" portres room 50000
tap_is "$(tail -n 2 <<<"$tap_output")" "1 would fit without the runtime reservations:
  20000-20009 of viewer[$viewer]" "is in the way"
tap_run 0 "in JSON" portres room 30000 -j
tap_is "$(json 'x["blocks"], x["blocks_without_runtime"], x["in_the_way"]')" "(1, 1, [])" \
	"what does not matter is not in the way"
others=
for block in 20010-20019 6500-6509; do
	portres run --udp "$block" -- sleep 600 &
	helpers="$helpers $!"
	others="$others $!"
done
# shellcheck disable=SC2317 # wait_for calls it
count_is() {
	[ "$(portres show -j | /usr/bin/python3 -c 'import json, sys
print(sum(r["runtime"] for r in json.load(sys.stdin)))')" -eq "$1" ]
}
wait_for count_is 3
tap_run 1 "three runtime reservations" portres room 50000 -j
tap_is "$(json '[b["first"] for b in x["in_the_way"]]')" "[20000, 20010]" "two side by side are in the way"
tap_run 1 "in words" portres room 50000
tap_is "$(sed -nE 's/^  ([-0-9]+) of .*/\1/p' <<<"$tap_output" | paste -s -d ' ')" "20000-20009 20010-20019" "the same"
tap_run 0 "room for less" portres room 2000 -j
tap_is "$(json '[b["first"] for b in x["in_the_way"]]')" "[6500, 20000, 20010]" "the third one is in the way, too"
# shellcheck disable=SC2086 # words
kill $others
wait_for count_is 1

# Filters.
shown() {
	tap_run 0 "$*" portres "$@" -j
	json '" ".join(str(r["first"]) for r in x)'
}
tap_is "$(shown show for user relay | tail -n 1)" 5000 "for a user"
tap_is "$(shown show for user 0 | tail -n 1)" 20000 "for a user that acquired"
tap_is "$(shown show for unit web | tail -n 1)" 8300 "for a unit"
tap_is "$(shown show for unit web for user relay | tail -n 1)" "5000 8300" "for one of two"
tap_is "$(shown list udp name 'RTP*' | tail -n 1)" 5000 "by a pattern"
tap_is "$(shown show name '*' | tail -n 1)" "5000 8192" "by any name"
tap_is "$(shown show 8000-9000 name '*' | tail -n 1)" 8192 "in a range"
portres add udp 9000 adopt >/dev/null 2>&1
tap_is "$(shown show bound | tail -n 1)" 9000 "in use"
tap_run 0 "a table" portres list bound
tap_is "$(wc -l <<<"$tap_output")" 2 "of what is shown"
tap_run 1 "nothing" portres show name 'no*'
says "is like that" "no reservation is like that"
tap_run 1 "nothing in JSON" portres show -j bound for user relay
has "is an empty array" "[]"

# Pretty JSON is the same JSON.
for words in "show" "show 5000" "map" "room 5" "why udp 5000"; do
	# shellcheck disable=SC2086 # words
	tap_run 0 "portres -p $words" portres -p $words
	tap_is "$(head -c 2 <<<"$tap_output" | tr '\n' _)" "$(case $words in show*) echo '[_' ;; *) echo '{_' ;; esac)" \
		"it is indented: $words"
	pretty=$(json 'x')
	# shellcheck disable=SC2086 # words
	tap_output=$(portres -j $words)
	tap_is "$pretty" "$(json 'x')" "it is the same: $words"
done
tap_run 0 "delete" portres delete udp 8300

# TCP has ports of its own, and blocks of its own.
portres add tcp 7000-7010 name drbd for kernel >/dev/null
portres del udp 8192-8255
portres add both 8192-8200 name SIP for user relay >/dev/null
# shellcheck disable=SC2034 # a descriptor
coproc listener { exec /usr/bin/python3 -c 'import socket, time
heard = socket.socket()
heard.bind(("127.0.0.1", 9100))
heard.listen()
print(flush=True)
time.sleep(600)'; }
helpers="$helpers $!"
read -r -u "${listener[0]}"
portres add tcp 9100-9109 adopt >/dev/null 2>&1
tap_run 0 "the map of TCP" portres map tcp
has "has the blocks of TCP" "tcp: 30 ports reserved in 3 blocks, 1 bound"
tap_is "$(portres map tcp -j | /usr/bin/python3 -c 'import json, sys
print([r["first"] for r in json.load(sys.stdin)["reserved"]])')" "[7000, 8192, 9100]" "no others"
tap_run 0 "room for TCP" portres room tcp 7000
tap_is "$tap_output" "8 blocks of 7000 tcp ports fit; the largest gap has 56426: 9110-65535
PORTS       COUNT  BLOCKS  HAS PORTS THAT ARE
9110-65535  56426       8  ephemeral, ip_local_reserved_ports" "where"
tap_is "$(shown show tcp for kernel | tail -n 1)" 7000 "TCP, for a grantee"
tap_is "$(shown show tcp bound | tail -n 1)" 9100 "TCP, in use"
tap_is "$(shown show name SIP | tail -n 1)" "8192 8192" "both, by a name"
tap_is "$(shown show udp name SIP | tail -n 1)" 8192 "one of both"
tap_is "$(shown show tcp 7000-9000 for user relay | tail -n 1)" 8192 "TCP, in a range"
tap_run 1 "nothing of TCP" portres show tcp 5000
has "it says so" "tcp port 5000 is not reserved"
tap_run 0 "nothing is missing" portres show
tap_is "$(grep -c 'not active' <<<"$tap_output")" 0 "of what is in both"
portres del both 8192-8200
portres del tcp 7000-7010
portres del tcp 9100-9109

# The page's examples that change nothing, as they are.
examples=0
while read -r line; do
	examples=$((examples + 1))
	# shellcheck disable=SC2086 # words
	tap_run 0 "portres(8): $line" sh -c "${line//\\(dq/\"}"
done < <(sed -n '/^\.Ss Asking why/,/^\.Ss Telling/s/^\$ \(portres .*\)/\1/p' /usr/share/man/man8/portres.8)
tap_is "$examples" 7 "examples of the page were tried"
tap_done
