#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# No value of a public header depends on what is included before or behind it: every macro and
# enumerator, before and behind each common header of the system, in C and in C++. Headers that
# have <sys/socket.h> may not come before <winsock2.h>, which says so.
# shellcheck source=tests/lib/tap.sh
. "$TOP/tests/lib/tap.sh"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
include=$TOP/userlib/include
options="-D_GNU_SOURCE -DPORTRES_NO_PRINTF -Wall -Werror -I$include/win32
	-I$include -I$TOP/uapi"

own="portres/portres.h portres/iphlpapi.h linux/portres.h"
windows=$(find "$include/win32" -name '[a-z]*.h' -printf '%f\n' | grep -vx -e winsock2.h -e '.*[A-Z].*' |
	LC_ALL=C sort)
common="assert.h complex.h ctype.h dirent.h dlfcn.h endian.h err.h errno.h fcntl.h fenv.h float.h
	fnmatch.h getopt.h glob.h grp.h iconv.h inttypes.h langinfo.h libgen.h limits.h locale.h
	malloc.h math.h memory.h poll.h pthread.h pwd.h regex.h resolv.h sched.h search.h semaphore.h
	setjmp.h signal.h spawn.h stdalign.h stdarg.h stdbool.h stddef.h stdint.h stdio.h stdlib.h
	string.h strings.h syslog.h termios.h time.h unistd.h utime.h wchar.h wctype.h arpa/inet.h
	arpa/nameser.h net/ethernet.h net/if.h net/if_arp.h net/route.h netdb.h netinet/in.h
	netinet/ip.h netinet/ip_icmp.h netinet/tcp.h netinet/udp.h netpacket/packet.h
	sys/epoll.h sys/eventfd.h sys/file.h sys/ioctl.h sys/mman.h sys/mount.h
	sys/param.h sys/resource.h sys/select.h sys/signalfd.h sys/socket.h sys/stat.h sys/statvfs.h
	sys/syscall.h sys/sysinfo.h sys/sysmacros.h sys/time.h sys/timerfd.h sys/times.h
	sys/ttydefaults.h sys/types.h sys/uio.h sys/un.h sys/utsname.h sys/wait.h asm/ioctl.h
	asm/ioctls.h asm/socket.h asm/sockios.h asm/types.h linux/errno.h linux/fs.h linux/if_ether.h
	linux/ioctl.h linux/netlink.h linux/sockios.h
	linux/types.h"
# These cannot be together with some of the others, two of them before no <netinet/in.h> at all.
rivals="linux/ip.h linux/tcp.h linux/udp.h"
only_behind="linux/in.h linux/in6.h"
of_cxx="algorithm chrono cstdio cstdlib cstring cwchar functional iostream memory mutex string
	thread vector"

# What a program takes from the C library through our headers.
borrowed="AF_INET AF_INET6 SOCK_STREAM SOCK_DGRAM SOL_SOCKET SO_BROADCAST SO_ERROR SO_KEEPALIVE
	SO_LINGER SO_RCVBUF SO_RCVTIMEO SO_REUSEADDR SO_SNDTIMEO SO_TYPE SOMAXCONN EAI_AGAIN EAI_FAIL
	EAI_FAMILY EAI_MEMORY EAI_NONAME EAI_SERVICE EAI_SOCKTYPE IPPROTO_IP IPPROTO_IPV6 IPPROTO_TCP
	IPPROTO_UDP IPV6_V6ONLY IP_TTL IP_ADD_MEMBERSHIP INADDR_ANY INADDR_LOOPBACK INADDR_NONE
	MSG_OOB MSG_PEEK POLLIN POLLOUT POLLERR POLLHUP POLLNVAL FD_SETSIZE sizeof(SOCKET)
	sizeof(fd_set) sizeof(WSADATA) sizeof(SOCKADDR_IN6) sizeof(ULONG) sizeof(INET_PORT_RANGE)
	_WSAIO(1,2) _WSAIOR(1,2) _WSAIOW(1,2) _WSAIORW(1,2) MAKEWORD(2,1)"

lines() {
	for header; do
		echo "#include <$header>"
	done
}

# words FILE...: what the headers define: macros without arguments, and enumerators
words() {
	sed -n -e 's/^#define[[:space:]]\([A-Za-z_][A-Za-z0-9_]*\)[[:space:]].*/\1/p' \
		-e 's/^[[:space:]]\(PORTRES_[A-Z0-9_]*\)\([ ,].*\)\?$/\1/p' "$@" | LC_ALL=C sort -u
}

