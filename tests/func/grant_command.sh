#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Grantees on the command line: which processes can bind then; how grants are shown, stored and
# restored.
# shellcheck source=tests/lib/store.sh
. "$(dirname "$(readlink -f "$0")")/../lib/store.sh"
# shellcheck source=tests/lib/grants.sh
. "$(dirname "$(readlink -f "$0")")/../lib/grants.sh"
trap 'sweep; rmdir $cgroups/system.slice/* $cgroups/system.slice $cgroups/a/b $cgroups/a/bc $cgroups/a 2>/dev/null' EXIT

tap_run 0 "for a user" portres add udp 5000-5009 name RTP for user 4000
has "the words, as they are typed" "udp 5000-5009 for user 4000 name RTP token 0x"
admitted "the user binds" 5003 as_user
turned_away "another user" 5003 as_stranger
turned_away "root" 5003
tap_run 0 "by the old word" portres add udp 5010 user 4000
admitted "the user binds" 5010 as_user
tap_run 0 "for root" portres add udp 5011 for user root
admitted "root binds" 5011
turned_away "a user" 5011 as_user

tap_run 0 "for a unit" portres add udp 5020 for unit rtp
has "with its suffix" "for unit rtp.service"
admitted "a process of the unit" 5020 in_cgroup /system.slice/rtp.service
admitted "whatever user it has" 5020 in_cgroup /system.slice/rtp.service as_stranger
turned_away "another unit" 5020 in_cgroup /system.slice/other.service
turned_away "no unit" 5020
tap_run 0 "a name that has to be escaped" portres add udp 5021 for unit "a b"
has "it is escaped" 'for unit a\\x20b.service'
admitted "a process of the unit" 5021 in_cgroup '/system.slice/a\x20b.service'
tap_run 0 "a unit that systemd has to rename" portres add udp 5022 for unit cpu.service
admitted "a process of the unit" 5022 in_cgroup /system.slice/_cpu.service
tap_run 0 "a unit of a user's manager" portres add udp 5023 for unit x of 4000
has "with its user" "for unit x.service of 4000"
turned_away "the system's unit of that name" 5023 in_cgroup /system.slice/x.service

tap_run 0 "for a cgroup" portres add udp 5030 for cgroup //a/./b/
has "the path without what says nothing" "for cgroup /a/b "
admitted "a process in it" 5030 in_cgroup /a/b
turned_away "in another one" 5030 in_cgroup /a/bc
turned_away "above it" 5030 in_cgroup /a
refused "cgroup" portres add udp 5031 for cgroup /
tap_run 0 "for the kernel" portres add udp 5040 for kernel
turned_away "root is not the kernel" 5040
ip link add vx type vxlan id 1 dstport 5040
tap_run 0 "a tunnel takes its port" ip link set vx up
ip link del vx

# All at once, and how it is shown.
words=$(for i in {1..16}; do echo "for unit u$i"; done)
# shellcheck disable=SC2086
tap_run 0 "sixteen" portres add udp 5050 $words
# shellcheck disable=SC2086
tap_run 2 "seventeen" portres add udp 5051 $words for kernel
tap_run 0 "several" portres add udp 5060-5069 for user root for unit rtp.service of 4000 \
	for cgroup "/a b" for kernel name mixed
tap_run 0 "the table" portres
has "has a column" "FOR"
has "that tells all" "user root, unit rtp.service of 4000, cgroup \"/a b\", kernel"
tap_run 0 "a look at one" portres show 5060
has "tells each" "    for       user root
              unit rtp.service of 4000
              cgroup \"/a b\"
              kernel"
tap_run 0 "show in JSON" portres show 5060 -j
tap_is "$(json 'x[0]["for"]')" "[{'user': 0}, {'unit': 'rtp.service', 'of': 4000}, {'cgroup': '/a b'}, {'kernel': True}]" \
	"its values"
tap_is "$(json '(x[0]["owner"], x[0]["user"], x[0]["tree"])')" "(0, 'root', False)" "the first user is the owner"
tap_is "$(cat $state/udp-5060-5069)" \
	'udp 5060-5069 for user 0 for unit rtp.service of 4000 for cgroup "/a b" for kernel name "mixed"' \
	"it is stored"
# shellcheck disable=SC2317 # called below
all() {
	portres show -j | sed -e 's/"token":"[^"]*"//g' -e 's/"refused":[0-9]*//g'
}
before=$(all)
tap_run 3 "again, in another order" portres add udp 5060-5069 name mixed for kernel for cgroup "/a b" \
	for unit rtp of 4000 for user root
refused "already reserved for others" portres add udp 5060-5069 name mixed for kernel

# Across a reboot, and from declarations.
reboot
tap_run 0 "restore" portres restore
tap_is "$(all)" "$before" "all is as it was"
admitted "the user binds" 5003 as_user
echo 'udp 7000 for unit rtp name declared' >/etc/portres.d/a.conf
tap_run 0 "declared" portres restore
admitted "a process of the unit" 7000 in_cgroup /system.slice/rtp.service
token=$(portres show 7000 -j | grep -o '"token":"[^"]*"')
echo 'udp 7000 for user 4000 name other' >/etc/portres.d/a.conf
tap_run 0 "declared otherwise, dry" portres restore --dry-run
has "says what would be" "would change udp 7000 for user 4000 name other from /etc/portres.d/a.conf:1"
admitted "nothing was changed" 7000 in_cgroup /system.slice/rtp.service
tap_run 0 "declared otherwise" portres restore
has "says so" "changed udp 7000 for user 4000 name other from /etc/portres.d/a.conf:1"
has "in sum" "0 reserved, 1 changed, "
admitted "the user binds" 7000 as_user
turned_away "the unit no more" 7000 in_cgroup /system.slice/rtp.service
tap_is "$(portres show 7000 -j | grep -o '"token":"[^"]*"')" "$token" "it is the same reservation"
tap_run 0 "restore again" portres restore
has "changes nothing" "0 reserved, 12 already active, 0 failed"

# A grantee is told the token, and may associate.
tap_is "$(as_user portres show 7000 -j | grep -c '"token":"0x')" 1 "a grantee is told the token"
tap_is "$(as_stranger portres show 7000 -j | grep -c '"token":null')" 1 "a stranger is not"

# In a container: what is meant is a unit of the container.
tap_run 0 "in a cgroup namespace" unshare --cgroup portres add udp 7200 for unit x
has "that is said" "a cgroup namespace of its own"
tap_run 0 "for a user there" unshare --cgroup portres add udp 7201 for user 4000
says "nothing else is said" "udp 7201"
portres del udp 7201
echo 'udp 7202 for cgroup /x' >/etc/portres.d/b.conf
tap_run 0 "restored in a cgroup namespace" unshare --cgroup portres restore
has "that is said, too" "a cgroup namespace of its own"
rm /etc/portres.d/b.conf

# Where only cgroup v1 is mounted.
sed 's/^0::.*//' /proc/self/cgroup >"$work/cgroup"
# shellcheck disable=SC2016
tap_run 0 "no cgroup v2" unshare --mount sh -c \
	'mount --bind "$1" /proc/$$/cgroup; exec portres add udp 7100 for unit x' - "$work/cgroup"
has "is said" "cgroup v2 is not mounted: grants for units and cgroups match no process"
tap_done
