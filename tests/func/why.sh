#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# portres why of ports that are free or reserved: situations, each made here, and the whole answer to each.
# shellcheck source=tests/lib/store.sh
. "$(dirname "$(readlink -f "$0")")/../lib/store.sh"
# shellcheck source=tests/lib/grants.sh
. "$(dirname "$(readlink -f "$0")")/../lib/grants.sh"
# shellcheck source=tests/lib/why.sh
. "$(dirname "$(readlink -f "$0")")/../lib/why.sh"

# Nothing has it.
answer "free" udp 5000 <<END
udp port 5000 is free.
$outside
To keep it for a program: portres add udp 5000 for unit NAME
END
answer "free, of TCP" tcp 5000 <<END
tcp port 5000 is free.
$outside
To keep it for a program: portres add tcp 5000 for unit NAME
END
answer "ephemeral" udp 40000 <<END
udp port 40000 is free and ephemeral.
$inside
To keep it for a program: portres add udp 40000 for unit NAME
END
answer "privileged" udp 53 <<END
udp port 53 is free and privileged.
$outside
$low
To keep it for a program: portres add udp 53 for unit NAME
END
sysctl -q -w net.ipv4.ip_local_reserved_ports=5000,40000 net.ipv4.ip_unprivileged_port_start=80
answer "of no use to the kernel" udp 40000 <<END
udp port 40000 is free and ephemeral.
Ephemeral, of 32768-60999, but the kernel does not select it: in net.ipv4.ip_local_reserved_ports.
To keep it for a program: portres add udp 40000 for unit NAME
END
answer "the same outside of the range" udp 5000 <<END
udp port 5000 is free.
$outside In net.ipv4.ip_local_reserved_ports.
To keep it for a program: portres add udp 5000 for unit NAME
END
answer "not privileged any more" tcp 80 <<END
tcp port 80 is free.
$outside
To keep it for a program: portres add tcp 80 for unit NAME
END
answer "privileged as before" tcp 79 <<END
tcp port 79 is free and privileged.
$outside
Privileged: below 80 a bind needs CAP_NET_BIND_SERVICE.
To keep it for a program: portres add tcp 79 for unit NAME
END
sysctl -q -w net.ipv4.ip_local_reserved_ports= net.ipv4.ip_unprivileged_port_start=1024
sysctl -q -w net.ipv4.ip_local_port_range="5000 5999"
answer "another range" udp 5000 <<END
udp port 5000 is free and ephemeral.
Ephemeral: the kernel selects ports of 5000-5999 for any socket.
To keep it for a program: portres add udp 5000 for unit NAME
END
sysctl -q -w net.ipv4.ip_local_port_range="32768 60999"

# Reserved.
add udp 5000-5009
answer "for nobody" udp 5004 <<END
udp port 5004 is reserved.
Reserved: udp 5000-5009, for no grantee, but for sockets that are associated.
Stored since TIME in /var/lib/portres/udp-5000-5009.
$outside
To let a program bind: portres set udp 5000-5009 for unit NAME
To give the reservation up: portres del udp 5000-5009
END
answer "beside it" udp 5010 <<END
udp port 5010 is free.
$outside
To keep it for a program: portres add udp 5010 for unit NAME
END
answer "of the other protocol" tcp 5004 <<END
tcp port 5004 is free.
$outside
To keep it for a program: portres add tcp 5004 for unit NAME
END
"$work/bind" udp 5004 2>/dev/null
answer "with a refused bind" udp 5004 <<END
udp port 5004 is reserved.
Reserved: udp 5000-5009, for no grantee, but for sockets that are associated.
Stored since TIME in /var/lib/portres/udp-5000-5009.
1 bind was refused because of the reservation.
bind[PID] of root was refused udp port 5004 with EADDRINUSE at TIME.
$outside
To let a program bind: portres set udp 5000-5009 for unit NAME
To give the reservation up: portres del udp 5000-5009
END
"$work/bind" udp 5005 2>/dev/null
portres set udp 5000-5009 name $'RTP \u2603' for user alice for unit rtp.service for unit caddy.service of alice \
	for cgroup /x/y for kernel >/dev/null
