#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A disk that refuses: nothing is reserved and nothing ended, and it is said which file and why.
# And what the disk is given to do: the same for the first reservation as for the thousandth.
# shellcheck source=tests/lib/store.sh
. "$(dirname "$(readlink -f "$0")")/../lib/store.sh"

# failing SYSCALL:error=E:when=N COMMAND...: under strace, which makes that call fail.
# shellcheck disable=SC2317 # tap_run calls it
failing() {
	local fault=$1
	shift
	strace -f -o "$work/trace" -e trace="${fault%%:*}" -e inject="$fault" "$@"
}

# opening FILE: the how manieth openat of "portres add udp 6000" opens that file. It is undone.
opening() {
	strace -o "$work/trace" -e trace=openat portres add udp 6000 >/dev/null
	portres del udp 6000
	grep -n -F "\"$1\"" "$work/trace" | cut -d: -f1
}

# Not even a directory.
touch $state
refused "$state: Not a directory" portres add udp 5000
rm $state
mount -o remount,ro /var/lib
refused "$state: Read-only file system" portres add udp 5000
tap_run 0 "restore where there is nothing" portres restore
mount -o remount,rw /var/lib
tap_is "$(standing)" "" "nothing is reserved"

# Read-only.
echo 'udp 7000' >/etc/portres.d/declared.conf
portres add udp 5000-5009 >/dev/null
portres restore >/dev/null
mount -o remount,ro /var/lib
refused "Read-only file system" portres add udp 6000
refused "Read-only file system" portres del udp 5000-5009
tap_is "$(standing)" "5000-5009 7000-7000" "all is as it was"
tap_run 0 "what is only declared can be ended" portres del udp 7000
reboot
tap_run 0 "restore" portres restore
has "writes nothing" "2 reserved, 0 already active, 0 failed"
mount -o remount,rw /var/lib
rm $state/.lock
mount -o remount,ro /var/lib
reboot
tap_run 0 "restore where there is not even a lock" portres restore
has "in sum" "2 reserved, 0 already active, 0 failed"
mount -o remount,rw /var/lib
rm /etc/portres.d/declared.conf
portres del udp 7000

# Full: of files, and of bytes.
mkdir "$work/saved"
cp -a $state/. "$work/saved"
for limit in nr_inodes=3 size=4k; do
	mount -t tmpfs -o mode=755,$limit none $state
	touch $state/.lock
	[ $limit = nr_inodes=3 ] && touch $state/filler
	[ $limit = size=4k ] && head -c 4096 /dev/zero >$state/filler
	refused "$state/udp-6000-6000: No space left on device; nothing was reserved" \
		portres add udp 6000
	tap_is "$(stored)" "" "$limit: nothing is left in the store"
	rm $state/filler
	tap_run 0 "$limit: with room it can be made" portres add udp 6000
	portres del udp 6000
	umount $state
done
tap_is "$(standing)" "5000-5009" "nothing is reserved"

# Errors of the disk itself, one call after the other.
file=$(opening .new-udp-6000-6000)
for fault in "openat:error=EIO:when=$file" fsync:error=EIO:when=1 fsync:error=EDQUOT:when=2 \
	write:error=EIO:when=1 renameat:error=EIO fchmod:error=EPERM; do
	refused "nothing was reserved" failing "$fault" portres add udp 6000
	has "$fault: the file" "$state"
	tap_is "$(standing), $(stored)" "5000-5009, udp-5000-5009" "$fault: nothing is left"
done
for fault in fsync:error=EIO:when=1 renameat:error=EIO; do
	refused "$state" failing "$fault" portres del udp 5000-5009
	tap_is "$(standing), $(stored)" "5000-5009, udp-5000-5009" "del, $fault: it stands"
done
reboot
echo 'udp 5000-5009 name "kept"' >$state/udp-5000-5009
refused "nothing was reserved" failing fsync:error=EIO:when=2 portres add udp 5000-5009
tap_is "$(cat $state/udp-5000-5009)" 'udp 5000-5009 name "kept"' "what was to be replaced is kept"
portres restore >/dev/null

# Signals are no errors.
for call in "openat $(opening .lock)" "openat $file" "flock 1" "fchmod 1" "write 1" "fsync 1" \
	"fsync 2" "renameat 1"; do
	fault=${call% *}:error=EINTR:when=${call#* }
	tap_run 0 "add, $fault" failing "$fault" portres add udp 6000
	tap_run 0 "del, $fault" failing "$fault" portres del udp 6000
done
tap_is "$(standing), $(stored)" "5000-5009, udp-5000-5009" "all is as it was"

# What the disk has to do, but for the ports.
writes() {
	strace -f -o "$work/trace" -e trace=write,pwrite64,writev,ftruncate,fsync,fdatasync,mkdirat,unlinkat,linkat,renameat,renameat2,fchmod \
		portres add udp "$1" >/dev/null
	grep -v -e 'write(1,' -e '^[0-9]* +++' "$work/trace" | sed -e 's/^[0-9]* *//' -e "s/$1/PORT/g"
}
few=$(writes 60001)
for ((port = 20001; port <= 23000; port++)); do
	echo "udp $port" >$state/udp-$port-$port
done
many=$(writes 60002)
tap_is "$many" "$few" "among 3000 entries one is written as among 2"
tap_is "$(grep -c '^write(' <<<"$few")" 1 "by one write"
tap_is "$(grep -c '^fsync(' <<<"$few")" 2 "seen onto the disk, as is its name"
tap_done
