#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# What the command makes of the kernel's answers: that it cannot create yet, that something stands;
# and which calls a deletion makes. By a library in front of the real one that answers as the kernel
# would.
# shellcheck source=tests/lib/tap.sh
. "$TOP/tests/lib/tap.sh"

export LD_LIBRARY_PATH="$USERLIB_O"
portres=$TOOLS_O/portres
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat >"$work/kernel.c" <<-'END'
	#define _GNU_SOURCE
	#include <errno.h>
	#include "kernel/handle.h"
	#include "kernel/reservation.h"
	#include <portres/portres.h>
	#include <stdio.h>
	#include <stdlib.h>
	#include <string.h>
	#include <unistd.h>

	static int timeout = 10000;
	static char said[64] = "a task has not left the kernel yet";

	/* A line of what was called. */
	static void record(const char *call, int value)
	{
		FILE *file = fopen(getenv("CALLS"), "a");

		fprintf(file, "%s %d\n", call, value);
		fclose(file);
	}

	void portres_set_timeout(struct portres *handle, int milliseconds)
	{
		(void)handle;
		timeout = milliseconds;
		record("timeout", milliseconds);
	}

	/* As long as it is told to, or until it is ready. */
	int portres_create(struct portres *handle, const struct portres_spec *spec, uint64_t *token)
	{
		(void)handle;
		(void)spec;
		record("create", timeout);
		if (getenv("STANDS"))
			return -EEXIST;
		if (getenv("READY"))
			return *token = 1, 0;
		if (timeout >= 0) {
			usleep(20000);
			return -EAGAIN;
		}
		sleep(getenv("NEVER") ? 600 : 0);
		*token = 1;
		return 0;
	}

	const char *portres_error(const struct portres *handle)
	{
		(void)handle;
		return said;
	}

	/* The module is there; nothing is reserved. */
	int portres_get_port(struct portres *handle, uint8_t protocol, uint16_t port,
			     struct portres_reservation **reservation)
	{
		(void)handle, (void)protocol, (void)port, (void)reservation;
		return -ENOENT;
	}

	/* STANDS is "runtime", "stored", or the name and, behind a colon, the number of the owner. */
	int portres_get_block(struct portres *handle, uint8_t protocol, uint16_t first,
			      uint16_t count, struct portres_reservation **reservation)
	{
		struct portres_reservation *found = calloc(1, sizeof(*found));
		const char *colon = strchr(getenv("STANDS"), ':');

		if (!strcmp(getenv("STANDS"), "stored")) {
			free(found);
			snprintf(said, sizeof(said), "there is no such reservation");
			return -ENOENT;
		}
		(void)handle;
		found->protocol = protocol;
		found->first = first;
		found->count = count;
		if (!colon) {
			found->has = 1U << PORTRES_A_RUNTIME;
		} else {
			snprintf(found->name, sizeof(found->name), "%.*s",
				 (int)(colon - getenv("STANDS")), getenv("STANDS"));
			found->has |= *found->name ? 1U << PORTRES_A_NAME : 0;
			found->has |= colon[1] ? 1U << PORTRES_A_OWNER : 0;
			found->owner = (uint32_t)atoi(colon + 1);
			if (colon[1]) {
				found->grants = calloc(1, sizeof(*found->grants));
				found->grants->count = 1;
				found->grants->items[0] = (struct portres_grant){
					.kind = PORTRES_GRANT_USER, .has_user = true,
					.user = found->owner };
			}
		}
		*reservation = found;
		return 0;
	}

	int portres_get_token(struct portres *handle, uint64_t token,
			      struct portres_reservation **reservation)
	{
		(void)handle, (void)token, (void)reservation;
		return -ENOENT;
	}

	int portres_for_each(struct portres *handle, portres_visit_fn *visit, void *arg)
	{
		(void)handle, (void)visit, (void)arg;
		return 0;
	}

	int portres_for_each_entry(struct portres *handle, portres_entry_fn *visit, void *arg)
	{
		(void)handle, (void)visit, (void)arg;
		return 0;
	}

	int portres_delete(struct portres *handle, uint8_t protocol, uint16_t first, uint16_t count)
	{
		(void)handle, (void)protocol, (void)count;
		record("delete", first);
		return first == 5000 ? 0 : first == 5003 ? -EPERM : -ENOENT;
	}

	int portres_delete_runtime(struct portres *handle, uint8_t protocol, uint16_t first,
				   uint16_t count)
	{
		(void)handle, (void)protocol, (void)count;
		record("delete runtime", first);
		return first == 5001 ? 0 : -ENOENT;
	}
