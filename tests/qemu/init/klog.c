// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads the kernel's log and knows a complaint of the kernel when it sees one.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "init.h"

static const char * const complaints[] = {
	"WARNING:",
	"BUG:",
	"BUG at",
	"Oops",
	"Call Trace:",
	"general protection fault",
	"rcu: INFO:",
	"INFO: rcu",
	"suspicious RCU usage",
	"detected stall",
	"locking dependency",
	"inconsistent lock state",
	"possible recursive locking",
	"sleeping function called",
	"scheduling while atomic",
	"refcount_t:",
	"unregister_netdevice: waiting",
	"blocked for more than",
	"soft lockup",
	"leaked",
	"KASAN:",
	"UBSAN:",
	"suspected memory leaks",
	"memory leak detector disabled",
	"Attempt to release alive",
};

/* The lines since the last look; more than this is too much to be told anyway. */
static char seen[128 * 1024];
static size_t seen_len;
static int kmsg = -1;

void klog_open(void)
{
	kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
}

static bool is_complaint(const char *text)
{
	for (size_t i = 0; i < sizeof(complaints) / sizeof(complaints[0]); i++)
		if (strstr(text, complaints[i]))
			return true;
	return false;
}

/* A record is "level,sequence,microseconds,flags;text", then lines of properties. */
static bool read_record(bool *complains)
{
	char record[8192];
	ssize_t len = read(kmsg, record, sizeof(record) - 1);
	char *text;
	int add;

	if (len <= 0)
		return false;
	record[len] = '\0';
	text = strchr(record, ';');
	text = text ? text + 1 : record;
	text[strcspn(text, "\n")] = '\0';

	*complains |= is_complaint(text);
	add = snprintf(seen + seen_len, sizeof(seen) - seen_len, "%s\n", text);
	if (seen_len + add < sizeof(seen))
		seen_len += add;
	return true;
}

bool klog_complains(void)
{
	bool complains = false;
	char *rest = seen;

	seen_len = 0;
	while (read_record(&complains))
		;
	if (!complains)
		return false;
	seen[seen_len] = '\0';
	for (char *line = strsep(&rest, "\n"); rest; line = strsep(&rest, "\n"))
		port_say("log %s", line);
	return true;
}
