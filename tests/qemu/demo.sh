#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The main job, for a newcomer: runs in the guest, says what it does, fails if it is not so.
set -u
ulimit -n 8192

say() { printf '\n%s\n' "$*"; }

# Shows a command and runs it.
show() {
	printf '  $ %s\n' "${*@Q}" | sed "s/'\([a-z0-9:.-]*\)'/\1/g"
	"$@" 2>&1 | sed 's/^/    /'
	return "${PIPESTATUS[0]}"
}

expect_ok() {
	show "$@" || { echo "The demonstration failed: that should have worked."; exit 1; }
}

expect_refusal() {
	if show "$@"; then
		echo "The demonstration failed: that should have been refused."
		exit 1
	fi
}

# bind PORT [TOKEN]: what a program does that wants a UDP port; with a token, what its owner does.
bind() {
	/usr/bin/python3 - "$@" <<-'PYTHON'
	import socket, struct, sys

	PORTRES_SO_ASSOCIATE = 0x5052
	sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	try:
	    if len(sys.argv) > 2:
	        token = struct.pack("=Q", int(sys.argv[2], 0))
	        sock.setsockopt(socket.SOL_IP, PORTRES_SO_ASSOCIATE, token)
	    sock.bind(("", int(sys.argv[1])))
	    print("got port", sock.getsockname()[1])
	except OSError as error:
	    sys.exit(f"refused: {error.strerror}")
	PYTHON
}

# token FIRST: what associates a socket with the reservation.
token() {
	portres show udp "$1" --json |
		/usr/bin/python3 -c 'import json, sys; print(json.load(sys.stdin)[0]["token"])'
}

# Many sockets with a port of the kernel's choice; says how many ended up in the block.
crowd() {
	/usr/bin/python3 - "$@" <<-'PYTHON'
	import socket, sys

	first, last, count = map(int, sys.argv[1:])
	ports = []
	socks = []
	for _ in range(count):
	    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	    sock.bind(("", 0))
	    socks.append(sock)
	    ports.append(sock.getsockname()[1])
	inside = [port for port in ports if first <= port <= last]
	print(f"{count} sockets got ports from {min(ports)} to {max(ports)},",
	      f"{len(inside)} of them in {first}-{last}")
	sys.exit(bool(inside))
	PYTHON
}

say "This is Linux $(uname -r), a kernel as Debian ships it, in a virtual machine."
say "A telephone server answers calls on UDP ports 40000-40999. It does not use all of
them all the time; and whatever is not in use just now, Linux gives to anybody:"
expect_ok bind 40500

say "So we load portres and reserve the block:"
expect_ok modprobe portres
expect_ok portres add udp 40000-40999 name "telephone server"
expect_ok portres

say "Now no other program gets one of these ports, not even root. It asks for one:"
expect_refusal bind 40500
say "It lets the kernel choose, as every DNS look-up does. The kernel chooses from
$(tr '\t' '-' < /proc/sys/net/ipv4/ip_local_port_range), where the block lies in the midst:"
expect_ok crowd 40000 40999 5000

say "The telephone server shows the token of its reservation, and is let in:"
expect_ok bind 40500 "$(token 40000)"
say "Or it takes any free port of its block:"
expect_ok bind 0 "$(token 40000)"

say "A block that overlaps it cannot be reserved by somebody else:"
expect_refusal portres add udp 40900-41100 name "video server"

say "The reservation counted the binds that it refused. It ends when it is deleted:"
expect_ok portres show udp 40000-40999
expect_ok portres del udp 40000-40999
expect_ok bind 40500

rmmod portres || exit 1
say "That is portres. What else it does, and how to use it on this machine: README.md"