END
"$CC" -Wall -Wextra -Werror -shared -fPIC -I"$TOP/userlib" -I"$TOP/userlib/include" -I"$TOP/uapi" \
	-o "$work/kernel.so" "$work/kernel.c" || exit 1

# with_kernel [NAME=VALUE] WORD...: the command against that kernel.
# shellcheck disable=SC2317 # tap_run calls it
with_kernel() {
	rm -f "$work/calls"
	env LD_PRELOAD="$work/kernel.so" CALLS="$work/calls" "$@"
}

# says WORDS: a row that passes if the last output has them.
says() {
	case $tap_output in
	*"$1"*) tap_ok 0 "it says: $1" ;;
	*) tap_ok 1 "it says: $1" && tap_diag "$tap_output" ;;
	esac
}

calls() {
	paste -s -d, "$work/calls"
}

tap_run 0 "add at once" with_kernel READY=1 "$portres" add udp 5000
tap_is "$(calls)" "timeout 2000,create 2000" "it asks once"
tap_is "$(echo "$tap_output" | grep -c waiting)" 0 "and says nothing of waiting"
tap_run 0 "add has to wait" with_kernel "$portres" add udp 5000
tap_is "$(calls)" "timeout 2000,create 2000,timeout -1,create -1" "two seconds, and then for ever"
says "portres: waiting until it can be done or is interrupted: a task has not left the kernel yet"
says "the reservation is made but cannot be read back"
tap_run 124 "it waits until it is interrupted" with_kernel NEVER=1 timeout -s INT 1 "$portres" add udp 5000

# Exactly that stands, or something else.
# shellcheck disable=SC2317 # tap_run calls it
again() {
	stands=$1
	shift
	with_kernel STANDS="$stands" "$@"
}
tap_run 3 "exactly that stands" again RTP:4000 "$portres" add udp 5000-5009 name RTP user 4000
says "udp 5000-5009 is already reserved exactly so: nothing was changed"
says "udp 5000-5009 for user 4000 name RTP"
tap_is "$(calls)" "timeout 2000,create 2000" "it is not tried again"
tap_run 3 "the same in JSON" again : "$portres" add udp 5000 -j
says '"first":5000,"last":5000,"count":1'
# shellcheck disable=SC2016
tap_run 3 "to a full disk" again : sh -c '"$1" add udp 5000 >/dev/full' - "$portres"
tap_run 1 "for another user" again RTP:4001 "$portres" add udp 5000 name RTP user 4000
says "udp 5000 is already reserved for others: use \"portres replace\" or \"portres set\""
tap_run 1 "for a user" again RTP:4001 "$portres" add udp 5000 name RTP
tap_run 1 "for no user" again RTP: "$portres" add udp 5000 name RTP user 0
tap_run 1 "by another name" again RTP: "$portres" add udp 5000 name rtp
says "udp 5000 is already reserved with another name: use \"portres replace\" or \"portres set\""
tap_run 1 "by a name" again RTP: "$portres" add udp 5000
tap_run 1 "by none" again : "$portres" add udp 5000 name RTP
tap_run 1 "what is kept, but does not stand" again stored "$portres" add udp 5000
says "cannot reserve udp 5000: a task has not left"
tap_run 1 "at runtime" again runtime "$portres" add udp 5000
says "cannot reserve udp 5000"
# shellcheck disable=SC2016
tap_run 0 "done, to a full disk" with_kernel READY=1 sh -c '"$1" add udp 5000 >/dev/full' - "$portres"
# shellcheck disable=SC2016
tap_run 0 "deleted, without any output" with_kernel sh -c '"$1" del udp 5000 >&- 2>&-' - "$portres"

tap_run 0 "restore" with_kernel "$portres" restore
tap_is "$(calls)" "timeout 60000" "tries each entry for a minute"

tap_run 0 "del of a persistent reservation" with_kernel "$portres" del udp 5000
tap_is "$(calls)" "delete 5000" "is one call"
tap_run 0 "del of a runtime reservation" with_kernel "$portres" del udp 5001
tap_is "$(calls)" "delete 5001,delete runtime 5001" "is looked for second"
tap_run 1 "del of neither" with_kernel "$portres" del udp 5002
tap_is "$(calls)" "delete 5002,delete runtime 5002" "both were looked for"
tap_run 1 "del without the privilege" with_kernel "$portres" del udp 5003
tap_is "$(calls)" "delete 5003" "asks for no more"
tap_done
