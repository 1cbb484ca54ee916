#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Reservations that last: what is on the disk after each command, what comes back when the
# kernel has forgotten all, and every reason why something does not.
# shellcheck source=tests/lib/store.sh
. "$(dirname "$(readlink -f "$0")")/../lib/store.sh"

# token PORT
token() {
	portres show -j "$1" | /usr/bin/python3 -c 'import json, sys
print(json.load(sys.stdin)[0]["token"])'
}

# There and back.
umask 077
tap_run 0 "add" portres add udp 5000-5009 name 'Asterisk "RTP"' user 4000
umask 022
tap_is "$(cat $state/udp-5000-5009)" 'udp 5000-5009 for user 4000 name "Asterisk \"RTP\""' \
	"it is on the disk in words"
tap_is "$(stat -c %a $state $state/udp-5000-5009 | paste -s -d' ')" "755 644" \
	"for everybody to read, whatever the umask"
portres add udp 7000 >/dev/null
tap_is "$(stored)" "udp-5000-5009 udp-7000-7000" "two files, nothing else"
before=$(token 5000)
reboot
tap_is "$(standing)" "" "the kernel has forgotten all"
tap_run 0 "show still succeeds" portres show
has "and says that something is missing" 'portres restore'
tap_run 0 "what would be done" portres restore --dry-run
has "it would" 'would reserve udp 5000-5009 for user 4000 name "Asterisk \"RTP\"" from '$state/udp-5000-5009:1
has "in sum" "2 would be reserved, 0 already active, 0 would fail"
tap_is "$(standing)" "" "but was not"
tap_run 0 "restore" portres restore
has "in sum" "2 reserved, 0 already active, 0 failed"
tap_is "$(standing)" "5000-5009 7000-7000" "all stand"
tap_run 0 "show" portres show 5000
has "with their names" 'Asterisk "RTP"'
has "and users" "4000"
tap_run 1 "with a new token" test "$(token 5000)" = "$before"
tap_run 0 "restore again" portres restore
has "changes nothing" "0 reserved, 2 already active, 0 failed"
tap_run 0 "del" portres del udp 7000
tap_is "$(stored)" "udp-5000-5009" "it is forgotten"
refused "not reserved" portres del udp 7000
refused "overlaps udp 5000-5009" portres add udp 5009
tap_is "$(stored)" "udp-5000-5009" "what is refused leaves nothing"

# An entry that cannot be restored waits, and guards its place in the store.
reboot
hold 5003
fails "cannot reserve udp 5000-5009: python3[$holder] has a UDP socket bound to 127.0.0.1:5003" \
	portres restore
has "it names the entry" "portres: $state/udp-5000-5009:1: "
has "in sum" "0 reserved, 0 already active, 1 failed"
fails "python3[$holder] has a UDP socket bound to" portres restore --dry-run
refused "stored in $state/udp-5000-5009 but not active" portres add udp 5009-5010
tap_is "$(standing)" "" "nothing was reserved"
refused "has a UDP socket bound to" portres add udp 5000-5009 name other
tap_is "$(cat $state/udp-5000-5009)" 'udp 5000-5009 for user 4000 name "Asterisk \"RTP\""' \
	"it is still as it was"
release
tap_run 0 "the same block can be made again" portres add udp 5000-5009 name other
tap_is "$(cat $state/udp-5000-5009)" 'udp 5000-5009 name "other"' "and replaces it"
tap_is "$(stored)" "udp-5000-5009" "without leftovers"
reboot
tap_run 0 "what does not stand can be ended" portres del udp 5000-5009
tap_is "$(stored)" "" "it is forgotten"
tap_run 0 "and does not come back" portres restore
has "in sum" "0 reserved, 0 already active, 0 failed"

# Damage and strangers: each for itself.
portres add udp 6000 >/dev/null
reboot
printf 'udp 6100 name "cut o' >$state/udp-6100-6100
printf 'udp 6200 user 11' >$state/udp-6200-6200
: >$state/udp-6300-6300
echo 'udp 6401' >$state/udp-6400-6400
printf 'udp 6500\nudp 6501\n' >$state/udp-6500-6500
printf 'udp 6600\n\0\n' >$state/udp-6600-6600
echo 'udp 6700' >$state/udp-6700-6700~
ln -s udp-6000-6000 $state/udp-6800-6800
mkfifo $state/udp-6900-6900
echo 'udp 7000' >$state/.new-udp-7000-7000
ln $state/udp-6000-6000 $state/.old-udp-6000-6000
tap_run 1 "restore from a damaged store" portres restore
for words in "udp-6100-6100:1: the file is truncated: delete the file" "udp-6200-6200:1: the file is truncated: delete the file" \
	"udp-6300-6300:1: no reservation in the file: delete the file" \
	"udp-6400-6400:1: ports in the file do not match the file name: correct or delete the file" \
	"udp-6500-6500:1: more than one reservation in the file: delete the file" \
	"udp-6600-6600:1: more than one" \
	"portres: $state/udp-6700-6700~: not a file of the store, ignored" \
	"udp-6800-6800: Too many levels of symbolic links" "udp-6900-6900: Invalid argument" \
	"1 reserved, 0 already active, 8 failed"; do
	has "it says: $words" "$words"
