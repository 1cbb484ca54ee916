#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Runs each recipe of portres(7), as printed in the page: the grantee gets the ports, and others do
# not.
# shellcheck source=tests/lib/store.sh
. "$(dirname "$(readlink -f "$0")")/../lib/store.sh"
# shellcheck source=tests/lib/grants.sh
. "$(dirname "$(readlink -f "$0")")/../lib/grants.sh"
# shellcheck source=tests/lib/tcp.sh
. "$(dirname "$(readlink -f "$0")")/../lib/tcp.sh"

cp /etc/passwd "$work/passwd"
echo 'alice:x:4007:4007::/:/bin/sh' >>"$work/passwd"
mount --bind "$work/passwd" /etc/passwd
alice=/user.slice/user-4007.slice/user@4007.service/app.slice

# shellcheck disable=SC2317 # tap_run calls it
# tunnel PORT: whether WireGuard gets the port.
tunnel() {
	ip link add wg9 type wireguard && wg set wg9 listen-port "$1" && ip link set wg9 up
	local status=$?
	ip link del wg9
	return "$status"
}

# lets_in, keeps_out PROTOCOL TEXT PORT [WRAPPER...]: rows for each protocol.
lets_in() {
	[ "$1" = tcp ] || admitted "${@:2}"
	[ "$1" = udp ] || tcp_admitted "${@:2}"
}

keeps_out() {
	[ "$1" = tcp ] || turned_away "${@:2}"
	[ "$1" = udp ] || tcp_refused "${@:2}"
}

# grantee PROTOCOL PORT WORD...: rows for the grantee that the words name.
grantee() {
	local protocol=$1 port=$2
	case "${*:3}" in
	*"for unit "*" of alice"*) lets_in "$protocol" "the unit of alice" "$port" in_cgroup "$alice/caddy.service" ;;
	*"for unit "*)
		local unit=${*:3}
		unit=${unit#*for unit }
		lets_in "$protocol" "the unit ${unit%% *}" "$port" in_cgroup "/system.slice/${unit%% *}"
		;;
	*"for user games"*) lets_in "$protocol" "the user" "$port" setpriv --reuid games --clear-groups ;;
	*"for kernel"*)
		if [ "$protocol" = udp ]; then
			tap_run 0 "the kernel" tunnel "$port"
		else
			tap_skip "the kernel" "the guest has no tool that makes a TCP socket of the kernel"
		fi
		;;
	esac
}

recipes=0
while read -r line; do
	line=${line//\\(dq/\"}
	eval "words=(${line#portres add })"
	recipes=$((recipes + 1))
	protocol=${words[0]}
	range=${words[1]}
	tap_run 0 "$line" portres add "${words[@]}"
	port=${range%-*}
	grantee "$protocol" "$port" "${words[@]}"
	keeps_out "$protocol" "root" "$port"
	[ "$port" -lt 1024 ] || keeps_out "$protocol" "a stranger" "$port" as_stranger
	portres del "$protocol" "$range"
done < <(sed -n '/^\.Ss Recipes/,/^\.Ss Windows/s/^# \(portres add .*\)/\1/p' /usr/share/man/man7/portres.7)
tap_is "$recipes" 14 "recipes of an administrator were tried"

# shellcheck disable=SC2016
printf '#!/bin/sh\nexec "%s" udp "${2%%-*}"\n' "$work/bind" >"$work/job"
chmod 755 "$work/job"
tap_is "$(sed -n 's/^\$ \(portres run .*\)/\1/p' /usr/share/man/man7/portres.7)" \
	"portres run --udp 10 name batch -- ./job --rtp-ports {first}-{last}
portres run --tcp 1 -- env MASTER_PORT={first} ./train" "there are two of a user"
# shellcheck disable=SC2016
printf '#!/bin/sh\nexec "%s" tcp "$MASTER_PORT"\n' "$work/bind" >"$work/train"
chmod 755 "$work/train"
cd "$work" || exit
tap_run 0 "it has its port" as_user portres run --tcp 1 -- env 'MASTER_PORT={first}' ./train
tap_run 0 "it has its ports" as_user portres run --udp 10 name batch -- ./job --rtp-ports '{first}-{last}'
tap_done
