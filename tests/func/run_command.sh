#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# portres run: an unmodified program and its descendants can bind to a block, which is released when
# the last of them has ended.
if [ -z "${IN_NETNS-}" ]; then
	modprobe portres || exit 1
	trap 'rmmod portres' EXIT
	IN_NETNS=1 unshare --net "$0"
	exit
fi

# shellcheck source=tests/lib/shell.sh
. "$(dirname "$(readlink -f "$0")")/../lib/shell.sh"
# shellcheck source=tests/lib/grants.sh
. "$(dirname "$(readlink -f "$0")")/../lib/grants.sh"
ip link set lo up

# shellcheck disable=SC2317 # wait_for calls it
standing() {
	portres show -j | /usr/bin/python3 -c 'import json, sys
print(*("{first}-{last}".format(**r) for r in json.load(sys.stdin)))'
}
# shellcheck disable=SC2317 # wait_for calls it
nothing_stands() {
	[ -z "$(standing)" ]
}

# Arguments, environment, status.
tap_run 0 "a range" portres run --udp 5000-5009 -- echo '{first}' 'a{first}-{last}b{first}' '{x}'
tap_is "$tap_output" "5000 a5000-5009b5000 {x}" "it is put into the arguments"
# shellcheck disable=SC2016
tap_run 0 "the environment" portres run --udp 5000+4 -- sh -c 'echo $PORTRES_FIRST $PORTRES_LAST $PORTRES_COUNT'
tap_is "$tap_output" "5000 5003 4" "has it"
# shellcheck disable=SC2016
tap_run 0 "a number" as_user portres run --udp 7 -- sh -c 'echo $((PORTRES_LAST - PORTRES_FIRST + 1)) $PORTRES_COUNT'
tap_is "$tap_output" "7 7" "is a count"
tap_run 0 "in one word" portres run --udp=3 -- true
tap_run 42 "the status" portres run --udp 1 -- sh -c 'exit 42'
tap_run 143 "a signal" portres run --udp 1 -- sh -c 'kill $$'
tap_run 127 "no such command" portres run --udp 1 -- /nonexistent
says "it is said" "cannot run /nonexistent: No such file or directory"
tap_run 126 "no program" portres run --udp 1 -- /
tap_run 125 "a port in use" portres run --udp 0 -- true
hold 5004
tap_run 125 "a port in use" portres run --udp 5000-5009 -- true
says "the message names the process" "cannot reserve udp 5000-5009: python3[$holder] has a UDP socket bound to 127.0.0.1:5004"
release
portres add udp 5008 name beside >/dev/null 2>&1
tap_run 125 "a port that is reserved" portres run --udp 5000-5009 -- true
says "the message names the reservation" "cannot reserve udp 5000-5009: it overlaps udp 5008 (beside)"
portres del udp 5008
tap_run 125 "more than a user may" as_user portres run --udp 5000 -- true
says "it is said" "limit reached"
tap_run 125 "a low port of a user" as_user portres run --udp 600-600 -- true
wait_for nothing_stands
tap_ok $? "nothing is left of any of them"

# Processes that can bind. The programs are unmodified; outsiders are refused, root included.
cat >"$work/script" <<'END'
"$1/bind" udp 5000 || exit 1				# a child
(("$1/bind" udp 5001) || exit 1) || exit 2			# grandchildren
setsid "$1/bind" udp 5002 || exit 3				# of another session
timeout 5 unshare --pid --fork "$1/bind" udp 5003 || exit 4	# of a pid namespace
env -i "$1/bind" udp 5004 || exit 5				# without environment
"$1/bind" udp 4999 || exit 6				# beside the block
exec "$1/bind" udp 5009 3>&- 4>&- 5>&-			# without descriptors
END
tap_run 0 "all descendants bind" portres run --udp 5000-5009 -- bash "$work/script" "$work"
# as a user, a pid namespace takes privilege
sed -i /unshare/d "$work/script"
tap_run 0 "without privilege" as_user portres run --udp 5000-5009 -- bash "$work/script" "$work"
setpriv --reuid 4000 --regid 4000 --clear-groups \
	portres run --udp 5000-5009 name batch -- sleep 600 &
helpers="$helpers $!"
run=$!
wait_for portres show 5000 >/dev/null
turned_away "an outsider" 5000
turned_away "of the same user" 5000 as_user
tap_run 0 "show" portres show 5000 -j
tap_is "$(json '(x[0]["runtime"], x[0]["tree"], x[0]["command"], x[0]["owner"], x[0]["process"])')" \
	"(True, True, 'batch', 4000, $run)" "tells the name, the user and the supervisor"
tap_run 0 "the table" portres
has "shows the grantees" "descendants"
kill $run
wait $run
tap_is $? 143 "a signal is passed on"
wait_for nothing_stands
tap_ok $? "the block ends with the command"
portres run --udp 5000-5009 -- sleep 600 &
run=$!
wait_for portres show 5000 >/dev/null
kill -9 $run
wait $run
wait_for nothing_stands
tap_ok $? "or with the supervisor"

# A daemon that forks twice is waited for; what it left behind gets the signals, once the command
# itself has ended.
# shellcheck disable=SC2317 # called by wait_for
command_has_ended() {
	! pgrep -f "^sh $work/daemon" >/dev/null
}
cat >"$work/daemon" <<'END'
(setsid sh -c 'trap "echo ended >\"$1/ended\"; exit" USR1; echo started >"$1/started"
	while :; do sleep 0.1; done' - "$1" >/dev/null 2>&1 </dev/null 3>&- &) &
END
portres run --udp 5000-5009 -- sh "$work/daemon" "$work" &
run=$!
wait_for test -s "$work/started"
wait_for command_has_ended
tap_run 0 "a daemon has the block" portres show 5000
kill -USR1 $run
wait $run
tap_is $? 0 "the status is the command's"
tap_is "$(cat "$work/ended")" ended "the daemon got the signal"
wait_for nothing_stands
tap_ok $? "the block ends with it"
tap_run 0 "nohup" sh -c 'trap "" HUP CHLD; exec portres run --udp 1 -- true'
(trap '' INT; portres run --udp 5000-5000 -- sh -c 'trap | grep -c INT' >"$work/ignored")
tap_run 0 "standard output" sh -c 'portres run --udp 1 -- sh -c "echo one; exec >&-; sleep 1" | cat'
tap_is "$tap_output" one "is the command's"
tap_done
