# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# Packages of any suite of Debian and any architecture, whatever the machine itself is: by a
# configuration of apt that lies in the cache. Nothing is installed, and the machine's own
# configuration is only read. Sourced after cache.sh.

# own_suite: prints the codename of the machine's own suite, if it has one.
own_suite() {
	# shellcheck source=/dev/null
	(. /etc/os-release && echo "${VERSION_CODENAME:-}")
}

# debian_site LABEL FOLDER: where the machine itself gets Debian from; else where everyone does.
debian_site() {
	# shellcheck disable=SC2016 # for apt to expand
	site=$(apt-get indextargets --format '$(ORIGIN):$(LABEL) $(REPO_URI)' 2>/dev/null |
		sed -n "/ cdrom:/d; s/^Debian:$1 //p" | head -n 1)
	echo "${site:-http://deb.debian.org/$2/}"
}

# What belongs to SUITE: with it come its security updates, and what a backport is built upon.
suite_sources() {
	main="deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]"
	case $1 in
	*-backports)
		echo "$main $(debian_site Debian debian) $1 main"
		suite_sources "${1%-backports}"
		;;
	experimental)
		echo "$main $(debian_site Debian debian) $1 main"
		suite_sources sid
		;;
	sid)
		echo "$main $(debian_site Debian debian) $1 main"
		;;
	*)
		echo "$main $(debian_site Debian debian) $1 main"
		echo "$main $(debian_site Debian debian) $1-updates main"
		echo "$main $(debian_site Debian-Security debian-security) $1-security main"
		;;
	esac
}

# Nothing of the machine's configuration counts, hooks that run commands least of all, but how
# it gets through to the network.
suite_configuration() {
	apt-config dump | grep -i -E '^Acquire::(https?|Retries|Check-Valid-Until)' || true
	cat <<-END
		Dir::Etc::main "$suite_home/none/apt.conf";
		Dir::Etc::parts "$suite_home/none";
		Dir::Etc::sourcelist "$suite_home/sources.list";
		Dir::Etc::sourceparts "$suite_home/none";
		Dir::Etc::preferences "$suite_home/none/preferences";
		Dir::Etc::preferencesparts "$suite_home/none";
		Dir::State::lists "$suite_home/lists";
		Dir::State::status "$suite_home/status";
		Dir::State::extended_states "$suite_home/extended_states";
		Dir::Cache "$suite_home/cache";
		APT::Architecture "$suite_arch";
		APT::Architectures { "$suite_arch"; };
		APT::Sandbox::User "root";
		APT::Install-Recommends "false";
		Acquire::Languages "none";
		Debug::NoLocking "true";
	END
	case $suite_name in
	*-backports | experimental) echo "APT::Default-Release \"$suite_name\";" ;;
	esac
}

suite_has_lists() {
	[ -n "$(find "$suite_home/lists" -maxdepth 1 -name '*_Packages*' -print -quit)" ]
}

# A day is how long lists are good for; after a failure, ten minutes are.
renew_suite() {
	[ -z "$(find "$suite_home/renewed" -mmin -1440 2>/dev/null)" ] || return 0
	mkdir -p "$suite_home/none" "$suite_home/lists/partial" "$suite_home/cache/archives/partial"
	: >"$suite_home/status"
	suite_sources "$suite_name" >"$suite_home/sources.list"
	suite_configuration >"$suite_home/apt.conf.new"
	mv "$suite_home/apt.conf.new" "$suite_home/apt.conf"
	if APT_CONFIG=$suite_home/apt.conf apt-get update -qq >"$suite_home/log" 2>&1 &&
		! grep -q '^[WE]: ' "$suite_home/log"; then
		touch "$suite_home/renewed"
	elif suite_has_lists; then
		echo "${0##*/}: not all lists of $suite_name for $suite_arch could be had: going on with what there is" >&2
		touch -d '1430 minutes ago' "$suite_home/renewed"
	else
		cat "$suite_home/log" >&2
		return 1
	fi
}

# suite_apt SUITE ARCH COMMAND...: runs COMMAND, which may be a function, with an apt that knows
# SUITE, and nothing installed. SUITE is a codename, or one with -backports, or experimental.
suite_apt() {
	suite_name=$1
	suite_arch=$2
	# shellcheck disable=SC2154 # of cache.sh
	suite_home=$cache/apt/$1-$2
	shift 2
	mkdir -p "$suite_home"
	with_lock "apt-$suite_name-$suite_arch" renew_suite || return 1
	(
		export APT_CONFIG="$suite_home/apt.conf"
		"$@"
	)
}

# versions_of PACKAGE...: prints all that these need, a package and its version a line, as if
# nothing were installed. For suite_apt.
versions_of() {
	apt-get -qq -y --simulate install "$@" | sed -n 's/^Inst \([^ ]*\) (\([^ ]*\).*/\1 \2/p'
}
