#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Runtime reservations for an operator: which process holds what, and how to remove it. Acquired
# through the library, without privilege.
# shellcheck source=tests/lib/store.sh
. "$(dirname "$(readlink -f "$0")")/../lib/store.sh"

stranger="setpriv --reuid 4001 --regid 4001 --clear-groups"
user="setpriv --reuid 4000 --regid 4000 --clear-groups"
program=$(dirname "$(readlink -f "$0")")/runtime_command.py
chmod 777 "$work"

# acquire FIRST COUNT COMMAND [WRAPPER...]: another process holds the block; its number is left
# in $holder, how it went in $answer: error, block, whether there is a token, what Lookup says.
acquire() {
	local words=("$1" "$2" "$3" "$work/answer")
	shift 3
	rm -f "$work/answer"
	# shellcheck disable=SC2086 # words
	"$@" $user /usr/bin/python3 "$program" "${words[@]}" &
	holder=$!
	helpers="$helpers $holder"
	wait_for test -e "$work/answer"
	answer=$(cat "$work/answer")
}

acquire 40000 10 relay
tap_is "$answer" "0 40000 10 True 1168" "Lookup does not take it for a persistent one"
relay=$holder

portres monitor >"$work/events" &
helpers="$helpers $!"
wait_for listening 1
portres add udp 5000-5009 name "Asterisk RTP" user 4000 >/dev/null
tap_run 0 "the table" portres
tap_is "$tap_output" "PROTO  PORTS        COUNT  SOCKETS  REFUSED  AVOIDED  USER  PROCESS$(
	printf '%*s' $((${#relay} + 2)) '')FOR        NAME
udp    5000-5009       10        0        0        0  -     -      $(
	printf '%*s' $((${#relay} + 2)) '')user 4000  Asterisk RTP
udp    40000-40009     10        0        0        0  4000  relay[$relay]  -          -" "tells process, command, user"
tap_run 0 "show in JSON" portres -j
tap_is "$(json '[(r["runtime"], r["process"], r["command"], r["owner"], r["token"] is None) for r in x]')" \
	"[(False, None, None, 4000, False), (True, $relay, 'relay', 4000, True)]" "its values"
tap_run 0 "a look at one port" portres show 40003
has "names the process" "    process   relay[$relay]"
# shellcheck disable=SC2086
tap_run 0 "a stranger looks" $stranger portres show 40003
has "is not told the process" "    process   ?"
has "but the user" "    user      4000"

refused "cannot reserve udp 40005-40014: it overlaps udp 40000-40009 (acquired by relay[$relay]); delete that first or choose other ports" \
	portres add udp 40005-40014
refused "cannot reserve udp 4000-45000: it overlaps udp 5000-5009 (Asterisk RTP), udp 40000-40009 (acquired by relay[$relay]); delete those first or choose other ports" \
	portres add udp 4000-45000
refused "no reservation of exactly udp 40000-40004: delete the whole of udp 40000-40009 (acquired by relay[$relay])" \
	portres del udp 40000-40004
refused "no reservation of exactly udp 5000-40000: delete the whole of udp 5000-5009 (Asterisk RTP), udp 40000-40009" \
	portres del udp 5000-40000
refused "cannot reserve udp 40000-40009: it overlaps udp 40000-40009 (acquired by relay[$relay]); delete that first" \
	portres add udp 40000-40009
tap_is "$(standing)" "5000-5009 40000-40009" "all stands as before"
tap_is "$(portres --complete del udp "" | paste -s -d' ')" "5000-5009 40000-40009" \
	"completion offers what can be deleted"
tap_is "$(portres --complete show udp "" | paste -s -d" ")" "5000-5009 40000-40009 for user name bound" \
	"and what can be shown"

tap_run 1 "the module cannot be unloaded meanwhile" rmmod portres

# Entries of files: the block of a process does not stand for them.
echo 'udp 40000-40009' >$state/udp-40000-40009
echo 'udp 40009' >/etc/portres.d/one.conf
for dry in "" --dry-run; do
	# shellcheck disable=SC2086 # no word or one
	tap_run 1 "restore $dry" portres restore $dry
	has "what is stored" "portres: $state/udp-40000-40009:1: udp 40000-40009 overlaps udp 40000-40009 (acquired by relay[$relay])"
	has "what is declared" "portres: /etc/portres.d/one.conf:1: udp 40009 overlaps udp 40000-40009 (acquired by relay[$relay])"
done
tap_run 0 "show" portres
has "does not count them as standing" "2 more are stored or declared, but not active"
refused "cannot reserve udp 40009-40010: it overlaps udp 40000-40009 (acquired by relay[$relay])" portres add udp 40009-40010
tap_run 0 "del ends what is stored" portres del udp 40000-40009
tap_is "$(stored)" "udp-5000-5009" "and that alone"
tap_is "$(standing)" "5000-5009 40000-40009" "the process keeps its block"
rm /etc/portres.d/one.conf
# shellcheck disable=SC2086
refused "only root can tell whether this is the system network namespace" \
	$stranger portres restore --dry-run
has "what to do" "try again with sudo"

# The end, by release and by the end of the process.
acquire 0 3 gap
read -r error first count _ <<<"$answer"
tap_is "$error $((first >= 32768)) $count" "0 1 3" "a gap in the ephemeral range"
gap=$first-$((first + 2))
tap_is "$(standing)" "5000-5009 $(printf '%s\n' "$gap" 40000-40009 | sort -V | paste -s -d' ')" \
	"it stands"
kill -USR1 "$holder"
wait_for grep -q released "$work/answer"
tap_is "$(cat "$work/answer")" "released 0" "released"
tap_is "$(standing)" "5000-5009 40000-40009" "it is gone, the others stand"
kill -KILL "$relay"
wait "$relay" 2>/dev/null
tap_is "$(standing)" "5000-5009" "a killed process holds nothing"
tap_run 0 "the ports are free" portres add udp 40000-40009
wait_for grep -q "created udp 40000-40009$" "$work/events"
tap_is "$(sed 's/^[^ ]* //' "$work/events")" "created udp 5000-5009 for user 4000 name \"Asterisk RTP\"
created udp $gap user 4000 process gap[$holder]
deleted udp $gap user 4000 process gap[$holder] by gap[$holder] as 4000
deleted udp 40000-40009 user 4000 process relay[$relay]
created udp 40000-40009" "the monitor"
# The administrator ends what a process has acquired.
acquire 43000 4 victim
# shellcheck disable=SC2086
refused "try again with sudo" $stranger portres del udp 43000-43003
# shellcheck disable=SC2086
refused "try again with sudo" $user portres del udp 43000-43003
tap_run 0 "del of a runtime reservation" portres del udp 43000-43003
tap_is "$tap_output" "" "says nothing"
tap_is "$(standing)" "5000-5009 40000-40009" "it is gone, the others stand"
wait_for grep -q "deleted udp 43000" "$work/events"
tap_is "$(sed -n 's/.* deleted udp 43000.* by/by/p' "$work/events" | sed 's/\[[0-9]*\]/[]/')" \
	"by portres[] as root" "the monitor names the process that did it"
refused 'udp 43000-43003 is not reserved: see "portres show"' portres del udp 43000-43003
kill "$holder"
acquire 40009 1 late
tap_is "$answer" "-98 0 0 False 87" "what is reserved cannot be acquired"

# Other pid namespaces, and a name that would paint the terminal.
acquire 41000 1 $'a b\033[1m'
odd=$holder
tap_run 0 "a command of odd bytes" portres
has "is shown escaped" "a b\\x1b[1m[$odd]"
tap_run 0 "from another pid namespace" unshare --pid --fork --mount-proc portres
has "it has no number" "a b\\x1b[1m[?]"
tap_run 0 "in JSON" unshare --pid --fork --mount-proc portres show 41000 -j
tap_is "$(json '(x[0]["runtime"], x[0]["process"], x[0]["command"])')" \
	"(True, None, 'a b\\x1b[1m')" "it is null"
acquire 42000 1 inner unshare --pid --fork --mount-proc
inner=$(pgrep -P "$holder")
tap_run 0 "a process of another pid namespace" portres show 42000
has "has its number of here" "inner[$inner]"
wait_for grep -q 42000 "$work/events"
tap_is "$(sed -n 's/.* created udp 42000 //p' "$work/events")" "user 4000 process inner[1]" \
	"the monitor tells its own number"
kill -KILL "$inner" "$holder"
tap_done
