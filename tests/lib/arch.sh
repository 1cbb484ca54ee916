# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# What Debian's architectures are called elsewhere. Source it behind cache.sh, with $top set to
# the source tree.
# shellcheck disable=SC2154 # $top

# The distribution whose packages are a foreign guest: it has all of these architectures.
# shellcheck disable=SC2034 # for scripts that source this
foreign_suite=bookworm

# arch_of RELEASE: prints Debian's name of the architecture that a kernel was built for.
arch_of() {
	case $1 in
	*-arm64) echo arm64 ;;
	*-s390x) echo s390x ;;
	*-686 | *-686-pae) echo i386 ;;
	*) echo amd64 ;;
	esac
}

# triplet_of ARCH: as compilers and directories of libraries are called.
triplet_of() {
	case $1 in
	amd64) echo x86_64-linux-gnu ;;
	arm64) echo aarch64-linux-gnu ;;
	i386) echo i386-linux-gnu ;;
	s390x) echo s390x-linux-gnu ;;
	*) die "no such architecture here: $1" ;;
	esac
}

# strip_of ARCH: the program that strips objects of an architecture.
strip_of() {
	case $1 in
	amd64 | i386) echo strip ;;
	*) echo "$("$top/tests/build/cross" "$1")/bin/$(triplet_of "$1")-strip" ;;
	esac
}

# build_of ARCH: where what is built for an architecture goes.
build_of() {
	case $1 in
	amd64) echo "$top/build" ;;
	*) echo "$top/build/$1" ;;
	esac
}
