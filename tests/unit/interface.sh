#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# What other programs are built with: the headers, the symbols, what is installed.
# shellcheck source=tests/lib/tap.sh
. "$TOP/tests/lib/tap.sh"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset CFLAGS MAKEFLAGS MFLAGS

# Each header alone, and both together with the uapi header last.
for headers in portres/portres.h portres/grants.h portres/refusals.h portres/socket.h portres/iphlpapi.h linux/portres.h \
	"portres/iphlpapi.h portres/portres.h linux/portres.h"; do
	for header in $headers; do
		echo "#include <$header>"
	done >"$work/only.c"
	echo "int only(void); int only(void) { return 0; }" >>"$work/only.c"
	cp "$work/only.c" "$work/only.cc"
	for mode in gcc:c90 gcc:c11 g++:c++11 g++:c++17 clang:c90 clang:c11 \
		clang++:c++11 clang++:c++17; do
		compiler=${mode%:*}
		standard=${mode#*:}
		text="$headers as $standard by $compiler"
		case $standard in
		c++*) source=$work/only.cc ;;
		*) source=$work/only.c ;;
		esac
		if command -v "$compiler" >/dev/null; then
			tap_run 0 "$text" "$compiler" -std="$standard" -Wall -Wextra -pedantic \
				-Werror -fsyntax-only -I"$TOP/userlib/include" -I"$TOP/uapi" \
				"$source"
		else
			tap_skip "$text" "no $compiler"
		fi
	done
done

# Beside another header that has the types.
cat >"$work/beside.c" <<-'END'
	typedef unsigned short USHORT;
	typedef unsigned int ULONG;
	typedef unsigned long ULONG64, *PULONG64;
	#define NO_ERROR 0L
	#define ERROR_ACCESS_DENIED 5L
	#define PORTRES_NO_WIN32_TYPES
	#include <portres/iphlpapi.h>
END
tap_run 0 "iphlpapi.h beside the types of others" gcc -std=c90 -Wall -Wextra -pedantic -Werror \
	-fsyntax-only -I"$TOP/userlib/include" "$work/beside.c"
sed -i 's/typedef unsigned int ULONG/typedef unsigned long ULONG/' "$work/beside.c"
tap_run 1 "a ULONG of 64 bits is refused" gcc -fsyntax-only -I"$TOP/userlib/include" \
	"$work/beside.c"

# The types that a call is made of.
cat >"$work/types.c" <<-'END'
	#include <portres/iphlpapi.h>
	#include <portres/portres.h>
	_Static_assert(sizeof(USHORT) == 2 && (USHORT)-1 > 0, "USHORT");
	_Static_assert(sizeof(ULONG) == 4 && (ULONG)-1 > 0, "ULONG");
	_Static_assert(sizeof(ULONG64) == 8 && (ULONG64)-1 > 0, "ULONG64");
	_Static_assert(sizeof(struct portres_association) == 16, "association");
	ULONG (*create)(USHORT, USHORT, PULONG64) = CreatePersistentUdpPortReservation;
	ULONG (*del)(USHORT, USHORT) = DeletePersistentUdpPortReservation;
	ULONG (*lookup)(USHORT, USHORT, PULONG64) = LookupPersistentUdpPortReservation;
	ULONG (*create_tcp)(USHORT, USHORT, PULONG64) = CreatePersistentTcpPortReservation;
	ULONG (*del_tcp)(USHORT, USHORT) = DeletePersistentTcpPortReservation;
	ULONG (*lookup_tcp)(USHORT, USHORT, PULONG64) = LookupPersistentTcpPortReservation;
END
tap_run 0 "types and prototypes" gcc -std=c11 -Wall -Wextra -Werror -fsyntax-only \
	-I"$TOP/userlib/include" -I"$TOP/uapi" "$work/types.c"

nm -D --defined-only "$USERLIB_O/libportres.so" | awk '$2 != "A" { print $3 }' | LC_ALL=C sort \
	>"$work/symbols"
grep -v '^#' "$TOP/tests/unit/symbols.txt" >"$work/reviewed"
tap_run 0 "the symbols are those that were reviewed" diff -u "$work/reviewed" "$work/symbols"
tap_is "$(grep -c '@@LIBPORTRES_0\.1$' "$TOP/tests/unit/symbols.txt")" 33 \
	"the node of the first release is as it was released"
tap_is "$(readelf -d "$USERLIB_O/libportres.so" | sed -n 's/.*soname: \[\(.*\)\]/\1/p')" \
	libportres.so.0 "the soname"
tap_is "$(grep -ho 'portres_[a-z_]* *(' "$TOP/userlib/include/portres/portres.h" "$TOP/userlib/include/portres/grants.h" \
	"$TOP/userlib/include/portres/refusals.h" "$TOP/userlib/include/portres/socket.h" | tr -d ' (' |
	grep -vE '^portres_(visit|event|entry|refusal)_fn$' | LC_ALL=C sort -u)" \
	"$(sed -n 's/^\(portres_[a-z_]*\)@.*/\1/p' "$TOP/tests/unit/symbols.txt" |
		grep -v '^portres_win32_')" \
	"the header declares what is exported"

tap_is "$(sed -n 's/^PORTRES_WI[^(]*(\(SOCKET, \|DWORD, \|BOOL, \|WSAEVENT, \|HLOCAL, \|int, \|void, \|\)\([A-Za-z_]*\),.*/portres_win32_\2/p' \
	"$TOP/userlib/include/win32/"*.h | LC_ALL=C sort)" \
	"$(sed -n 's/^\(portres_win32_[A-Za-z_]*\)@.*/\1/p' "$TOP/tests/unit/symbols.txt")" \
	"the headers of Windows declare what is exported for them"

