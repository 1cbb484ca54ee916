#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The functions by the names of Windows, in a library of their own: for programs that load it, and
# for no others.
# shellcheck source=tests/lib/tap.sh
. "$TOP/tests/lib/tap.sh"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
lib=$USERLIB_O/libportres-winsock.so.0
tap_is "$(readelf -d "$lib" | sed -n 's/.*soname: \[\(.*\)\]/\1/p')" libportres-winsock.so.0 \
	"the soname"

exported() {
	nm -D --defined-only "$1" | awk '$2 != "A" { print $3 }' | LC_ALL=C sort
}

# What libportres has for the headers of Windows is here, but for what is not Winsock's.
tap_is "$(exported "$lib" | sed 's/@@LIBPORTRES_WINSOCK_0.2//' | LC_ALL=C sort)" \
	"$(sed -n -e 's/^portres_win32_\([A-Za-z_]*\)@.*/\1/p' -e 's/^\([A-Z].*Reservation\)@.*/\1/p' \
		"$TOP/tests/unit/symbols.txt" | grep -v -e 'printf$' -e ^_wtoi -e ^Sleep \
		-e ^GetCurrentProcessId | LC_ALL=C sort)" "every function of Winsock"
tap_is "$(exported "$USERLIB_O/libportres.so" | grep -E '^(socket|bind|connect|send|recv|select)@')" \
	"" "libportres has none of these names"
tap_is "$(find "$USERLIB_O" -name libportres-winsock.so)" "" "there is none to link with"

# A program that is linked with it in spite of that gets them; others in it do not.
cat >"$work/linked.c" <<-'END'
	#include <stddef.h>
	int WSAStartup(unsigned short version, void *data);
	size_t socket(int family, int type, int protocol);
	int closesocket(size_t s);
	int main(void)
	{
		char data[512];

		if (socket(2, 2, 0) != (size_t)-1 || WSAStartup(0x202, data))
			return 1;
		return closesocket(socket(2, 2, 0));
	}
END
tap_run 0 "a program that is linked with it" gcc -fno-builtin -o "$work/linked" "$work/linked.c" \
	"$lib" "-Wl,-rpath-link,$USERLIB_O"
tap_run 0 "its socket() does not call itself" env LD_LIBRARY_PATH="$USERLIB_O" "$work/linked"

if command -v python3 >/dev/null; then
	LD_LIBRARY_PATH=$USERLIB_O python3 "$TOP/tests/unit/winsock_names.py" "$lib" >"$work/said" 2>&1
	tap_is "$? $(tail -n 1 "$work/said")" "0 1..$(grep -c '^ok' "$work/said")" \
		"by the names, in Python"
	tap_diag "$(grep -v '^ok' "$work/said")"
else
	tap_skip "by the names, in Python" "no python3"
fi
tap_done
