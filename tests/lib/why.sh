# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Situations for portres why: made by why.py, and the whole answer to each. Source it after store.sh and
# grants.sh.

here=$(dirname "$(readlink -f "$0")")
# shellcheck disable=SC2154 # of shell.sh
chmod 777 "$work"
cp /etc/passwd "$work/passwd"
echo 'alice:x:4007:4007::/:/bin/sh' >>"$work/passwd"
mount --bind "$work/passwd" /etc/passwd
# shellcheck disable=SC2034 # for the tests
alice=/user.slice/user-4007.slice/user@4007.service/app.slice

# Numbers of processes and programs, and times, are others in each run; the kernel's name is not.
steady() {
	sed -E -e 's/\[[0-9]+\]/[PID]/g; s/(kill|pid) [0-9]+/\1 PID/g; s/\(id [0-9]+\)/(id ID)/g' \
		-e 's|/proc/[0-9]+/|/proc/PID/|g; s/there is no process [0-9]+/there is no process PID/' \
		-e 's/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}[+-][0-9]{2}:[0-9]{2}/TIME/g'
}

# answer TEXT WORD...: a row; the whole answer is standard input, its status 0.
answer() {
	local text=$1 status=0
	shift
	tap_output=$("${as[@]}" portres why "$@" 2>&1) || status=$?
	tap_is "$(steady <<<"$tap_output"), $status" "$(cat), 0" "$text"
}
as=()

# whole: JSON of the standard input in a steady form.
whole() {
	steady | /usr/bin/python3 -c 'import json, sys
def plain(x):
    if isinstance(x, list):
        return [plain(y) for y in x]
    if isinstance(x, dict):
        return {k: k.upper() if k in ("id", "pid") and isinstance(v, int) else plain(v) for k, v in x.items()}
    return x
print(json.dumps(plain(json.load(sys.stdin)), indent=1, sort_keys=True))'
}

# whole_json TEXT WORD...: a row; the whole object is standard input.
whole_json() {
	local text=$1
	shift
	tap_output=$("${as[@]}" portres why -j "$@" 2>&1)
	tap_is "$(whole <<<"$tap_output" 2>&1)" "$(whole)" "$text"
}

# situation WORD...: as why.py makes it; its process is left in $holder.
situation() {
	rm -f "$work/told"
	"$here/why.py" "$work/told" "$@" &
	holder=$!
	helpers="$helpers $holder"
	wait_for test -e "$work/told"
}

end_situation() {
	kill "$holder"
	wait "$holder" 2>/dev/null
}

add() {
	portres add "$@" >/dev/null 2>&1 || tap_ok 1 "add $*"
}

# shellcheck disable=SC2034 # for the tests
low="Privileged: below 1024 a bind needs CAP_NET_BIND_SERVICE."
# shellcheck disable=SC2034
outside="Not ephemeral: the range is 32768-60999."
# shellcheck disable=SC2034
inside="Ephemeral: the kernel selects ports of 32768-60999 for any socket."
# shellcheck disable=SC2034
skipped="Ephemeral, of 32768-60999, but the kernel does not select it: reserved."