# The version stands in one place.
version=$(cat "$TOP/VERSION")
tap_is "$(LD_LIBRARY_PATH=$USERLIB_O "$TOOLS_O/portres" --version)" "portres $version" \
	"the version of the command"

# Installed, and used by a program through pkg-config. Built afresh into a directory with
# another library directory, as multiarch systems have it.
libdir=/usr/lib/some-arch
for part in userlib tools; do
	tap_run 0 "install $part" make -s -C "$TOP/$part" O="$work/build/$part" \
		USERLIB_O="$work/build/userlib" PREFIX=/usr LIBDIR=$libdir \
		DESTDIR="$work/root" CFLAGS="-O0" install
done
for file in usr/bin/portres usr/include/portres/portres.h usr/include/portres/grants.h usr/include/portres/refusals.h \
	usr/include/portres/socket.h usr/include/portres/iphlpapi.h \
	usr/include/portres-win32/winsock2.h usr/include/portres-win32/Windows.h. \
	usr/share/bash-completion/completions/portres ${libdir#/}/libportres.a \
	${libdir#/}/libportres-wmain.a ${libdir#/}/pkgconfig/libportres-win32.pc \
	${libdir#/}/libportres.so ${libdir#/}/libportres.so.0 \
	"${libdir#/}/libportres.so.$version" ${libdir#/}/libportres-winsock.so.0 \
	"${libdir#/}/libportres-winsock.so.$version" ${libdir#/}/pkgconfig/libportres.pc; do
	tap_run 0 "installed: $file" test -e "$work/root/$file"
done
install -D -m 644 "$TOP/uapi/linux/portres.h" "$work/root/usr/include/linux/portres.h"
cat >"$work/program.c" <<-'END'
	#include <portres/portres.h>
	#include <stdio.h>
	int main(void) { return puts(portres_strerror(-38)) < 0; }
END
from_root() {
	PKG_CONFIG_PATH="$work/root$libdir/pkgconfig" PKG_CONFIG_SYSROOT_DIR="$work/root" \
		pkg-config "$@"
}
tap_is "$(from_root --modversion libportres)" "$version" "the version of the package"
# shellcheck disable=SC2046 # lists of words
tap_run 0 "a program by pkg-config" gcc -o "$work/shared" "$work/program.c" \
	$(from_root --cflags --libs libportres)
tap_run 0 "it runs" env LD_LIBRARY_PATH="$work/root$libdir" "$work/shared"
# The system's own libnl is not in the root that was made here.
# shellcheck disable=SC2046
tap_run 0 "a program with the static library" gcc -o "$work/static" "$work/program.c" \
	$(from_root --cflags libportres) "$work/root$libdir/libportres.a" \
	$(pkg-config --libs libnl-genl-3.0)
tap_run 0 "it runs alone" "$work/static"
static=$(PKG_CONFIG_PATH="$work/root$libdir/pkgconfig" pkg-config --static --libs libportres)
# shellcheck disable=SC2016
tap_run 0 "static linking names libnl" sh -c 'echo "$1" | grep -q -- -lnl-genl-3' - "$static"
# The libraries move with the prefix.
tap_is "$(from_root --define-variable=prefix=/moved --variable=libdir libportres)" /moved/lib/some-arch \
	"libdir follows the prefix"

# Everything, by the Makefile of all, to a place of its own.
tap_run 0 "make install" make -s -C "$TOP" BUILD="$work/build" DESTDIR="$work/opt" PREFIX=/opt/x \
	CFLAGS="-O0" install
for file in bin/portres lib/libportres.so lib/pkgconfig/libportres.pc include/linux/portres.h \
	share/man/man8/portres.8 share/man/man8/portres.service.8 share/man/man7/portres.7 \
	share/man/man5/portres.conf.5 share/man/man3/libportres.3 \
	share/bash-completion/completions/portres lib/systemd/system/portres.service; do
	tap_run 0 "make install: $file" test -e "$work/opt/opt/x/$file"
done
tap_is "$(grep ^Exec "$work/opt/opt/x/lib/systemd/system/portres.service")" \
	"ExecStartPre=-+/sbin/modprobe portres
ExecStart=/opt/x/bin/portres restore
ExecReload=/opt/x/bin/portres restore" "the unit loads the module and runs what was installed"
tap_is "$(PKG_CONFIG_PATH=$work/opt/opt/x/lib/pkgconfig pkg-config --variable=libdir libportres)" \
	/opt/x/lib "libdir is below the prefix"
if command -v systemd-analyze >/dev/null; then
	# shellcheck disable=SC2016
	tap_run 0 "systemd takes the unit" sh -c 'sed "s|/opt/x/bin|/bin|; s|/bin/portres|/bin/true|" "$1" \
		>"$2/portres.service" && systemd-analyze verify --man=no "$2/portres.service"' - \
		"$work/opt/opt/x/lib/systemd/system/portres.service" "$work"
else
	tap_skip "systemd takes the unit" "no systemd-analyze"
fi
tap_run 0 "make install without a unit" make -s -C "$TOP" BUILD="$work/build" DESTDIR="$work/none" \
	PREFIX=/opt/x CFLAGS="-O0" UNITDIR= install
tap_run 1 "there is none" test -e "$work/none/opt/x/lib/systemd"
tap_done
