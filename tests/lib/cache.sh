# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# The cache of things that outlive a checkout, and how Debian packages get into it
# without being installed. Sourced by scripts that run with set -eu.

# shellcheck disable=SC2034 # for scripts that source this
cache=${PORTRES_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/portres}

# what is unpacked keeps the permissions it was packed with
umask 022

die() {
	echo "${0##*/}: $*" >&2
	exit 1
}

# candidate PACKAGE: prints the version that apt would take, or fails.
candidate() {
	apt-cache policy "$1" 2>/dev/null | sed -n 's/^  Candidate: //p' | grep -v '^(none)$'
}

# meta_target META PATTERN: prints the package matching PATTERN that META depends on, or fails.
meta_target() {
	apt-cache depends "$1" 2>/dev/null | sed -n 's/^ *|*Depends: //p' | grep -m 1 -x -e "$2"
}

# Renews the package lists of the machine, or those that suite_apt has chosen; or fails.
renew_lists() {
	if [ -n "${APT_CONFIG:-}" ]; then
		# shellcheck disable=SC2154 # of suite.sh
		with_lock "apt-$suite_name-$suite_arch" apt-get update -qq
	else
		[ "$(id -u)" -eq 0 ] && apt-get update -qq
	fi
}

# unpack_debs DIR PACKAGE[=VERSION]...: downloads packages and unpacks them into DIR.
# Outdated package lists are renewed once, where the caller may do that.
unpack_debs() {
	unpack_dir=$1
	shift
	mkdir -p "$unpack_dir.debs"
	for attempt in 1 2; do
		if (cd "$unpack_dir.debs" && apt-get download -qq -o APT::Sandbox::User=root "$@"); then
			break
		fi
		[ "$attempt" = 1 ] && renew_lists || return 1
	done
	for deb in "$unpack_dir.debs"/*.deb; do
		dpkg-deb -x "$deb" "$unpack_dir" || return 1
		rm "$deb"
	done
	rmdir "$unpack_dir.debs"
}

# with_lock NAME COMMAND...: runs COMMAND while nobody else holds the lock NAME of the cache.
with_lock() {
	mkdir -p "$cache/locks"
	lock_name=$1
	shift
	(
		flock 9
		"$@"
	) 9>"$cache/locks/$lock_name"
}
