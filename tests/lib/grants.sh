# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# For tests of grants by the command: binds as another user or in a cgroup. Source it after store.sh
# or shell.sh.

# shellcheck disable=SC2317 # tap_run calls them
as_user() {
	setpriv --reuid 4000 --regid 4000 --clear-groups "$@"
}

# shellcheck disable=SC2317
as_stranger() {
	setpriv --reuid 4001 --regid 4001 --clear-groups "$@"
}

cgroups=/sys/fs/cgroup

# shellcheck disable=SC2317
# in_cgroup PATH COMMAND...: runs it in a cgroup that is made first.
in_cgroup() {
	mkdir -p "$cgroups$1"
	(echo "$BASHPID" >"$cgroups$1/cgroup.procs" && "${@:2}")
}

# shellcheck disable=SC2154 # of the file before
# bind PROTOCOL PORT: whether an explicit bind succeeds, for the wrapper in front of it.
cat >"$work/bind" <<-'END'
	#!/usr/bin/python3
	import socket, sys
	kinds = {"udp": socket.SOCK_DGRAM, "tcp": socket.SOCK_STREAM}
	s = socket.socket(socket.AF_INET, kinds[sys.argv[1]])
	try:
	    s.bind(("127.0.0.1", int(sys.argv[2])))
	except OSError as e:
	    sys.exit(e.strerror)
END
chmod 755 "$work" "$work/bind"

# bind_admitted PROTOCOL TEXT PORT [WRAPPER...], bind_refused PROTOCOL TEXT PORT [WRAPPER...]: a row
# each; the same for UDP: admitted TEXT PORT [WRAPPER...], turned_away TEXT PORT [WRAPPER...]
bind_admitted() {
	tap_run 0 "$2" "${@:4}" "$work/bind" "$1" "$3"
}

bind_refused() {
	tap_run 1 "$2" "${@:4}" "$work/bind" "$1" "$3"
	says "Address already in use: $2" "Address already in use"
}

admitted() {
	bind_admitted udp "$@"
}

turned_away() {
	bind_refused udp "$@"
}
