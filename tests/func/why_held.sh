#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# portres why of ports in use: by processes, connections, the kernel; BPF programs; other namespaces.
# shellcheck source=tests/lib/store.sh
. "$(dirname "$(readlink -f "$0")")/../lib/store.sh"
# shellcheck source=tests/lib/grants.sh
. "$(dirname "$(readlink -f "$0")")/../lib/grants.sh"
# shellcheck source=tests/lib/why.sh
. "$(dirname "$(readlink -f "$0")")/../lib/why.sh"

# In use.
held() {
	local text=$1 by=$2 advice=$3
	shift 3
	answer "$text" "$@" <<END
$1 port $2 is in use.
$by
$outside
$advice
END
}
situation udp 0.0.0.0 6000
held "by a process" "In use at 0.0.0.0:6000 by why.py[PID]." "To free it: kill PID" udp 6000
answer "another process" udp 6000 for pid $$ <<END
udp port 6000 is in use.
In use at 0.0.0.0:6000 by why.py[PID].
$outside
process why_held.sh[PID] could bind to it if it binds to IPv6 only.
To free it: kill PID
END
answer "the process itself" udp 6000 for pid "$holder" <<END
udp port 6000 is in use.
In use at 0.0.0.0:6000 by why.py[PID].
$outside
process why.py[PID] could not bind to it: it has bound it already, to 0.0.0.0:6000.
To free it: kill PID
END
as=(setpriv --reuid 4001 --regid 4001 --clear-groups)
held "by a process that is not to be seen" \
	"In use at 0.0.0.0:6000 by a process of uid 0 that is not visible here." "To see the process: ask as root" udp 6000
as=()
end_situation
situation udp :: 6000 cgroup=/system.slice/rtp.service
held "by a unit" "In use at [::]:6000 by why.py[PID] of rtp.service." \
	"To free it: systemctl stop rtp.service" udp 6000
answer "the unit itself" udp 6000 for unit rtp <<END
udp port 6000 is in use.
In use at [::]:6000 by why.py[PID] of rtp.service.
$outside
unit rtp.service could not bind to it: it has bound it already, to [::]:6000.
To free it: systemctl stop rtp.service
END
answer "a user, at all addresses" udp 6000 for user alice <<END
udp port 6000 is in use.
In use at [::]:6000 by why.py[PID] of rtp.service.
$outside
user alice could not bind to it: it is in use at [::]:6000.
To free it: systemctl stop rtp.service
END
end_situation
situation udp :: 6000 v6only=1
answer "by IPv6 only" udp 6000 for user alice <<END
udp port 6000 is in use.
In use at [::]:6000 by why.py[PID].
$outside
user alice could bind to it if it binds to IPv4 only.
To free it: kill PID
END
bind_admitted udp "it can" 6000 as_stranger
end_situation
situation udp :: 6000 cgroup='/system.slice/vpn@a\x2db.service'
held "by a unit that is to be quoted" 'In use at [::]:6000 by why.py[PID] of vpn@a\\x2db.service.' \
	"To free it: systemctl stop 'vpn@a\x2db.service'" udp 6000
end_situation
for name in 'a;reboot;.service' $'\e[2J.service'; do
	situation udp :: 6000 cgroup="${alice%/app.slice}/$name" user=4007
	held "in a cgroup that is no unit" "In use at [::]:6000 by why.py[PID]." "To free it: kill PID" udp 6000
	end_situation
	rmdir "$cgroups${alice%/app.slice}/$name"
done
situation udp ::1 6000 cgroup="$alice/caddy.service" user=4007
held "by a unit of a user" "In use at [::1]:6000 by why.py[PID] of caddy.service of alice." \
	"To free it: systemctl --user --machine=alice@ stop caddy.service" udp 6000
end_situation
situation udp 127.0.0.1 6000 cgroup=/machine.slice/box.scope device=lo
held "on a device, in a scope" "In use at 127.0.0.1%lo:6000 by why.py[PID] of box.scope." \
	"To free it: kill PID" udp 6000
