#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The headers of Windows: each alone, with others in every order, and found only by programs that
# ask pkg-config for them.
# shellcheck source=tests/lib/tap.sh
. "$TOP/tests/lib/tap.sh"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset CFLAGS MAKEFLAGS MFLAGS
include="-I$TOP/userlib/include/win32 -I$TOP/userlib/include -I$TOP/uapi"

# compiles STATUS TEXT COMPILER OPTION...: what is in $work/source
compiles() {
	status=$1
	text=$2
	compiler=$3
	shift 3
	case $compiler in
	*++) language=c++ ;;
	*) language=c ;;
	esac
	if ! command -v "$compiler" >/dev/null; then
		tap_skip "$text" "no $compiler"
		return
	fi
	# shellcheck disable=SC2086 # a list of words
	tap_run "$status" "$text" "$compiler" "$@" -Wall -Wextra -pedantic -Werror -c \
		-o "$work/object" $include -x $language "$work/source"
}

include_lines() {
	printf '#include <%s>\n' "$@"
}

# As the sources of programs write them, and as Windows' own headers include each other.
for headers in basetsd.h io.h mswsock.h process.h tchar.h winbase.h windef.h winerror.h \
	winsock.h ws2def.h WinSock2.h Winsock2.h WINSOCK2.H WS2tcpip.h Ws2tcpip.h WS2TCPIP.H \
	Iphlpapi.h IPHlpApi.h Mstcpip.h MSTcpIP.h Mswsock.h WINDOWS.H WinSock.h \
	"winsock.h winsock2.h" "winerror.h iphlpapi.h" "tchar.h windows.h stdio.h" \
	"stdio.h stdlib.h tchar.h" "sal.h windows.h"; do
	for mode in gcc:c90 gcc:gnu17 g++:c++11 clang:c11 clang++:c++17; do
		# shellcheck disable=SC2086 # a list of words
		include_lines $headers >"$work/source"
		compiles 0 "$headers as ${mode#*:} by ${mode%:*}" "${mode%:*}" \
			-std="${mode#*:}"
	done
done

for headers in windows.h Windows.h Windows.h. winsock2.h ws2tcpip.h ws2ipdef.h mstcpip.h \
	iphlpapi.h "portres/iphlpapi.h iphlpapi.h" "iphlpapi.h portres/iphlpapi.h" \
	"portres/iphlpapi.h winsock2.h portres/portres.h" "windows.h winsock2.h unistd.h stdlib.h" \
	"Windows.h. Windows.h windows.h" "winsock2.h sys/socket.h sys/ioctl.h netdb.h" \
	"unistd.h stdlib.h wchar.h stdio.h winsock2.h"; do
	for mode in gcc:c90 gcc:c11 gcc:gnu17 g++:c++11 g++:gnu++17 clang:c11 clang++:c++17; do
		# shellcheck disable=SC2086 # a list of words
		include_lines $headers >"$work/source"
		compiles 0 "$headers as ${mode#*:} by ${mode%:*}" "${mode%:*}" \
			-std="${mode#*:}"
	done
done

for header in sys/socket.h netinet/in.h arpa/inet.h netdb.h; do
	printf '%s\n' "#include <$header>" "#include <winsock2.h>" >"$work/source"
	compiles 1 "$header before winsock2.h" gcc
	case $tap_output in
	*"winsock2.h> has to come before"*) tap_ok 0 "it says what to do" ;;
	*) tap_ok 1 "it says what to do" ;;
	esac
done

# Lengths of either type, NULL for one, and names that C++ has as well.
for compiler in gcc g++ clang clang++; do
	cat >"$work/source" <<-'END'
		#include <winsock2.h>
		#include <ws2tcpip.h>
		int lengths(SOCKET s, struct sockaddr *name, char *text)
		{
			int windows = 16;
			socklen_t posix = 16;
			return getsockname(s, name, &windows) + getsockname(s, name, &posix) +
			       getpeername(s, name, &windows) + getpeername(s, name, &posix) +
			       getsockopt(s, 1, 1, text, &windows) +
			       getsockopt(s, 1, 1, text, &posix) +
			       recvfrom(s, text, 1, 0, name, &windows) +
			       recvfrom(s, text, 1, 0, name, &posix) +
			       recvfrom(s, text, 1, 0, NULL, NULL) +
			       (accept(s, name, &windows) == accept(s, name, &posix)) +
			       (accept(s, NULL, NULL) == INVALID_SOCKET);
		}
	END
	compiles 0 "lengths by $compiler" "$compiler"
	cat >"$work/source" <<-'END'
		#include <winsock2.h>
		int lengths(SOCKET s, struct sockaddr *name, long *length)
		{
			return getsockname(s, name, length);
		}
	END
	compiles 1 "a length of 64 bits by $compiler" "$compiler"
done
for compiler in g++ clang++; do
	for headers in "winsock2.h cwchar functional iostream" \
		"cwchar functional iostream winsock2.h"; do
		{
			# shellcheck disable=SC2086 # a list of words
			include_lines $headers
			cat <<-'END'
				int difference(int a, int b);
				int calls(SOCKET s, struct sockaddr *name)
				{
					return std::bind(difference, 1, 2)() +
					       std::bind(bind, s, name, 16)() +
					       std::wprintf(L"") + wprintf(L"");
				}
			END
		} >"$work/source"
		compiles 0 "std::bind and std::wprintf by $compiler, ${headers%% *} first" \
			"$compiler" -std=c++11
	done
