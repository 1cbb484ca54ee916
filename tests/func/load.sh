#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The command loads the module for root, and for nobody else; and it says why it could not.
. "$(dirname "$(readlink -f "$0")")/../lib/shell.sh"
trap 'sweep; rmmod portres 2>/dev/null' EXIT

# loaded TEXT WANTED: whether the module is there; it is unloaded.
loaded() {
	local is=no
	[ ! -e /sys/module/portres ] || is=yes
	tap_is "$is" "$2" "$1"
	[ $is = no ] || rmmod portres
}

# own COMMAND...: in a network namespace of its own.
own() {
	unshare --net "$@"
}

for words in "" "show" "show 5000" "add udp 5000" "del udp 5000" "restore --dry-run" "restore"; do
	# shellcheck disable=SC2086
	own portres $words >/dev/null 2>"$work/said"
	tap_is "$(grep -c 'modprobe' "$work/said")" 0 "root: portres $words"
	loaded "the module was loaded" yes
done
own timeout 2 portres monitor
loaded "portres monitor: the module was loaded" yes
for words in "--help" "--version" "check /dev/null" "nonsense" "--complete del udp 5"; do
	# shellcheck disable=SC2086
	portres $words >/dev/null 2>&1
	loaded "portres $words does not need it" no
done

# Nobody else, and not against the machine's own word.
user="setpriv --reuid 4001 --regid 4001 --clear-groups"
for words in "show" "add udp 5000" "monitor"; do
	# shellcheck disable=SC2086
	refused 'load the module with "sudo modprobe portres"' $user portres $words
	loaded "a user's portres $words does not load it" no
done
# shellcheck disable=SC2086
tap_run 1 "the root of a user namespace" $user unshare --user --map-root-user --net portres
loaded "does not load it" no
# shellcheck disable=SC2086
refused 'load the module with "modprobe portres"' \
	setpriv --bounding-set -sys_module --inh-caps -sys_module portres show
loaded "a root without CAP_SYS_MODULE does not load it" no
usual=$(cat /proc/sys/kernel/modprobe)
echo >/proc/sys/kernel/modprobe
refused "failed: this system loads no modules" portres show
echo /nowhere/modprobe >/proc/sys/kernel/modprobe
refused "failed: /nowhere/modprobe: No such file or directory" portres show
cat >"$work/modprobe" <<-'END'
	#!/bin/sh
	echo "not today: $*, $(env | sort | paste -s -d' ')" >&2
	exit 1
END
chmod +x "$work/modprobe"
echo "$work/modprobe" >/proc/sys/kernel/modprobe
refused "failed: not today: -- portres, HOME=/ PATH=/sbin:/usr/sbin:/bin:/usr/bin" \
	env SECRET=x portres show
echo "$usual" >/proc/sys/kernel/modprobe

# Not installed: for this kernel there is none.
tap_run 1 "without the module" unshare --mount sh -c \
	'mount -t tmpfs none /lib/modules && exec portres add udp 5000'
has "it is said" 'the kernel has no portres, and "modprobe portres" failed: '
has "and why" "Module portres not found"
tap_done