answer "whether there is another address" udp 6000 for user alice <<END
udp port 6000 is in use.
In use at 127.0.0.1%lo:6000 by why.py[PID] of box.scope.
$outside
user alice could bind to it if it binds to another address than 127.0.0.1%lo:6000.
To free it: kill PID
END
add udp 6000-6001 for user alice adopt
answer "reserved and in use" udp 6000 <<END
udp port 6000 is reserved and in use.
Reserved: udp 6000-6001, for user alice.
Stored since TIME in /var/lib/portres/udp-6000-6001.
In use at 127.0.0.1%lo:6000 by why.py[PID] of box.scope.
$outside
To let a program bind: portres set udp 6000-6001 for user alice for unit NAME
To give the reservation up: portres del udp 6000-6001
To free it: kill PID
END
answer "two reasons" udp 6000 for pid $$ <<END
udp port 6000 is reserved and in use.
Reserved: udp 6000-6001, for user alice.
Stored since TIME in /var/lib/portres/udp-6000-6001.
In use at 127.0.0.1%lo:6000 by why.py[PID] of box.scope.
$outside
process why_held.sh[PID] could not bind to it: the reservation has no grant for it.
To let a program bind: portres set udp 6000-6001 for user alice for user root
To give the reservation up: portres del udp 6000-6001
To free it: kill PID
END
end_situation
portres del udp 6000-6001
situation listen 127.0.0.1 6000
held "by a server" "In use at 127.0.0.1:6000 by why.py[PID]." "To free it: kill PID" tcp 6000
answer "not for UDP" udp 6000 <<END
udp port 6000 is free.
$outside
To keep it for a program: portres add udp 6000 for unit NAME
END
end_situation
situation served 127.0.0.1 6001
held "by a server that serves" "In use at 127.0.0.1:6001 by why.py[PID].
2 connections have the port besides." "To free it: kill PID" tcp 6001
whole_json "the same in JSON, for the process" tcp 6001 for pid "$holder" <<END
{"protocol": "tcp", "port": 6001, "is_reserved": false, "in_use": true, "is_ephemeral": false,
"is_local_reserved": false, "is_privileged": false, "reservation": [], "source": null, "stored_since": null,
"bound": [{"address": "127.0.0.1:6001", "port": 6001, "uid": 0, "pid": "PID", "command": "why.py", "unit": null,
"of": null, "kernel_user": null, "holder": "why.py[PID]"}],
"connections": 2, "time_wait_until": null, "programs": [], "asker": "process why.py[PID]", "could": false,
"stopped_by": [{"says": "it has bound it already, to 127.0.0.1:6001"}], "conditions": [],
"answer": [{"says": "tcp port 6001 is in use."}, {"says": "In use at 127.0.0.1:6001 by why.py[PID]."},
{"says": "2 connections have the port besides."}, {"says": "$outside"},
{"says": "process why.py[PID] could not bind to it: it has bound it already, to 127.0.0.1:6001."}],
"what_to_do": [{"says": "To free it: kill PID"}]}
END
end_situation
situation connected 127.0.0.1 6010
held "by a connection" "In use at 127.0.0.1:6010 by why.py[PID]." "To free it: kill PID" tcp 6010
end_situation
situation closing 127.0.0.1 6013
answer "a connection whose process has closed it" tcp 6013 <<END
tcp port 6013 is in use.
In use at 127.0.0.1:6013 by a connection that is being closed.
$outside
END
end_situation
situation waiting 127.0.0.1 6011
held "after a connection" "In TIME_WAIT until TIME." "To bind at once: set SO_REUSEADDR before" tcp 6011
answer "a user" tcp 6011 for user alice <<END
tcp port 6011 is in use.
In TIME_WAIT until TIME.
$outside
user alice could bind to it if it sets SO_REUSEADDR or waits until TIME.
To bind at once: set SO_REUSEADDR before
END
whole_json "the same in JSON" tcp 6011 for user alice <<END
{"protocol": "tcp", "port": 6011, "is_reserved": false, "in_use": true, "is_ephemeral": false,
"is_local_reserved": false, "is_privileged": false, "reservation": [], "source": null, "stored_since": null,
"bound": [], "connections": 0, "time_wait_until": "TIME", "programs": null, "asker": "user alice", "could": null,
"stopped_by": [], "conditions": [{"says": "it sets SO_REUSEADDR or waits until TIME"}],
"answer": [{"says": "tcp port 6011 is in use."}, {"says": "In TIME_WAIT until TIME."}, {"says": "$outside"},
{"says": "user alice could bind to it if it sets SO_REUSEADDR or waits until TIME."}],
"what_to_do": [{"says": "To bind at once: set SO_REUSEADDR before"}]}
END
end_situation
situation bound 127.0.0.1 6012
if [[ $(uname -r) =~ ^6\.[0-7]\. ]]; then
	held "by a socket that does not listen" "In use by a socket that the kernel does not list, as it neither listens nor is connected." \
		'To see the socket: use Linux 6.8 or newer, and "ss --bound-inactive"' tcp 6012
