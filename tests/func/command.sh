#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The portres command against the module: what it prints, and every refusal in one sentence
# that says what to do.
if [ -z "${IN_NETNS-}" ]; then
	modprobe portres || exit 1
	trap 'rmmod portres' EXIT
	IN_NETNS=1 unshare --net "$0"
	exit
fi

# shellcheck source=tests/lib/shell.sh
. "$(dirname "$(readlink -f "$0")")/../lib/shell.sh"
ip link set lo up

stranger="setpriv --reuid 4001 --regid 4001 --clear-groups"
owner="setpriv --reuid 4000 --regid 4000 --clear-groups"

tap_run 0 "nothing" portres
tap_is "$tap_output" "Nothing is reserved." "it says so"
tap_run 0 "nothing in JSON" portres -j
tap_is "$tap_output" "[]" "is an empty array"

portres monitor >"$work/events" &
helpers="$helpers $!"
portres monitor -j >"$work/events.json" &
helpers="$helpers $!"
wait_for listening 2

# without what it says on standard error, that the namespace has no name
# shellcheck disable=SC2317 # tap_run calls it
add() {
	portres add "$@" 2>"$work/said"
}
tap_run 0 "add" add udp 5000-5009 name "Asterisk RTP" user 4000
says "the words of the command line and the token" \
	'udp 5000-5009 for user 4000 name "Asterisk RTP" token 0x'
tap_is "$(cat "$work/said")" \
	"portres: this network namespace has no name: the reservation ends with it" \
	"it says how long it lasts"
tap_run 0 "add in JSON" add udp 7000+3 -j
tap_is "$(json 'x["first"], x["last"], x["count"], x["owner"], x["name"], len(x["token"])')" \
	"(7000, 7002, 3, None, None, 18)" "its values"
tap_run 0 "the table" portres
tap_is "$tap_output" "PROTO  PORTS      COUNT  SOCKETS  REFUSED  AVOIDED  USER  PROCESS  FOR        NAME
udp    5000-5009     10        0        0        0  -     -        user 4000  Asterisk RTP
udp    7000-7002      3        0        0        0  -     -        -          -" "as people like to read it"
tap_run 0 "show in JSON" portres show udp -j
tap_is "$(json '[(r["first"], r["user"], r["name"], "bound" in r) for r in x]')" \
	"[(5000, '4000', 'Asterisk RTP', False), (7000, None, None, False)]" "its values"

refused "cannot reserve udp 5005-5014: it overlaps udp 5000-5009 (Asterisk RTP); delete that first or choose other ports" \
	portres add udp 5005-5014
refused "cannot reserve udp 4000-7000: it overlaps udp 5000-5009 (Asterisk RTP), udp 7000-7002; delete those first" \
	portres add udp 4000-7000
hold 6003 ::1
refused "python3[$holder] has a UDP socket bound to [::1]:6003; stop it or choose other ports" portres add udp 6000+10
refused "[::1]:6003" portres add udp 6003
ip link add vx type vxlan id 7 dev lo dstport 8472 && ip link set vx up
refused "the kernel has a UDP socket bound to" portres add udp 8472
refused "no reservation of exactly udp 5000-5001: delete the whole of udp 5000-5009 (Asterisk RTP)" \
	portres del udp 5000-5001
refused 'udp 9999 is not reserved: see "portres show"' portres del udp 9999
tap_run 2 "a name with a control character" portres add udp 9999 name $'a\tb'
says "it says so" "control character"
# shellcheck disable=SC2086
refused "try again with sudo" $stranger portres add udp 9999
# shellcheck disable=SC2086
refused "try again with sudo" $owner portres del udp 5000-5009
refused "CAP_NET_ADMIN" unshare --user --map-root-user portres add udp 9999

tap_run 1 "show a port that is not reserved" portres show 6000
says "it says so" "port 6000 is not reserved"
tap_run 1 "show a range in which nothing is reserved" portres show 6000-6999
says "it says so, too" "no port of 6000-6999 is reserved"

tap_run 0 "show a port" portres show 5003 -j
token=$(json 'x[0]["token"]')
/usr/bin/python3 -c 'import socket, struct, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_IP, 0x5052, struct.pack("=Q", int(sys.argv[1], 0)))
s.bind(("", 5004))
try:
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).bind(("", 5005))
except OSError:
    open(sys.argv[2], "w").close()
time.sleep(600)' "$token" "$work/bound" &
user=$!
helpers="$helpers $user"
wait_for test -e "$work/bound"
tap_run 0 "show the processes that use a reservation" portres show 5003
tap_is "$(sed -E 's/(refusals  )[^ ]* /\1TIME /' <<<"$tap_output")" "udp 5000-5009
    count     10
    sockets   1
    refused   1
    avoided   0
    user      -
    process   -
    for       user 4000
    name      Asterisk RTP
    token     $token
    refusals  TIME port 5005 process python3[$user] user root with EADDRINUSE times 1
    bound     0.0.0.0:5004 by python3[$user]" "as a paragraph"
# shellcheck disable=SC2086
tap_run 0 "a stranger looks" $stranger portres show 5003 -j
tap_is "$(json 'x[0]["token"], x[0]["bound"]')" \
	"(None, [{'address': '0.0.0.0:5004', 'port': 5004, 'state': None, 'peer': None, 'uid': 0, 'pid': None, 'command': None, 'holder': 'uid 0 (the process is not visible here, try as root)'}])" \
	"neither token nor process are told"
# shellcheck disable=SC2086
tap_run 0 "the owner looks" $owner portres show 5003 -j
tap_is "$(json 'x[0]["token"]')" "$token" "its token is told"

tap_is "$(portres --complete del udp "" | tr '\n' ' ')" "5000-5009 7000-7002 " \
	"completion knows what is reserved"
tap_run 0 "del" portres del udp 7000-7002
tap_is "$tap_output" "" "del says nothing"
for strange in $'a\377b' $'a\302\233b' $'a\177'; do
	tap_run 2 "a name that could paint the terminal" portres add udp 1 name "$strange"
done
tap_run 0 "a name of odd characters" add udp 1 name $'a\u202e\\'
says "is shown escaped" 'name a\xe2\x80\xae\\ token'

wait_for grep -q 'created udp 1 ' "$work/events"
tap_is "$(sed -e 's/^[^ ]* //' -e 's/\[[0-9]*\]/[]/' "$work/events")" "created udp 5000-5009 for user 4000 name \"Asterisk RTP\"
created udp 7000-7002
refused udp 5005 of 5000-5009 name \"Asterisk RTP\" process python3[] user root with EADDRINUSE times 1
deleted udp 7000-7002 by portres[] as root
created udp 1 name a\\xe2\\x80\\xae\\\\" "the monitor"
grep -qvE '^[0-9]{4}(-[0-9]{2}){2}T[0-9]{2}(:[0-9]{2}){2}[+-][0-9]{2}:[0-9]{2} ' "$work/events"
tap_is $? 1 "times are as in RFC 3339"
wait_for grep -q '"first":1,' "$work/events.json"
tap_output=$(paste -s -d, "$work/events.json")
tap_output="[$tap_output]"
tap_is "$(json '[(r["event"], r["first"], r["token"]) for r in x if r["event"] != "refused"]')" \
	"[('created', 5000, None), ('created', 7000, None), ('deleted', 7000, None), ('created', 1, None)]" \
	"the monitor in JSON"
tap_done
