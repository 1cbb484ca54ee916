#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# portres export sysctl, read by sysctl(8): the list is set, what others have set stays, and what
# was exported before leaves it when its block is deleted.
# shellcheck source=tests/lib/store.sh
. "$(dirname "$(readlink -f "$0")")/../lib/store.sh"

name=net.ipv4.ip_local_reserved_ports
list() {
	cat /proc/sys/net/ipv4/ip_local_reserved_ports
}

# exported WANTED TEXT: exports, has sysctl set it, and compares what the kernel has then.
exported() {
	portres export sysctl >"$work/exported.conf" 2>"$work/said" || tap_ok 1 "export: $2"
	sysctl -q -p "$work/exported.conf"
	tap_is "$(list)" "$1" "$2"
	tap_is "$(cat "$work/said")" "" "nothing is said: $2"
}

exported "" "nothing is reserved"
portres add udp 5000-5009 >/dev/null
portres add udp 7000 >/dev/null
tap_run 0 "export" portres export sysctl
tap_is "$tap_output" "$name = 5000-5009,7000" "it is one line"
tap_run 0 "in JSON" portres -j export sysctl
tap_is "$(json '(x["sysctl"], x["value"])')" "('$name', '5000-5009,7000')" "its values"
exported "5000-5009,7000" "blocks"
exported "5000-5009,7000" "again"

# Docker's or an administrator's own ports, one of them in a block, one beside it.
sysctl -q -w "$name=5000-5010,7000,8080"
exported "5000-5010,7000,8080" "what others have set"
portres del udp 7000
exported "5000-5010,8080" "after a deletion"
portres del udp 5000-5009
exported "5010,8080" "after the last one"

# Set by others before it was exported: theirs, also when the block is deleted.
sysctl -q -w "$name=6001"
portres add udp 6000-6009 >/dev/null
exported "6000-6009" "a port that others have set"
portres del udp 6000-6009
exported "6001" "it stays"

# A list that is printed and not set.
portres add udp 6500 >/dev/null
exported "6001,6500" "one more"
portres del udp 6500
portres export sysctl >/dev/null
exported "6001" "printed twice, set once"
tap_is "$(list)" "6001" "the deleted block is gone"

# A list that could not be printed is none.
portres add udp 6600 >/dev/null
kept=$(cat "$state/.exported")
tap_run 1 "export >/dev/full" sh -c 'portres export sysctl >/dev/full'
says "it is said" "cannot write the output: No space left on device"
tap_is "$(cat "$state/.exported")" "$kept" "what was exported last is kept as it was"
portres del udp 6600
exported "6001" "as before"

# One list for both protocols.
portres add udp 7000-7001 >/dev/null
portres add tcp 7001-7003 >/dev/null
portres add both 7060 >/dev/null
exported "6001,7000-7003,7060" "UDP and TCP"
portres del udp 7000-7001
exported "6001,7001-7003,7060" "the ports that TCP has stay"
portres del tcp 7001-7003
portres del both 7060
exported "6001" "both are deleted"

# Longer than what sysctl hands to the kernel.
sysctl -q -w "$name="
exported "" "nothing again"
for ((port = 20000; port < 22000; port += 2)); do
	echo "udp $port"
done >/etc/portres.d/many.conf
portres restore >/dev/null
tap_run 0 "a thousand blocks" portres export sysctl
has "it says how to set them" "sysctl sets only 4095 of them"
way=$(sed -n 's/.*write it by "\(.*\)"$/\1/p' <<<"$tap_output")
tap_run 0 "that way" sh -c "$way"
tap_is "$(list | sha256sum)" "$(seq -s, 20000 2 21998 | sha256sum)" "sets all of them"
tap_is "$(portres export sysctl 2>/dev/null | sed 's/.*= //' | sha256sum)" "$(list | sha256sum)" "which are read again"

tap_run 0 "in a namespace without a name" unshare --net portres export sysctl
has "it says that it cannot be kept" "has no name: what was exported cannot be kept"
tap_run 1 "by an ordinary user" setpriv --reuid 4001 --regid 4001 --clear-groups portres export sysctl
has "it says so" "run it as root"
tap_run 0 "the store has no complaint" portres restore --dry-run
tap_is "$(portres restore --dry-run 2>&1 | grep -c ignored)" 0 "of what is kept"
for words in "" "sysctl nft" "nonsense"; do
	# shellcheck disable=SC2086 # words
	tap_run 2 "wrong usage: export $words" portres export $words
	says "one sentence: $words" "sysctl or nft"
done
tap_done