else
	held "by a socket that does not listen" "In use at 127.0.0.1:6012 by why.py[PID]." "To free it: kill PID" tcp 6012
fi
end_situation

# Where the kernel lists sockets that are only bound, no bind tries whether there is one.
as=(strace -f -qq -e trace=bind -o "$work/trace")
answer "free, traced" tcp 6020 <<END
tcp port 6020 is free.
$outside
To keep it for a program: portres add tcp 6020 for unit NAME
END
as=()
tries=0
[[ $(uname -r) =~ ^6\.[0-7]\. ]] && tries=1
tap_is "$(grep -c AF_INET "$work/trace")" "$tries" "how often it binds"

# Without the modules of sock_diag, and without any list.
modprobe=$(cat /proc/sys/kernel/modprobe)
echo /bin/false >/proc/sys/kernel/modprobe
for module in udp_diag tcp_diag mptcp_diag raw_diag; do
	rmmod "$module" 2>/dev/null
done
if ! grep -qw -e udp_diag_dump -e tcp_diag_dump /proc/kallsyms; then
	situation udp 127.0.0.1 6000
	held "found in /proc" "In use at 127.0.0.1:6000 by why.py[PID]." "To free it: kill PID" udp 6000
	tap_run 0 "reserved" portres add udp 6000 adopt
	tap_run 0 "a list of what is in use" portres show bound
	has "it has it" 6000
	tap_run 0 "the map" portres map -j
	tap_is "$(json 'x["bound_ports"]')" "[{'first': 6000, 'last': 6000}]" "has it, too"
	portres del udp 6000
	rmmod inet_diag 2>/dev/null
	held "with nothing of sock_diag" "In use at 127.0.0.1:6000 by why.py[PID]." "To free it: kill PID" udp 6000
	end_situation
	situation listen ::1 6000
	held "of TCP" "In use at [::1]:6000 by why.py[PID]." "To free it: kill PID" tcp 6000
	refused "cannot reserve tcp 6000: why.py[$holder] has a TCP socket that listens on [::1]:6000; stop it or choose other ports" \
		portres add tcp 6000
	end_situation
	situation waiting 127.0.0.1 6014
	held "in TIME_WAIT" "In TIME_WAIT until TIME." "To bind at once: set SO_REUSEADDR before" tcp 6014
	refused "cannot reserve tcp 6014: a connection from 127.0.0.1:6014 to 127.0.0.1:6999 was closed and is in TIME_WAIT; wait a minute or choose other ports" \
		portres add tcp 6014
	end_situation
	situation bound 127.0.0.1 6015
	held "that does not listen" "In use by a socket that the kernel does not list, as it neither listens nor is connected." \
		'To see the socket: use Linux 6.8 or newer, and "ss --bound-inactive"' tcp 6015
	end_situation
	# shellcheck disable=SC2016 # the shell inside reads it
	as=(unshare --mount sh -c 'mount -t tmpfs none /proc/$$/net && exec "$@"' sh)
	answer "without a list" udp 6000 for user alice <<END
udp port 6000 is not reserved.
Which sockets use it cannot be seen here.
$outside
user alice could bind to it if no socket uses it.
To keep it for a program: portres add udp 6000 for user alice
END
	as=()
else
	tap_skip "sock_diag" "this kernel has it without modules"
fi
echo "$modprobe" >/proc/sys/kernel/modprobe

