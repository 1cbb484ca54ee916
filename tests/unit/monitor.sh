#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# What monitor prints of notifications that were lost: as lines, as JSON and as entries of the journal.
# By a library in front of the real one that reports them, and a journal that is a file.
# shellcheck source=tests/lib/tap.sh
. "$TOP/tests/lib/tap.sh"

export LD_LIBRARY_PATH="$USERLIB_O"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat >"$work/kernel.c" <<-'END'
	#define _GNU_SOURCE
	#include <errno.h>
	#include <fcntl.h>
	#include <portres/portres.h>
	#include <stdlib.h>
	#include <sys/socket.h>
	#include <unistd.h>

	static portres_refusal_fn *tell_refusal;
	static void *refusal_arg;

	/* The module is there; nothing is reserved. */
	int portres_get_port(struct portres *handle, uint8_t protocol, uint16_t port,
			     struct portres_reservation **reservation)
	{
		(void)handle, (void)protocol, (void)port, (void)reservation;
		return -ENOENT;
	}

	int portres_monitor_open(struct portres *handle, struct portres_monitor **monitor)
	{
		*monitor = (void *)handle;
		return 0;
	}

	void portres_monitor_close(struct portres_monitor *monitor)
	{
		(void)monitor;
	}

	int portres_monitor_fd(const struct portres_monitor *monitor)
	{
		(void)monitor;
		return open("/dev/null", O_RDONLY);
	}

	int portres_monitor_refusals(struct portres_monitor *monitor, portres_refusal_fn *tell,
				     void *arg)
	{
		(void)monitor;
		tell_refusal = tell;
		refusal_arg = arg;
		return 0;
	}

	int portres_monitor_receive(struct portres_monitor *monitor, portres_event_fn *tell,
				    void *arg)
	{
		(void)monitor;
		tell_refusal(NULL, 7, refusal_arg);
		tell(PORTRES_EVENT_MISSED, NULL, arg);
		return -EPROTO;
	}

	const char *portres_monitor_error(const struct portres_monitor *monitor)
	{
		(void)monitor;
		return "enough";
	}

	int connect(int fd, const struct sockaddr *address, socklen_t len)
	{
		(void)fd, (void)len;
		return address->sa_family == AF_UNIX ? 0 : -1;
	}

	ssize_t send(int fd, const void *entry, size_t len, int flags)
	{
		int file = open(getenv("JOURNAL"), O_WRONLY | O_CREAT | O_APPEND, 0600);

		(void)fd, (void)flags;
		return write(file, entry, len);
	}
END
"$CC" -Wall -Wextra -Werror -shared -fPIC -I"$TOP/userlib/include" -I"$TOP/uapi" \
	-o "$work/kernel.so" "$work/kernel.c" || exit 1

# monitor [OPTION]: what it prints before it fails, the times as TIME.
# shellcheck disable=SC2317 # tap_run calls it
monitor() {
	env LD_PRELOAD="$work/kernel.so" JOURNAL="$work/journal" "$TOOLS_O/portres" monitor "$@" 2>&1 |
		sed -E 's/[0-9-]{10}T[0-9:]{8}[+-][0-9:]{5}/TIME/g'
}

tap_run 0 "lines" monitor
tap_is "$tap_output" "TIME lost 7 refused binds, too many at once to tell of each
TIME missed some changes: see \"portres show\"
portres: enough" "what was lost"
tap_run 0 "JSON" monitor -j
tap_is "$tap_output" '{"time":"TIME","event":"lost","times":7,"advice":"refused binds, too many at once to tell of each"}
{"time":"TIME","event":"missed","advice":"some changes: see \"portres show\""}
portres: enough' "the same"
tap_run 0 "the journal" monitor --journal
tap_is "$tap_output" "portres: enough" "prints nothing"
tap_is "$(grep -E '^(MESSAGE|PORTRES_(EVENT|TIMES|ADVICE))=' "$work/journal")" \
	"MESSAGE=7 binds were refused, too many at once to tell of each
PORTRES_EVENT=lost
PORTRES_TIMES=7
PORTRES_ADVICE=refused binds, too many at once to tell of each
MESSAGE=notifications were lost, or the module was loaded or unloaded: binds may have been refused that no entry tells of
PORTRES_EVENT=lost
PORTRES_ADVICE=see \"portres show RANGE\"" "an entry for those that are lost, and one for those that may be"
tap_done
