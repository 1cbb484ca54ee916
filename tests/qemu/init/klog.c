// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads the kernel's log and knows a complaint of the kernel when it sees one.
 */
#include <errno.h>
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
	"Call trace:",
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
static bool complained;
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

static void keep(const char *text)
{
	int add = snprintf(seen + seen_len, sizeof(seen) - seen_len, "%s\n", text);

	if (seen_len + add < sizeof(seen))
		seen_len += add;
	seen[seen_len] = '\0';
}

static void take(const char *text)
{
	switch (race_take(text)) {
	case RACE_OURS:
		complained = true;
		keep(race_report());
		break;
	case RACE_NONE:
		complained |= is_complaint(text);
		keep(text);
		break;
	case RACE_PART:
		/* what another CPU said in the middle of it */
		if (!strstr(text, "KCSAN:") && is_complaint(text)) {
			complained = true;
			keep(text);
		}
	}
}

/* A record is "level,sequence,microseconds,flags;text", then lines of properties. */
static bool read_record(void)
{
	char record[8192];
	ssize_t len = read(kmsg, record, sizeof(record) - 1);
	char *text;

	if (len < 0 && errno == EPIPE) {
		complained = true;
		keep("the kernel has logged more than could be read");
		return true;
	}
	if (len <= 0)
		return false;
	record[len] = '\0';
	text = strchr(record, ';');
	text = text ? text + 1 : record;
	text[strcspn(text, "\n")] = '\0';
	take(text);
	return true;
}

void klog_keep_up(void)
{
	while (read_record())
		;
}

bool klog_complains(void)
{
	bool complains;
	char *rest = seen;

	klog_keep_up();
	complains = complained;
	if (complains)
		for (char *line = strsep(&rest, "\n"); rest; line = strsep(&rest, "\n"))
			port_say("log %s", line);
	complained = false;
	seen_len = 0;
	seen[0] = '\0';
	return complains;
}