# In use by the kernel.
# kernel_holds TEXT ADDRESS PORT INTERFACE COMMAND...: what has it once the command has made it.
kernel_holds() {
	local text=$1 addresses=$2 port=$3 interface=$4
	shift 4
	if ! sh -c "$*" 2>"$work/said" || { [ "$interface" != - ] && ! ip link set "$interface" up; }; then
		tap_skip "$text" "this kernel cannot: $(head -n 1 "$work/said")"
		return
	fi
	answer "$text" udp "$port" <<END
udp port $port is in use.
$(for address in $addresses; do echo "In use at $address:$port by the kernel for $text."; done)
$outside
To free it: $advice
END
	[ "$interface" = - ] || ip link del "$interface"
}
advice="ip link set vx4 down"
kernel_holds "VXLAN vx4" "0.0.0.0" 6100 vx4 "ip link add vx4 type vxlan id 4 dstport 6100"
advice="ip link set vx6 down"
kernel_holds "VXLAN vx6" "[::]" 6101 vx6 "ip link add vx6 type vxlan id 6 remote 2001:db8::2 dstport 6101"
advice="ip link set gv4 down"
kernel_holds "GENEVE gv4" "0.0.0.0" 6102 gv4 "ip link add gv4 type geneve id 4 remote 192.0.2.2 dstport 6102"
advice="ip link set wg4 down"
kernel_holds "WireGuard wg4" "0.0.0.0 [::]" 6103 wg4 "ip link add wg4 type wireguard && wg set wg4 listen-port 6103"
advice="ip link set bare down"
kernel_holds "bareudp bare" "[::]" 6104 bare "ip link add bare type bareudp dstport 6104 ethertype ip"
advice="ip fou del port 6105"
kernel_holds "foo over UDP" "0.0.0.0" 6105 - "modprobe fou && ip fou add port 6105 ipproto 4"
ip fou del port 6105 2>/dev/null
advice="ip l2tp del tunnel tunnel_id 7"
kernel_holds "L2TP tunnel 7" "127.0.0.1" 6106 - "modprobe l2tp_netlink && ip l2tp add tunnel tunnel_id 7 \
	peer_tunnel_id 8 encap udp local 127.0.0.1 remote 127.0.0.1 udp_sport 6106 udp_dport 6107"
ip l2tp del tunnel tunnel_id 7 2>/dev/null
ip link add vx4 type vxlan id 4 dstport 6100 && ip link set vx4 up
as=(setpriv --reuid 4001 --regid 4001 --clear-groups)
answer "asked by an ordinary user" udp 6100 <<END
udp port 6100 is in use.
In use at 0.0.0.0:6100 by the kernel for VXLAN vx4.
$outside
To free it: ip link set vx4 down
END
as=()
whole_json "in JSON" udp 6100 for pid $$ <<END
{"protocol": "udp", "port": 6100, "is_reserved": false, "in_use": true, "is_ephemeral": false,
"is_local_reserved": false, "is_privileged": false, "reservation": [], "source": null, "stored_since": null,
"bound": [{"address": "0.0.0.0:6100", "port": 6100, "uid": 0, "pid": null, "command": null, "unit": null,
"of": null, "kernel_user": "VXLAN vx4", "holder": "the kernel for VXLAN vx4"}],
"connections": 0, "time_wait_until": null, "programs": [], "asker": "process why_held.sh[PID]", "could": null,
"stopped_by": [], "conditions": [{"says": "it binds to IPv6 only"}],
"answer": [{"says": "udp port 6100 is in use."}, {"says": "In use at 0.0.0.0:6100 by the kernel for VXLAN vx4."},
{"says": "$outside"}, {"says": "process why_held.sh[PID] could bind to it if it binds to IPv6 only."}],
"what_to_do": [{"says": "To free it: ip link set vx4 down"}]}
END
ip link del vx4