# values GROUP EXPRESSION...: those that are integers, each as an assertion of what it is
# when nothing else is included
values() {
	group=$1
	shift
	{
		lines stdio.h
		cat "$work/$group.h"
		number=0
		for what; do
			number=$((number + 1))
			echo "constexpr long long portres_probe_$number = (long long)($what); //$what"
		done
	} >"$work/probe.c"
	# shellcheck disable=SC2086 # a list of words
	gcc $options -Wno-error -x c++ -fsyntax-only "$work/probe.c" 2>&1 |
		sed -n -e 's/^[^ ]*probe\.c:\([0-9]*\):.*error.*/\1d/p' \
			-e 's/^[^ ]*probe\.c:\([0-9]*\):.*note: in expansion.*/\1d/p' | sort -u >"$work/probe.sed"
	{
		echo '#include <stdio.h>'
		cat "$work/$group.h"
		echo 'int main(void) {'
		sed -f "$work/probe.sed" "$work/probe.c" | sed -n 's#^constexpr.*; //##p' |
			sed 's/.*/printf("static_assert((unsigned long long)(%s) == %lluULL, \\"%s\\");\\n", "&", (unsigned long long)(&), "&");/'
		echo 'return 0; }'
	} >"$work/tell.c"
	# shellcheck disable=SC2086
	gcc $options -Wno-error -o "$work/tell" "$work/tell.c" && "$work/tell" >"$work/$group.same"
	{
		echo '#ifndef __cplusplus'
		echo '#include <assert.h>'
		[ "$group" = own ] || echo 'static_assert(min(3, 2) == 2 && max(2, 3) == 3, "min, max");'
		echo '#endif'
		cat "$work/$group.same"
	} >"$work/$group.checks"
}

# shellcheck disable=SC2086
lines $own >"$work/own.h"
# shellcheck disable=SC2086
lines winsock2.h $windows >"$work/windows.h"
# shellcheck disable=SC2046,SC2086
{
	values own $(words "$include"/portres/*.h "$TOP/uapi/linux/portres.h")
	values windows $(words "$include"/win32/*.h "$include/portres/iphlpapi.h") $borrowed
}
for group in own windows; do
	tap_run 0 "the values of $group" test "$(wc -l <"$work/$group.same")" -gt 20
done
for name in FIONBIO IOC_IN SIO_ACQUIRE_PORT_RESERVATION AF_INET6 EAI_NONAME ERROR_TIMEOUT; do
	tap_run 0 "$name is one of them" grep -q "($name)" "$work/windows.same"
done

# said LANGUAGE [OPTION...]: what the compiler says of what is on its standard input
said() {
	language=$1
	shift
	# shellcheck disable=SC2086
	gcc $options "$@" -x "$language" -fsyntax-only - 2>&1
}

# All of them behind ours, one after the other, and looked at after each.
for group in own windows; do
	for language in c c++; do
		{
			cat "$work/$group.h"
			for header in $common $([ $language = c ] || echo "$of_cxx"); do
				lines "$header"
				cat "$work/$group.checks"
			done
		} >"$work/source"
		tap_is "$(said $language <"$work/source")" "" \
			"$group, $language: the same behind each header"
		# shellcheck disable=SC2086 # a list of words
		{
			cat "$work/$group.h"
			lines $rivals $only_behind
			cat "$work/$group.checks"
		} >"$work/source"
		tap_is "$(said $language <"$work/source")" "" \
			"$group, $language: the same behind the rivals of others"
	done
done

# Each before ours, in C; in C++ all that may come before, as that takes longer.
before=
for header in $common $rivals; do
	{
		lines "$header"
		cat "$work/own.h" "$work/own.checks"
	} >"$work/source"
	tap_is "$(said c <"$work/source")" "" "own, c: the same with $header before it"
	{
		lines "$header"
		cat "$work/windows.h" "$work/windows.checks"
	} >"$work/source"
	output=$(said c -fmax-errors=1 <"$work/source")
	case $output in
	*"winsock2.h> has to come before"*)
		tap_ok 0 "windows, c: they say that they have to come before $header" ;;
	*)
		case " $rivals " in *" $header "*) ;; *) before="$before $header" ;; esac
		tap_is "$output" "" "windows, c: the same with $header before them" ;;
	esac
done
tap_run 0 "most may come before" test "$(echo "$before" | wc -w)" -gt 70
for group in own windows; do
	{
		# shellcheck disable=SC2086 # lists of words
		lines $before $of_cxx
		cat "$work/$group.h" "$work/$group.checks"
	} >"$work/source"
	tap_is "$(said c++ <"$work/source")" "" \
		"$group, c++: the same with all of these before it"
done
tap_done
