#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The examples of libportres(3), portres(7) and the pages of Windows' functions do what they say.
# shellcheck source=tests/lib/store.sh
. "$(dirname "$(readlink -f "$0")")/../lib/store.sh"

examples=$(dirname "$(readlink -f "$0")")/man

# shellcheck disable=SC2317 # wait_for calls it
told() {
	grep -q to "$work/block" || ! kill -0 "$holder"
}

portres add udp 5000-5009 >/dev/null
token=$(portres show 5000 -j | sed -n 's/.*"token":"\([^"]*\)".*/\1/p')
tap_run 0 "libportres(3): what is reserved, and a port of it" "$examples-libportres.3-1"
tap_is "$tap_output" "5000+10" "it prints the block"
tap_run 0 "libportres(3): a pair of ports" "$examples-libportres.3-2"
is_pair() {
	[[ $1 =~ ^"RTP on "([0-9]+)", RTCP on "([0-9]+)$ ]] &&
		[ $((BASH_REMATCH[1] % 2)) -eq 0 ] && [ $((BASH_REMATCH[1] + 1)) -eq "${BASH_REMATCH[2]}" ]
}
is_pair "$tap_output"
tap_ok $? "an even one and the next"

tap_run 0 "portres(7): a port by the token" "$examples-portres.7-1" "$token"
is_in_block() {
	[ "$1" -ge 5000 ] && [ "$1" -le 5009 ]
}
is_in_block "$tap_output"
tap_ok $? "it is one of the block"
refused "cannot use the reservation: Invalid argument" "$examples-portres.7-1" 0

"$examples-portres.7-2" >"$work/block" &
holder=$!
helpers="$helpers $holder"
wait_for told
read -r first _ last <"$work/block"
tap_is "$((last - first))" 9 "portres(7): ten ports in a row"
tap_run 0 "while it runs" portres show "$first"
has "it holds them" "process   man-portres.7-2[$holder]"
kill "$holder"
wait "$holder" 2>/dev/null
tap_run 1 "when it is stopped" portres show "$first"
has "they are free" "is not reserved"

page=CreatePersistentUdpPortReservation
portres del udp 5000-5009
tap_run 0 "$page(3): a block" "$examples-$page.3-1"
token=$tap_output
tap_is "$(printf '0x%016x' "$token")" \
	"$(portres show 5000 -j | sed -n 's/.*"token":"\([^"]*\)".*/\1/p')" "it prints the token"
tap_run 0 "$page(3): it is there already" "$examples-$page.3-1"
tap_is "$tap_output" "$token" "the token is the same"

tap_run 0 "WSAIoctl(3): four ports in a row" "$examples-WSAIoctl.3-1"
[[ $tap_output =~ ^"port "([0-9]+)" of "([0-9]+)" to "([0-9]+)$ ]] &&
	[ $((BASH_REMATCH[3] - BASH_REMATCH[2])) -eq 3 ] &&
	[ "${BASH_REMATCH[1]}" -ge "${BASH_REMATCH[2]}" ] &&
	[ "${BASH_REMATCH[1]}" -le "${BASH_REMATCH[3]}" ]
tap_ok $? "it prints one of them"

page=libportres-win32
tap_run 0 "$page(3): wmain" "$examples-$page.3-1" a b
tap_is "$tap_output" "$examples-$page.3-1 has 2 arguments: 4886718345" "it prints a wide text"
tap_done