done

# What programs are made of compiles, in C and in C++, and works.
for language in c c++; do
	for compiler in gcc clang; do
		command -v $compiler >/dev/null || continue
		# shellcheck disable=SC2086 # a list of words
		tap_run 0 "the words of programs for Windows, $language by $compiler" $compiler \
			-x $language -O2 -Wall -Wextra -pedantic -Werror $include \
			-o "$work/words" "$TOP/tests/win32/words.c" -L"$USERLIB_O" -lportres
		tap_run 0 "they work" env LD_LIBRARY_PATH="$USERLIB_O" "$work/words"
	done
done

# The printf functions of bytes, whatever has read <stdio.h> before, and in std:: as well.
for before in stdio.h sys/ioctl.h; do
	for language in c c++; do
		{
			include_lines $before windows.h
			printf '%s\n' 'int main(void) { return sizeof(ULONG64) != 8 || printf("%I64u %S\n", (ULONG64)5 << 32, L"wide") != 17; }'
		} >"$work/source"
		[ $language = c ] || sed -i 's/|| printf/|| std::printf/' "$work/source"
		# shellcheck disable=SC2086
		tap_run 0 "printf behind $before, $language: it compiles" gcc -x $language -O2 -Wall \
			-Werror $include -o "$work/program" "$work/source" -x none -L"$USERLIB_O" -lportres
		tap_run 0 "it prints" env LD_LIBRARY_PATH="$USERLIB_O" "$work/program"
		tap_is "$tap_output" "21474836480 wide" "by the rules of Microsoft: bytes"
	done
done

# Whatever has read <wchar.h> before, and however the C library protects its functions.
for before in stdio.h wchar.h; do
	for options in -O0 "-O2 -D_FORTIFY_SOURCE=2"; do
		for language in c c++; do
			text="$before first, $options, $language"
			printf '%s\n' "#include <$before>" '#include <windows.h>' \
				'int main(void) { return wprintf(L"%s %I64d\n", L"wide", (ULONG64)5 << 32) != 17; }' \
				>"$work/source"
			# shellcheck disable=SC2086 # lists of words
			tap_run 0 "$text: it compiles" gcc -x $language -U_FORTIFY_SOURCE $options \
				$include -o "$work/program" "$work/source" -x none \
				-L"$USERLIB_O" -lportres
			tap_run 0 "it prints" env LD_LIBRARY_PATH="$USERLIB_O" "$work/program"
			tap_is "$tap_output" "wide 21474836480" "by the rules of Microsoft"
		done
	done
done

# What pkg-config tells programs that ask for them, and others.
make -s -C "$TOP/userlib" O="$work/build" PREFIX=/usr LIBDIR=/usr/lib DESTDIR="$work/root" \
	CFLAGS=-O0 install >"$work/log" 2>&1 || cat "$work/log"
install -D -m 644 "$TOP/uapi/linux/portres.h" "$work/root/usr/include/linux/portres.h"
from_root() {
	PKG_CONFIG_PATH="$work/root/usr/lib/pkgconfig" PKG_CONFIG_SYSROOT_DIR="$work/root" \
		pkg-config "$@"
}
echo 'int wmain(int count, wchar_t **arguments) { return count != 2 || arguments[1][1] != 0xe9; }' |
	cat - >"$work/wmain.c"
sed -i '1i #include <winsock2.h>' "$work/wmain.c"
# shellcheck disable=SC2046 # lists of words
{
	tap_run 1 "libportres alone has no <winsock2.h>" gcc -fsyntax-only "$work/wmain.c" \
		$(from_root --cflags libportres)
	for language in c c++; do
		tap_run 0 "a program with wmain, in $language" gcc -o "$work/wmain" -x $language \
			$(from_root --cflags libportres-win32) "$work/wmain.c" -x none \
			$(from_root --libs libportres-win32) -Wl,-rpath-link,"$work/root/usr/lib"
		tap_run 0 "its arguments are wide" env LC_ALL=C.UTF-8 \
			LD_LIBRARY_PATH="$work/root/usr/lib" "$work/wmain" "xé"
	done
	sed 's/wmain(int count, wchar_t/main(int count, char/; s/count != 2.*0xe9/!arguments[count - 1]/' \
		"$work/wmain.c" >"$work/main.c"
	tap_run 0 "a program with main" gcc -o "$work/main" $(from_root --cflags libportres-win32) \
		"$work/main.c" $(from_root --libs libportres-win32) -Wl,-rpath-link,"$work/root/usr/lib"
	tap_run 0 "keeps its own" env LD_LIBRARY_PATH="$work/root/usr/lib" "$work/main"
	echo 'int nothing;' >"$work/none.c"
	tap_run 1 "a program with neither does not link" gcc -o "$work/none" "$work/none.c" \
		$(from_root --libs libportres-win32) -Wl,-rpath-link,"$work/root/usr/lib"
}
tap_done