# With a thread of nfsd for version 3 comes lockd.
nfs_holds() {
	answer "$1" "$2" "$3" <<END
$2 port $3 is in use.
In use at 0.0.0.0:$3 by the kernel for $1.
In use at [::]:$3 by the kernel for $1.
$outside
To free it: $4
END
}
situation rpcbind
if modprobe lockd 2>/dev/null && modprobe nfsd 2>/dev/null && mount -t nfsd nfsd /proc/fs/nfsd &&
	sysctl -q -w fs.nfs.nlm_udpport=6110 fs.nfs.nlm_tcpport=6111; then
	echo -4 >/proc/fs/nfsd/versions
	echo tcp 2049 >/proc/fs/nfsd/portlist
	echo 1 >/proc/fs/nfsd/threads
	advice="systemctl stop nfs-server.service, and unmount what is mounted by NFS version 3"
	nfs_holds "NFS lockd" udp 6110 "$advice"
	nfs_holds "NFS lockd" tcp 6111 "$advice"
	nfs_holds "the NFS server" tcp 2049 "systemctl stop nfs-server.service"
	echo 0 >/proc/fs/nfsd/threads
	umount /proc/fs/nfsd
	# for a test that loads lockd with a port
	modprobe -r nfsd lockd 2>/dev/null
else
	tap_skip "NFS" "this kernel has no server of it"
fi
end_situation

# BPF programs.
situation program /bpf
# shellcheck disable=SC2317 # answer calls it
inside_bpf() {
	in_cgroup /bpf/below "$@"
}
as=(inside_bpf)
answer "a program at the cgroup of the caller" udp 5000 <<END
udp port 5000 is free.
$outside
A bind has to pass BPF programs of the cgroup: bind4 let_pass (id ID).
To keep it for a program: portres add udp 5000 for unit NAME
END
as=()
answer "not at another one" udp 5000 <<END
udp port 5000 is free.
$outside
To keep it for a program: portres add udp 5000 for unit NAME
END
program=$holder
situation udp 127.0.0.1 7000 cgroup=/bpf/below
answer "at that of a process" udp 5000 for pid "$holder" <<END
udp port 5000 is free.
$outside
A bind has to pass BPF programs of the cgroup: bind4 let_pass (id ID).
process why.py[PID] could bind to it if the BPF programs of its cgroup allow it.
To keep it for a program: portres add udp 5000 for user root
END
whole_json "in JSON" udp 5000 for pid "$holder" <<END
{"protocol": "udp", "port": 5000, "is_reserved": false, "in_use": false, "is_ephemeral": false,
"is_local_reserved": false, "is_privileged": false, "reservation": [], "source": null, "stored_since": null,
"bound": [], "connections": 0, "time_wait_until": null,
"programs": [{"attach": "bind4", "id": "ID", "name": "let_pass"}], "asker": "process why.py[PID]", "could": null,
"stopped_by": [], "conditions": [{"says": "the BPF programs of its cgroup allow it"}],
"answer": [{"says": "udp port 5000 is free."}, {"says": "$outside"},
{"says": "A bind has to pass BPF programs of the cgroup: bind4 let_pass (id ID)."},
{"says": "process why.py[PID] could bind to it if the BPF programs of its cgroup allow it."}],
"what_to_do": [{"says": "To keep it for a program: portres add udp 5000 for user root"}]}
END
as=(setpriv --reuid 4001 --regid 4001 --clear-groups)
answer "asked by an ordinary user" udp 5000 for pid "$holder" <<END
udp port 5000 is free.
$outside
process why.py[PID] could bind to it if no BPF program of its cgroup forbids it.
To keep it for a program: portres add udp 5000 for user root
END
tap_run 0 "in JSON" "${as[@]}" portres why udp 5000 -j
tap_is "$(json 'x["programs"]')" None "they are not known"
as=()
end_situation
kill "$program"

# Elsewhere.
ip netns add there
ip netns exec there sleep 600 &
helpers="$helpers $!"
there=$!
# shellcheck disable=SC2317 # wait_for calls it
is_there() {
	[ "$(readlink "/proc/$there/ns/net")" != "$(readlink /proc/self/ns/net)" ] &&
		[ "$(cat "/proc/$there/comm")" = sleep ]
}
wait_for is_there
answer "a process in another network namespace" udp 5000 for pid "$there" <<END
udp port 5000 is free.
$outside
process sleep[PID] is in another network namespace: ask there, nsenter --net=/proc/PID/ns/net portres why udp 5000 for pid PID
To keep it for a program: portres add udp 5000 for user root
END

tap_done
