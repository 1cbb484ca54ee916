#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Refused binds for an operator: as they happen, into a pipe and a file; in the details of a
# reservation; in the answer to why; avoided ports in the table and in metrics.
# shellcheck source=tests/lib/store.sh
. "$(dirname "$(readlink -f "$0")")/../lib/store.sh"

stranger="setpriv --reuid 4001 --regid 4001 --clear-groups"
cgroups=/sys/fs/cgroup
service=$cgroups/system.slice/thief.service
time='[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}[+-][0-9]{2}:[0-9]{2}'
chmod 777 "$work"
mkdir -p "$service"

# thief PORT [WRAPPER...]: tries to bind from a cgroup as systemd makes it; its number is in $thief.
# shellcheck disable=SC2016 # the shell in the cgroup expands it
thief() {
	local port=$1
	shift
	rm -f "$work/thief"
	sh -c 'echo $$ >"$1"; echo $$ >"$2"; shift 2; exec "$@"' - "$service/cgroup.procs" "$work/thief" \
		"$@" /usr/bin/python3 -c "import socket
try:
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).bind(('', $port))
except OSError:
    pass"
	thief=$(cat "$work/thief")
}

# The monitor joins the group of refusals last, which /proc does not show.
# shellcheck disable=SC2317 # wait_for calls it
told_of() {
	thief 7000
	[ "$(grep -c 'udp 7000' "$work/events")" -ge 1 ] && grep -q '"port":7000' "$work/objects" &&
		[ "$(grep -c 'udp 7000' "$work/piped")" -ge 1 ]
}

portres add udp 7000 >/dev/null
portres monitor >"$work/events" &
helpers="$helpers $!"
portres monitor -j >"$work/objects" &
helpers="$helpers $!"
mkfifo "$work/pipe"
cat "$work/pipe" >"$work/piped" &
helpers="$helpers $!"
portres monitor >"$work/pipe" &
helpers="$helpers $!"
wait_for told_of

portres add udp 5000-5009 name rtp >/dev/null
# shellcheck disable=SC2086 # words
thief 5003 $stranger
for place in events piped; do
	wait_for grep -q 'refused udp 5003' "$work/$place"
	tap_output=$(grep 'refused udp 5003' "$work/$place")
	tap_is "$(sed -E "s/^$time/TIME/" <<<"$tap_output")" \
		"TIME refused udp 5003 of 5000-5009 name rtp process python3[$thief] user 4001 unit thief.service with EADDRINUSE times 1" \
		"the monitor prints a line at once: $place"
done
wait_for grep -q '"port":5003' "$work/objects"
tap_output=$(grep '"port":5003' "$work/objects")
tap_is "$(json '(x["event"], x["protocol"], x["first"], x["last"], x["name"], x["process"], x["command"], x["uid"], x["unit"], x["cgroup"], x["errno"], x["times"])')" \
	"('refused', 'udp', 5000, 5009, 'rtp', $thief, 'python3', 4001, 'thief.service', '/system.slice/thief.service', 'EADDRINUSE', 1)" \
	"or an object"
tap_is "$(json 'x["process_start"] > 0')" True "with the start of the process"

thief 5004
tap_run 0 "show of the reservation" portres show 5000-5009
tap_is "$(sed -nE "s/^ +(refusals)? +$time/TIME/p" <<<"$tap_output" | LC_ALL=C sort | sed -E 's/\[[0-9]+\]/[PID]/')" \
	"TIME port 5003 process python3[PID] user 4001 unit thief.service with EADDRINUSE times 1
TIME port 5004 process python3[PID] user root unit thief.service with EADDRINUSE times 1" "the last ones of each process"
tap_run 0 "show -j" portres show 5000-5009 -j
tap_is "$(json 'sorted((r["port"], r["uid"], r["unit"], r["times"]) for r in x[0]["refusals"])')" \
	"[(5003, 4001, 'thief.service', 1), (5004, 0, 'thief.service', 1)]" "they are in JSON"
tap_run 0 "show -j of all" portres show -j
tap_is "$(json '["refusals" in r for r in x]')" "[False, False]" "a list does not have them"
# shellcheck disable=SC2086 # words
tap_run 0 "a stranger looks" $stranger portres show 5000-5009 -j
tap_is "$(json 'x[0]["refused"], x[0]["refusals"]')" "(2, [])" "and is told the number alone"
tap_run 0 "why" portres why udp 5000
tap_is "$(sed -nE "s/\[[0-9]+\]/[PID]/; s/ at $time\.\$/ at TIME./p" <<<"$tap_output" | grep ' was refused ')" \
	"python3[PID] of root, in thief.service, was refused udp port 5004 with EADDRINUSE at TIME.
