// SPDX-License-Identifier: GPL-2.0-only
/* failslab of the kernel, aimed by /proc/PID/fail-nth at one allocation of one thread. */
#include "fault.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tap.h"

#define NTH "/proc/thread-self/fail-nth"
#define FAILSLAB "/sys/kernel/debug/failslab"

/* Stands in the trace of what kmemleak allocates. */
#define KMEMLEAK "__create_object"

/* More than any system call makes. */
#define MANY 1000000

/* Where x86 has the text of modules; without KASLR below it the kernel's ends. */
#define MODULES_BEGIN "0xffffffffa0000000"
#define MODULES_END "0xffffffffff000000"

static int nth_fd = -1;

const char *fault_missing(void)
{
	if (access(NTH, W_OK) || access(FAILSLAB "/require-start", W_OK))
		return "the kernel has no fault injection by fail-nth";
	return NULL;
}

static void set(const char *name, const char *value)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), FAILSLAB "/%s", name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, value, strlen(value)) < 0)
		tap_bail("cannot write %s: %s", path, strerror(errno));
	close(fd);
}

/*
 * kmemleak makes a note of each allocation, and has a reserve for when that fails: to let it
 * fail would tell nothing.
 */
static void spare_kmemleak(void)
{
	FILE *symbols = fopen("/proc/kallsyms", "re");
	char line[512], name[256], begin[19] = "", address[17];

	while (symbols && fgets(line, sizeof(line), symbols)) {
		if (sscanf(line, "%16s %*c %255s", address, name) != 2)
			continue;
		if (!strncmp(name, KMEMLEAK, strlen(KMEMLEAK)))
			snprintf(begin, sizeof(begin), "0x%s", address);
		else if (*begin && strcmp(begin + 2, address))
			break;
	}
	if (!*begin)
		tap_bail("the kernel has no function " KMEMLEAK);
	set("reject-start", begin);
	snprintf(begin, sizeof(begin), "0x%s", address);
	set("reject-end", begin);
	fclose(symbols);
}

void fault_setup(enum fault_scope scope)
{
	set("ignore-gfp-wait", "N");
	set("cache-filter", "N");
	set("task-filter", "N");
	set("probability", "0");
	set("interval", "1");
	set("times", "-1");
	/* a trace in the log would look like a complaint */
	set("verbose", "0");
	set("stacktrace-depth", "32");
	set("require-start", scope == BELOW_MODULE ? MODULES_BEGIN : "0");
	set("require-end", scope == BELOW_MODULE ? MODULES_END : "0xffffffffffffffff");
	spare_kmemleak();
	if (nth_fd < 0)
		nth_fd = open(NTH, O_RDWR | O_CLOEXEC);
	if (nth_fd < 0)
		tap_bail("cannot open " NTH ": %s", strerror(errno));
}

void fault_arm(unsigned int nth)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%u", nth);

	if (pwrite(nth_fd, text, len, 0) != len)
		tap_bail("cannot write " NTH ": %s", strerror(errno));
}

static unsigned int left(void)
{
	char text[16] = "";

	if (pread(nth_fd, text, sizeof(text) - 1, 0) < 1)
		tap_bail("cannot read " NTH ": %s", strerror(errno));
	return atoi(text);
}

bool fault_disarm(void)
{
	bool hit = !left();

	fault_arm(0);
	return hit;
}

unsigned int fault_count(int (*act)(void *arg), void *arg)
{
	unsigned int rest;

	fault_arm(MANY);
	act(arg);
	rest = left();
	fault_arm(0);
	return MANY - rest;
}

void fault_anybody(void)
{
	fault_setup(BELOW_MODULE);
	set("times", "1");
	set("probability", "100");
}

bool fault_nobody(void)
{
	char text[16] = "";
	int fd = open(FAILSLAB "/times", O_RDONLY | O_CLOEXEC);

	if (fd < 0 || read(fd, text, sizeof(text) - 1) < 1)
		tap_bail("cannot read " FAILSLAB "/times: %s", strerror(errno));
	close(fd);
	set("probability", "0");
	return !atoi(text);
}
