// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads the tracepoint kmem:kmalloc, of this process alone, in a trace instance of its own.
 */
#include "allocations.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "env.h"
#include "tap.h"

#define INSTANCE "/sys/kernel/tracing/instances/portres-bench"
#define SITE "call_site="
#define SIZE "bytes_alloc="

static void put(const char *file, const char *text)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), INSTANCE "/%s", file);
	fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		tap_bail("cannot write \"%s\" to %s: %s", text, path, strerror(errno));
	close(fd);
}

static void add_line(struct allocations *sum, const char *line)
{
	const char *site = strstr(line, SITE), *size = strstr(line, SIZE);
	const char *end = site ? strchr(site, ' ') : NULL;
	const char *sysctl = site ? strstr(site, "sysctl") : NULL;
	int64_t bytes = size ? atoll(size + strlen(SIZE)) : 0;

	sum->all += bytes;
	if (sysctl && sysctl < end)
		sum->settings += bytes;
}

static struct allocations read_trace(void)
{
	struct allocations sum = { 0 };
	FILE *trace = fopen(INSTANCE "/trace", "re");
	char *line = NULL;
	size_t size = 0;

	must(trace ? 0 : errno, "cannot read the trace");
	while (getline(&line, &size, trace) > 0)
		add_line(&sum, line);
	free(line);
	fclose(trace);
	return sum;
}

struct allocations allocations_of(void (*call)(void))
{
	struct allocations sum;
	char pid[16];

	must(mkdir(INSTANCE, 0700) ? errno : 0, "cannot make a trace instance");
	snprintf(pid, sizeof(pid), "%d", getpid());
	put("set_event_pid", pid);
	put("events/kmem/kmalloc/enable", "1");
	call();
	put("tracing_on", "0");
	sum = read_trace();
	put("events/kmem/kmalloc/enable", "0");
	must(rmdir(INSTANCE) ? errno : 0, "cannot remove the trace instance");
	return sum;
}