answer "for many" udp 5009 <<END
udp port 5009 is reserved.
Reserved: udp 5000-5009 (RTP $(printf '\u2603')), for user alice, unit rtp.service, unit caddy.service of alice, cgroup /x/y, kernel.
Stored since TIME in /var/lib/portres/udp-5000-5009.
2 binds were refused because of the reservation.
bind[PID] of root was refused udp port 5005 with EADDRINUSE at TIME.
bind[PID] of root was refused udp port 5004 with EADDRINUSE at TIME.
$outside
To let a program bind: portres set udp 5000-5009 for user alice for unit rtp.service for unit caddy.service of alice for cgroup /x/y for kernel for unit NAME
To give the reservation up: portres del udp 5000-5009
END
as=(setpriv --reuid 4001 --regid 4001 --clear-groups)
answer "asked by a user that cannot read the store" udp 5009 <<END
udp port 5009 is reserved.
Reserved: udp 5000-5009 (RTP $(printf '\u2603')), for user alice, unit rtp.service, unit caddy.service of alice, cgroup /x/y, kernel.
2 binds were refused because of the reservation.
$outside
To let a program bind: portres set udp 5000-5009 for user alice for unit rtp.service for unit caddy.service of alice for cgroup /x/y for kernel for unit NAME
To give the reservation up: portres del udp 5000-5009
END
as=()

# Which askers could bind.
block="Reserved: udp 5000-5009 (RTP), for user alice, unit rtp.service."
grants="for user alice for unit rtp.service"
portres del udp 5000-5009
# shellcheck disable=SC2086 # words
add udp 5000-5009 name RTP $grants
could() {
	local text=$1 verdict=$2
	shift 2
	answer "$text" udp 5004 for "$@" <<END
udp port 5004 is reserved.
$block
Stored since TIME in /var/lib/portres/udp-5000-5009.
$outside
$verdict
To give the reservation up: portres del udp 5000-5009
END
}

could_not() {
	local text=$1 verdict=$2 grant=$3
	shift 3
	answer "$text" udp 5004 for "$@" <<END
udp port 5004 is reserved.
$block
Stored since TIME in /var/lib/portres/udp-5000-5009.
$outside
$verdict
To let a program bind: portres set udp 5000-5009 $grants $grant
To give the reservation up: portres del udp 5000-5009
END
}
could "the user" "user alice could bind to it." user alice
could "another user" "user owner could bind to it if it runs as unit rtp.service." user owner
could "root" "user root could bind to it if it runs as unit rtp.service." user root
could "a unit that does not run" "unit rtp.service could bind to it if no BPF program of its cgroup forbids it." unit rtp
could "another unit that does not run" \
	"unit web.service could bind to it if it runs as user alice and no BPF program of its cgroup forbids it." \
	unit web.service
could "a unit of that name of a user" \
	"unit rtp.service of owner could bind to it if it runs as user alice and no BPF program of its cgroup forbids it." \
	unit rtp of owner
situation udp 127.0.0.1 7000 cgroup=/system.slice/web.service
could_not "a unit that runs as root" "unit web.service could not bind to it: the reservation has no grant for it." \
	"for unit web.service" unit web.service
could_not "a process of it" "process why.py[PID] could not bind to it: the reservation has no grant for it." \
	"for unit web.service" pid "$holder"
end_situation
situation udp 127.0.0.1 7000 cgroup=/system.slice/web.service user=4007
could "a unit that runs as the user" "unit web.service could bind to it." unit web
could "a process of the user" "process why.py[PID] could bind to it." pid "$holder"
end_situation
situation udp 127.0.0.1 7000 cgroup=/system.slice/system-rtp.slice/rtp.service user=4001
could "a process of the unit" "process why.py[PID] could bind to it." pid "$holder"
could "the unit, that runs" "unit rtp.service could bind to it." unit rtp.service
end_situation
situation udp 127.0.0.1 7000 user=4001
could_not "a process of no unit" "process why.py[PID] could not bind to it: the reservation has no grant for it." \
	"for user 4001" pid "$holder"
end_situation
portres set udp 5000-5009 for cgroup /x >/dev/null
block="Reserved: udp 5000-5009 (RTP), for cgroup /x."
grants="for cgroup /x"
situation udp 127.0.0.1 7000 cgroup=/x/below
could "a process of the cgroup" "process why.py[PID] could bind to it." pid "$holder"
end_situation
situation udp 127.0.0.1 7000 cgroup=/xy
could_not "a process of another cgroup" \
	"process why.py[PID] could not bind to it: the reservation has no grant for it." "for user root" pid "$holder"
