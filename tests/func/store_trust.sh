#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A store and declarations that others can have written: nothing of it is restored, it is said which
# path and what to do about it, and all else is restored. tests/unit/trust.c has more rows.
# shellcheck source=tests/lib/store.sh
. "$(dirname "$(readlink -f "$0")")/../lib/store.sh"

# as_it_was: a store with 5000, declarations with 6000 and 6001, all of it root's.
as_it_was() {
	mountpoint -q $state && umount $state
	rm -rf $state /var/lib/elsewhere /etc/portres.d/* /usr/lib/portres.d/*
	chmod 755 /var/lib /etc/portres.d /usr/lib/portres.d
	chown root /var/lib /etc/portres.d
	mkdir -p $state
	echo 'udp 5000' >$state/udp-5000-5000
	echo 'udp 6000' >/etc/portres.d/one.conf
	echo 'udp 6001' >/usr/lib/portres.d/two.conf
	reboot
}

# distrusts TEXT BLOCKS: what is said by restore, and what stands behind it.
distrusts() {
	fails "$1" portres restore
	has "it is told what to do" 'inspect it, then run "ch'
	tap_is "$(standing)" "$2" "the others are restored"
	tap_run 1 "restore --dry-run" portres restore --dry-run
	has "says the same" "$1"
}

as_it_was
tap_run 0 "as it should be" portres restore
tap_is "$(standing)" "5000-5000 6000-6000 6001-6001" "all is restored"

as_it_was
chmod 777 $state
distrusts "portres: $state: not trusted: other users may write to $state" "6000-6000 6001-6001"
refused 'run "chmod go-w '$state'"' portres add udp 7000
refused 'run "chmod go-w '$state'"' portres del udp 6000
tap_is "$(standing)" "6000-6000 6001-6001" "nothing is reserved, nothing deleted"
tap_run 0 "what it says helps" chmod go-w $state
tap_run 0 "restore" portres restore

as_it_was
chown 1000 $state
distrusts "$state: not trusted: $state belongs to user 1000" "6000-6000 6001-6001"
refused 'run "chown -h root '$state'"' portres add udp 7000

as_it_was
chown 1000 $state/udp-5000-5000
echo 'udp 5001' >$state/udp-5001-5001
distrusts "$state/udp-5000-5000: not trusted: $state/udp-5000-5000 belongs to user 1000" \
	"5001-5001 6000-6000 6001-6001"

as_it_was
chmod 777 /var/lib
distrusts "$state: not trusted: other users may write to /var/lib" "6000-6000 6001-6001"
rm -rf $state
refused 'run "chmod go-w /var/lib"' portres add udp 7000
tap_run 1 "no store is made there" test -e $state

as_it_was
mkdir /var/lib/elsewhere && mv $state /var/lib/elsewhere/store && ln -s elsewhere/store $state
tap_run 0 "a link of root to what is root's" portres restore
tap_is "$(standing)" "5000-5000 6000-6000 6001-6001" "all is restored"
tap_run 0 "add" portres add udp 7000
chmod 777 /var/lib/elsewhere
reboot
distrusts "$state: not trusted: other users may write to /var/lib/elsewhere" "6000-6000 6001-6001"
chmod 755 /var/lib/elsewhere
chown -h 1000 $state
reboot
distrusts "$state: not trusted: $state belongs to user 1000" "6000-6000 6001-6001"

as_it_was
chmod 777 /etc/portres.d
distrusts "/etc/portres.d: not trusted: other users may write to /etc/portres.d" "5000-5000 6001-6001"

as_it_was
chmod 666 /etc/portres.d/one.conf
distrusts "/etc/portres.d/one.conf: not trusted" "5000-5000 6001-6001"

# A lock that everybody could take would be everybody's to keep an administrator waiting with.
as_it_was
portres add udp 7000 >/dev/null
chmod 666 $state/.lock
portres add udp 7001 >/dev/null
tap_is "$(stat -c %A $state/.lock | cut -c 8-)" "---" "others cannot open the lock"
tap_done