python3[PID] of 4001, in thief.service, was refused udp port 5003 with EADDRINUSE at TIME." "it says which processes were refused"

# A unit of a user: in JSON that is apart, as in a grant.
service=$cgroups/user.slice/user-4007.slice/user@4007.service/app.slice/caddy.service
mkdir -p "$service"
portres add udp 5020 >/dev/null
thief 5020
tap_run 0 "why, in JSON" portres why udp 5020 -j
tap_is "$(json '[(r["unit"], r["of"]) for r in x["reservation"][0]["refusals"]]')" "[('caddy.service', 4007)]" \
	"a unit of a user, by name and by user"
tap_run 0 "why" portres why udp 5020
has "in words it is one" "in caddy.service of 4007, was refused udp port 5020"
portres del udp 5020
service=$cgroups/system.slice/thief.service

# Without privilege the monitor shows no refusals, and says so once.
# shellcheck disable=SC2086 # words
$stranger portres monitor >"$work/others" 2>"$work/note" &
helpers="$helpers $!"
wait_for test -s "$work/note"
portres add udp 7100 >/dev/null
wait_for grep -q 'created udp 7100' "$work/others"
tap_is "$(grep -c 'created udp 7100' "$work/others"), $(cat "$work/note")" \
	"1, portres: refused binds are not shown: that needs CAP_NET_ADMIN over the network namespace" \
	"a stranger's monitor shows changes"
tap_is "$(grep -c refused "$work/others")" 0 "and no refused binds"

sysctl -q -w net.ipv4.ip_local_port_range="5000 5010"
/usr/bin/python3 -c 'import socket
for i in range(50):
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).bind(("", 0))'
sysctl -q -w net.ipv4.ip_local_port_range="32768 60999"
tap_run 0 "avoided" portres show -j
tap_is "$(json 'x[0]["avoided"] > 20')" True "selections that left the block out are counted"
avoided=$(json 'x[0]["avoided"]')
tap_run 0 "metrics" portres metrics
has "and for Prometheus" \
	"portres_avoided_total{protocol=\"udp\",first=\"5000\",last=\"5009\",kind=\"persistent\",name=\"rtp\"} $avoided"

reboot
portres restore >/dev/null
# shellcheck disable=SC2317 # tap_run calls it
told_again() {
	thief 7000
	sed '1,/missed/d' "$work/events" | grep -q 'refused udp 7000'
}
wait_for told_again
tap_run 0 "the monitor goes on when the module was loaded again" told_again

tap_run 1 "no journal" portres monitor --journal
says "what to do" "cannot reach the journal"
tap_run 2 "--journal -j" portres monitor --journal -j
says "what to do" "leave -j out"
tap_run 2 "--journal of another command" portres show --journal
says "what it is for" "--journal works with monitor only"

# A journal of our own.
mkdir -p /run/systemd/journal
/usr/bin/python3 -c 'import os, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind("/run/systemd/journal/socket")
open(sys.argv[1] + "/ready", "w").close()
while True:
    data = s.recv(65536)
    with open(sys.argv[1] + "/journal", "ab") as file:
        file.write(data)' "$work" &
helpers="$helpers $!"
wait_for test -e "$work/ready"
portres monitor --journal >"$work/silent" 2>&1 &
helpers="$helpers $!"
# shellcheck disable=SC2317 # wait_for calls it
journal_told() {
	thief 5007
	grep -qs '^PORTRES_PORT=5007$' "$work/journal"
}
wait_for journal_told
tap_is "$(grep -E '^(MESSAGE=|PRIORITY|SYSLOG|PORTRES_(EVENT|PROTOCOL|PORT|FIRST|LAST|NAME|UID|UNIT|ERRNO))' "$work/journal" |
	sed -E 's/\[[0-9]+\]/[PID]/' | head -n 12)" \
	"MESSAGE=python3[PID] of root, in thief.service, was refused udp port 5007 with EADDRINUSE
PRIORITY=5
SYSLOG_IDENTIFIER=portres
PORTRES_EVENT=refused
PORTRES_PROTOCOL=udp
PORTRES_PORT=5007
PORTRES_FIRST=5000
PORTRES_LAST=5009
PORTRES_NAME=rtp
PORTRES_UID=0
PORTRES_UNIT=thief.service
PORTRES_ERRNO=EADDRINUSE" "an entry of the journal"
tap_is "$(cat "$work/silent")" "" "and nothing else"
rm /run/systemd/journal/socket
tap_done