end_situation
could "a user, for a cgroup" "user alice could bind to it if it runs as cgroup /x." user alice
portres set udp 5000-5009 for unit caddy.service of alice >/dev/null
block="Reserved: udp 5000-5009 (RTP), for unit caddy.service of alice."
grants="for unit caddy.service of alice"
situation udp 127.0.0.1 7000 cgroup="$alice/caddy.service" user=4007
could "a process of a unit of a user" "process why.py[PID] could bind to it." pid "$holder"
could "that unit" "unit caddy.service of alice could bind to it." unit caddy of alice
end_situation
could_not "the same unit of the system" \
	"unit caddy.service could not bind to it: the reservation has no grant for it." "for unit caddy.service" \
	unit caddy
portres del udp 5000-5009

answer "privileged: a user" udp 53 for user owner <<END
udp port 53 is free and privileged.
$outside
$low
user owner could not bind to it: it has no CAP_NET_BIND_SERVICE, and the port is privileged.
To bind without being root: AmbientCapabilities=CAP_NET_BIND_SERVICE in its unit
To keep it for a program: portres add udp 53 for user owner
END
answer "privileged: root" udp 53 for user root <<END
udp port 53 is free and privileged.
$outside
$low
user root could bind to it.
To keep it for a program: portres add udp 53 for user root
END
answer "privileged: a unit that does not run" tcp 53 for unit named <<END
tcp port 53 is free and privileged.
$outside
$low
unit named.service could bind to it if it has CAP_NET_BIND_SERVICE and no BPF program of its cgroup forbids it.
To keep it for a program: portres add tcp 53 for unit named.service
END

answer "a unit that is to be quoted" udp 5000 for unit 'vpn@a\x2db.service' <<'END'
udp port 5000 is free.
Not ephemeral: the range is 32768-60999.
unit vpn@a\\x2db.service could bind to it if no BPF program of its cgroup forbids it.
To keep it for a program: portres add udp 5000 for unit 'vpn@a\x2db.service'
END

# Declared.
echo 'udp 5020-5029 for user alice' >/etc/portres.d/why.conf
portres restore >/dev/null
answer "declared" udp 5020 <<END
udp port 5020 is reserved.
Reserved: udp 5020-5029, for user alice.
Declared at /etc/portres.d/why.conf:1.
$outside
To let a program bind: portres set udp 5020-5029 for user alice for unit NAME
To give the reservation up: portres del udp 5020-5029
END
portres del udp 5020-5029 2>/dev/null
rm /etc/portres.d/why.conf

# Of TCP, and in both protocols: one half is neither changed nor deleted.
add tcp 5040-5049 for user alice
/usr/bin/python3 -c 'import socket; socket.socket().bind(("", 5041))' 2>/dev/null
answer "reserved, of TCP" tcp 5041 <<END
tcp port 5041 is reserved.
Reserved: tcp 5040-5049, for user alice.
Stored since TIME in /var/lib/portres/tcp-5040-5049.
1 bind was refused because of the reservation.
python3[PID] of root was refused tcp port 5041 with EADDRINUSE at TIME.
$outside
To let a program bind: portres set tcp 5040-5049 for user alice for unit NAME
To give the reservation up: portres del tcp 5040-5049
END
answer "not for UDP" udp 5041 <<END
udp port 5041 is free.
$outside
To keep it for a program: portres add udp 5041 for unit NAME
END
portres del tcp 5040-5049
add both 5060 for user alice
for protocol in tcp udp; do
	answer "in both, $protocol" "$protocol" 5060 for user owner <<END
$protocol port 5060 is reserved.
Reserved: $protocol 5060, for user alice.
Stored since TIME in /var/lib/portres/both-5060-5060.
$outside
user owner could not bind to it: the reservation has no grant for it.
To let a program bind: portres set both 5060 for user alice for user owner
To give the reservation up: portres del both 5060
END
done
tap_run 0 "what it says" portres set both 5060 for user alice for user owner
tap_run 0 "and to give it up" portres del both 5060

add udp 40000-40001 for user alice
answer "reserved and ephemeral" udp 40001 <<END
udp port 40001 is reserved and ephemeral.
Reserved: udp 40000-40001, for user alice.
Stored since TIME in /var/lib/portres/udp-40000-40001.
$skipped
To let a program bind: portres set udp 40000-40001 for user alice for unit NAME
To give the reservation up: portres del udp 40000-40001
END
portres del udp 40000-40001