done
tap_is "$(standing)" "6000-6000" "what is whole is kept"
tap_run 0 "a damaged entry can be ended" portres del udp 6100
tap_run 0 "del beside what a crash has left of it" portres del udp 6000
tap_is "$(stored)" ".new-udp-7000-7000 udp-6200-6200 udp-6300-6300 udp-6400-6400 udp-6500-6500 udp-6600-6600 udp-6700-6700~ udp-6800-6800 udp-6900-6900" \
	"it is gone, strangers are left alone"
portres add udp 6000 >/dev/null
tap_run 1 "the next writer removes what a crash has left" test -e $state/.new-udp-7000-7000
rm -f $state/udp-*

# What is no entry is told, and fails nothing.
mkdir $state/lost+found
echo 'udp 1' >$state/x.bak
tap_run 0 "restore beside what is no entry" portres restore
for name in lost+found x.bak; do
	tap_is "$(grep -c "$state/$name: not a file of the store, ignored" <<<"$tap_output")" \
		1 "$name is told once"
done
has "in sum" "0 reserved, 0 already active, 0 failed"
tap_run 0 "the same in JSON" portres restore -j
tap_is "$(grep -c '"result":"ignored","reason":"not a file of the store' <<<"$tap_output")" 2 "has both"
tap_run 0 "show" portres show
tap_is "$(grep -c 'not active' <<<"$tap_output")" 0 "does not miss them"
rm -r $state/lost+found $state/x.bak

# Declarations.
reboot
cat >/etc/portres.d/50-phone.conf <<-END
	# telephones
	udp 10000-10009 name "RTP" user root	# the PBX
	udp 5000
	nonsense
	udp 10005-10020
	udp 11000 user nobody-knows
END
echo 'udp 12000' >/usr/lib/portres.d/60-package.conf
portres add udp 9000 >/dev/null
hold 5000
tap_run 1 "restore what is declared" portres restore
for words in "reserved udp 10000-10009 for user root name RTP from /etc/portres.d/50-phone.conf:2" \
	"reserved udp 12000 from /usr/lib/portres.d/60-package.conf:1" \
	"portres: /etc/portres.d/50-phone.conf:3: cannot reserve udp 5000: python3[$holder] has a UDP socket bound to 127.0.0.1:5000" \
	'portres: /etc/portres.d/50-phone.conf:4: unknown protocol "nonsense"' \
	"portres: /etc/portres.d/50-phone.conf:5: udp 10005-10020 overlaps udp 10000-10009 (RTP) from /etc/portres.d/50-phone.conf:2" \
	'portres: /etc/portres.d/50-phone.conf:6: unknown user "nobody-knows"' \
	"2 reserved, 1 already active, 4 failed"; do
	has "it says: $words" "$words"
done
tap_is "$(stored)" "udp-9000-9000" "declarations are not copied into the store"
release
sed -i -e /nonsense/d -e /10020/d -e /nobody/d /etc/portres.d/50-phone.conf
tap_run 0 "once mended" portres restore
has "in sum" "1 reserved, 3 already active, 0 failed"
tap_run 0 "del of a declared one" portres del udp 12000
has "says that it will be back" "declared in /usr/lib/portres.d/60-package.conf:1"
ln -s /dev/null /etc/portres.d/60-package.conf
tap_run 0 "a masked file" portres restore
has "is not read" "0 reserved, 3 already active, 0 failed"
sed -i 's/user root/user 4000/' /etc/portres.d/50-phone.conf
tap_run 0 "for another user, dry" portres restore --dry-run
has "it would be changed" "0 would be reserved, 1 would be changed, 2 already active, 0 would fail"
tap_run 0 "for another user" portres restore
has "it is changed" "0 reserved, 1 changed, 2 already active, 0 failed"
tap_output=$(portres restore -j 2>/dev/null | /usr/bin/python3 -c 'import json, sys
for line in sys.stdin:
    x = json.loads(line)
    print(x["result"], x["first"], x["owner"], x["file"], x["line"])')
tap_is "$tap_output" "stands 9000 None $state/udp-9000-9000 1
stands 10000 4000 /etc/portres.d/50-phone.conf 2
stands 5000 None /etc/portres.d/50-phone.conf 3" "its values"

# One block in several lines: what is said is true before it is reserved, and after.
reboot
rm -f $state/udp-* /etc/portres.d/* /usr/lib/portres.d/*
printf 'udp 5000 user 4000\nudp 5000 user 4001\nudp 5000 user 4000\n' >/etc/portres.d/two.conf
fails "two.conf:2: udp 5000 would be reserved for others by /etc/portres.d/two.conf:1: remove one of the two" \
	portres restore --dry-run
has "in sum" "1 would be reserved (one or more by several lines), 0 already active, 1 would fail"
tap_output=$(portres restore --dry-run -j 2>/dev/null | sed 's/.*"result":"\([^"]*\)".*/\1/' | paste -s -d,)
tap_is "$tap_output" "would reserve,failed,would stand" "in JSON"
fails "two.conf:2: udp 5000 is reserved for others by /etc/portres.d/two.conf:1: remove one of the two" \
	portres restore
has "in sum" "1 reserved, 1 already active, 1 failed"
fails "two.conf:2: udp 5000 is reserved for others by /etc/portres.d/two.conf:1" \
	portres restore --dry-run
has "in sum" "0 would be reserved, 2 already active, 1 would fail"
tap_run 0 "restore where nothing is kept" unshare --net portres restore -j
tap_is "$(json 'x["result"], x["reason"], x["file"]')" \
	"('nothing', 'this network namespace has no name: nothing is stored for it', None)" "in JSON"
tap_done
