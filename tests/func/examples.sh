#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The examples, which are written for Windows, and what they print here: built as C, as C++ and,
# where they need no libnl, for 32 bits besides 64.
# shellcheck source=tests/lib/store.sh
. "$(dirname "$(readlink -f "$0")")/../lib/store.sh"

examples=$(dirname "$(readlink -f "$0")")/../../examples
owner="setpriv --reuid 4000 --regid 4000 --clear-groups"
stranger="setpriv --reuid 4001 --regid 4001 --clear-groups"

# prints STATUS OUTPUT COMMAND...: two rows, for the exit status and for what is printed.
prints() {
	local status=$1 output=$2
	shift 2
	tap_run "$status" "${*##*/}" "$@"
	tap_is "$tap_output" "$output" "what it prints"
}

for language in "" ++; do
	installer=$examples/installer$language
	prints 0 "reserved" "$installer" install 5100 10
	prints 0 "already there" "$installer" install 5100 10
	prints 1 "some of the ports are taken" "$installer" install 5105 10
	# shellcheck disable=SC2086 # lists of words
	{
		prints 1 "this takes an administrator" $stranger "$installer" install 5300 1
		prints 1 "error 5" $stranger "$installer" remove 5100 10
	}
	prints 0 "removed" "$installer" remove 5100 10
	prints 0 "already gone" "$installer" remove 5100 10

	server=$examples/server$language
	portres add udp 5200-5209 user 4000 >/dev/null
	# shellcheck disable=SC2086
	{
		prints 0 "the port is of the block: yes
answered: hello" $owner "$server" 5200 10
		prints 1 "10 ports from 5200 on: error 5" $stranger "$server" 5200 10
		prints 1 "9 ports from 5200 on: error 1168" $owner "$server" 5200 9
	}
	portres del udp 5200-5209

	# other ports for each, as a closed connection leaves one in TIME_WAIT
	cluster=$examples/cluster$language
	first=$((5250 + 20 * ${#language}))
	portres add tcp $first+10 user 4000 >/dev/null
	# shellcheck disable=SC2086
	{
		prints 0 "listening on port $first
the peer's port is of the block: yes
the accepted socket has port $first
it says: alive" $owner "$cluster" $first 10
		prints 1 "10 ports from $first on: error 5" $stranger "$cluster" $first 10
		prints 1 "9 ports from $first on: error 1168" $owner "$cluster" $first 9
	}
	portres del tcp $first+10
	prints 1 "10 ports from $first on: error 1168" "$cluster" $first 10

	after=$examples/after_boot$language
	rm -f "$work/token"
	portres add udp 5400-5403 >/dev/null
	prints 0 "a new token: gets a port" "$after" "$work/token" 5400 4
	prints 0 "the same token: gets a port" "$after" "$work/token" 5400 4
	# what a boot does to the kernel, and what is done at boot
	until rmmod portres; do sleep 0.1; done
	modprobe portres
	prints 1 "not reserved: error 1168" "$after" "$work/token" 5400 4
	portres restore >/dev/null
	prints 0 "the token of the last run: of no use
a new token: gets a port" "$after" "$work/token" 5400 4
	portres del udp 5400-5403
done

variants=("" ++)
# other machines than this have programs of one kind alone
[ "$(uname -m) $(getconf LONG_BIT)" != "x86_64 64" ] || variants+=(-32 ++-32)
for variant in "${variants[@]}"; do
	# shellcheck disable=SC2086
	{
		prints 0 "acquired 16 ports
RTP on an even port: bound
RTCP on the next: bound
a stranger on another of them: refused
release: error 0
a stranger after that: bound" $stranger "$examples/rtp$variant"
		prints 0 "4 of 4 workers share the port
without the token: refused
when they are gone: bound" $stranger "$examples/quic$variant" 4433
	}
done
portres add udp 4433 >/dev/null
prints 1 "the port cannot be had: error 10048" "$examples/quic" 4433
portres del udp 4433

# A program as Windows' samples are.
tap_run 0 "shape" "$examples/shape" 2 2 17 5000 20
tap_is "$(echo "$tap_output" | sed -e 's/token -\{0,1\}[0-9][0-9]*$/token DECIMAL/' \
	-e 's/bound to 50[01][0-9]$/bound to A PORT OF THE BLOCK/')" "acquired, 16 bytes returned
start 5000, count 20, token DECIMAL
bound to A PORT OF THE BLOCK
released" "what it prints"
tap_run 0 "shape, with TCP" "$examples/shape" 2 1 6 5000 20
tap_is "$(echo "$tap_output" | sed -e 's/token -\{0,1\}[0-9][0-9]*$/token DECIMAL/' \
	-e 's/bound to 50[01][0-9]$/bound to A PORT OF THE BLOCK/')" "acquired, 16 bytes returned
start 5000, count 20, token DECIMAL
bound to A PORT OF THE BLOCK
released" "what it prints"
tap_run 0 "persist" "$examples/persist" 5000 20
tap_is "$(echo "$tap_output" | sed -e 's/token -\{0,1\}[0-9][0-9]*$/token DECIMAL/' \
	-e 's/bound to 50[01][0-9]$/bound to A PORT OF THE BLOCK/')" "created, token DECIMAL
bound to A PORT OF THE BLOCK
lookup: error 0, the same token
delete: error 0" "what it prints"
prints 1 "create: error 87" "$examples/persist" 0 20
tap_done