# Acquired.
portres run --udp 5030-5039 name viewer -- sleep 600 &
helpers="$helpers $!"
run=$!
# shellcheck disable=SC2317 # wait_for calls it
runs() {
	portres show 5030 >/dev/null 2>&1 && pgrep -P "$run" sleep >/dev/null
}
wait_for runs
acquired="udp port 5030 is reserved and in use.
Reserved: udp 5030-5039 (acquired by viewer[PID]), for the descendants of that process.
The process was started at TIME.
$outside"
answer "acquired" udp 5031 <<END
udp port 5031 is reserved.
Reserved: udp 5030-5039 (acquired by viewer[PID]), for the descendants of that process.
The process was started at TIME.
$outside
To end the reservation: stop its process, or portres del udp 5030-5039
END
acquired="udp port 5031 is reserved.
Reserved: udp 5030-5039 (acquired by viewer[PID]), for the descendants of that process.
The process was started at TIME.
$outside"
ended="To end the reservation: stop its process, or portres del udp 5030-5039"
answer "a descendant" udp 5031 for pid "$(pgrep -P "$run" sleep)" <<END
$acquired
process sleep[PID] could bind to it.
$ended
END
answer "the process itself" udp 5031 for pid "$run" <<END
$acquired
process portres[PID] could bind to it.
$ended
END
answer "another process" udp 5031 for pid $$ <<END
$acquired
process why.sh[PID] could not bind to it: viewer[PID] acquired it.
$ended
END
answer "a user" udp 5031 for user root <<END
$acquired
user root could bind to it if it descends from viewer[PID].
$ended
END
as=(setpriv --reuid 4001 --regid 4001 --clear-groups)
answer "acquired by another user" udp 5031 <<END
udp port 5031 is reserved.
Reserved: udp 5030-5039 (acquired by a process of root), for the descendants of that process.
$outside
$ended
END
as=()
kill "$run"
wait "$run" 2>/dev/null

# Words that name no port, and words that name no asker.
for words in "" "udp" "udp 0" "udp 65536" "udp x" "udp -1" "udp 5000-5001" "sctp 5000" "5000" "udp 5000 for" \
	"udp 5000 for kernel" "udp 5000 for pid" "udp 5000 for pid x" "udp 5000 for pid 0" "udp 5000 for pid 1 2" \
	"udp 5000 for user" "udp 5000 for user no-such-user" "udp 5000 for unit x*" "udp 5000 to me"; do
	# shellcheck disable=SC2086 # words
	tap_run 2 "no answer: why $words" portres why $words
	says "one sentence: why $words" "portres: "
done
refused "there is no process 4194305 here" portres why udp 5000 for pid 4194305

# JSON.
add udp 5000-5009 name RTP for user alice
situation udp 127.0.0.1 7000 cgroup=/system.slice/rtp.service
tap_run 0 "JSON" portres why udp 5004 for user alice -j
tap_is "$(json '[x[k] for k in ("protocol", "port", "is_reserved", "in_use", "is_ephemeral", "is_privileged", "could", "asker")]')" \
	"['udp', 5004, True, False, False, False, True, 'user alice']" "its values"
tap_is "$(json '(x["reservation"][0]["first"], x["reservation"][0]["name"], x["source"], x["stored_since"][10])')" \
	"(5000, 'RTP', '/var/lib/portres/udp-5000-5009', 'T')" "the reservation"
tap_is "$(json '[s["says"] for s in x["answer"]][-1]')" "user alice could bind to it." "the sentences"
tap_run 0 "JSON" portres why udp 7000 -j
tap_is "$(json '[(b["address"], b["command"], b["unit"], b["of"], b["kernel_user"]) for b in x["bound"]], x["could"]')" \
	"([('127.0.0.1:7000', 'why.py', 'rtp.service', None, None)], None)" "what has the port"
end_situation
situation udp 127.0.0.1 7000 cgroup=$alice/rtp.service
tap_run 0 "JSON" portres why udp 7000 -j
tap_is "$(json '[(b["unit"], b["of"]) for b in x["bound"]]')" "[('rtp.service', 4007)]" "a unit of a user"
end_situation
portres del udp 5000-5009

rmmod portres
answer "without the module" udp 5000 <<END
udp port 5000 is free.
The kernel has no portres: nothing is reserved.
$outside
END
tap_run 1 "it is not loaded for that" test -e /sys/module/portres
modprobe portres
tap_done
