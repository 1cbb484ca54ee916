# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# For tests of TCP ports by the command. Source it after grants.sh.

# tcp_admitted TEXT PORT [WRAPPER...], tcp_refused TEXT PORT [WRAPPER...]: a row each.
tcp_admitted() {
	bind_admitted tcp "$@"
}

tcp_refused() {
	bind_refused tcp "$@"
}

# tcp_hold STATE PORT: a process with a socket on the port that is bound, listens, connected, or
# waits (in TIME_WAIT); its number is left in $holder.
# shellcheck disable=SC2154 # of the file before
tcp_hold() {
	rm -f "$work/held"
	/usr/bin/python3 -c 'import socket, sys, time
state, port, told = sys.argv[1:]
s = socket.socket()
s.bind(("127.0.0.1", int(port)))
if state == "listens":
    s.listen()
elif state != "bound":
    listener = socket.socket()
    listener.listen()
    s.connect(("127.0.0.1", listener.getsockname()[1]))
    peer = listener.accept()[0]
if state == "waits":
    s.close()
    peer.close()
open(told, "w").close()
time.sleep(600)' "$1" "$2" "$work/held" &
	holder=$!
	helpers="$helpers $holder"
	wait_for test -e "$work/held"
}
