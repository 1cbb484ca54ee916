// SPDX-License-Identifier: GPL-2.0-only
/*
 * failslab and fail_page_alloc of the kernel, aimed by /proc/PID/fail-nth at one allocation of
 * one thread.
 */
#include "fault.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tap.h"

#define NTH "/proc/thread-self/fail-nth"
#define DEBUG "/sys/kernel/debug/"
#define FAILSLAB DEBUG "failslab"
#define FAIL_PAGES DEBUG "fail_page_alloc"

/* More than any system call makes. */
#define MANY 1000000

/* Where x86 has the text of modules; without KASLR below it the kernel's ends. */
#define MODULES_BEGIN "0xffffffffa0000000"
#define MODULES_END "0xffffffffff000000"

/*
 * struct injector - what makes allocations of one kind fail
 * @folder: its settings
 * @spared: a function; what is allocated below it is not made to fail
 * @begin: where it begins
 * @end: where the next function begins
 *
 * kmemleak makes a note of each allocation, and has a reserve for when that fails: to let it
 * fail would tell nothing. A slab that is full takes a page when nobody can foretell it, and
 * without one it fails the allocation that has had its turn already.
 */
static struct injector {
	const char *folder;
	const char *spared;
	char begin[19];
	char end[19];
} injectors[] = {
	{ .folder = FAILSLAB, .spared = "__create_object" },
	{ .folder = FAIL_PAGES, .spared = "allocate_slab" },
};

#define INJECTORS (sizeof(injectors) / sizeof(*injectors))

static int nth_fd = -1;

static void note_symbol(struct injector *injector, const char *address, const char *name)
{
	if (!*injector->begin && !strncmp(name, injector->spared, strlen(injector->spared)))
		snprintf(injector->begin, sizeof(injector->begin), "0x%s", address);
	else if (*injector->begin && !*injector->end && strcmp(injector->begin + 2, address))
		snprintf(injector->end, sizeof(injector->end), "0x%s", address);
}

static void find_spared(void)
{
	FILE *symbols = fopen("/proc/kallsyms", "re");
	char line[512], name[256], address[17];
	size_t i;

	while (symbols && fgets(line, sizeof(line), symbols))
		if (sscanf(line, "%16s %*c %255s", address, name) == 2)
			for (i = 0; i < INJECTORS; i++)
				note_symbol(&injectors[i], address, name);
	for (i = 0; i < INJECTORS; i++)
		if (!*injectors[i].end)
			tap_bail("the kernel has no function %s", injectors[i].spared);
	fclose(symbols);
}

const char *fault_missing(void)
{
	size_t i;

	if (access(NTH, W_OK))
		return "the kernel has no fault injection by fail-nth";
	for (i = 0; i < INJECTORS; i++)
		if (access(injectors[i].folder, X_OK))
			return "the kernel cannot make each kind of allocation fail";
	find_spared();
	return NULL;
}

static void set(const char *folder, const char *name, const char *value)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, value, strlen(value)) < 0)
		tap_bail("cannot write %s: %s", path, strerror(errno));
	close(fd);
}

static void setup(const struct injector *injector, enum fault_scope scope)
{
	const char *folder = injector->folder;

	set(folder, "ignore-gfp-wait", "N");
	set(folder, "task-filter", "N");
	set(folder, "probability", "0");
	set(folder, "interval", "1");
	set(folder, "times", "-1");
	/* a trace in the log would look like a complaint */
	set(folder, "verbose", "0");
	set(folder, "stacktrace-depth", "32");
	set(folder, "require-start", scope == BELOW_MODULE ? MODULES_BEGIN : "0");
	set(folder, "require-end", scope == BELOW_MODULE ? MODULES_END : "0xffffffffffffffff");
	set(folder, "reject-start", injector->begin);
	set(folder, "reject-end", injector->end);
}

/*
 * Of pages only several at once: single ones are also the program's own, by page faults, and
 * sooner than to refuse one the kernel kills somebody.
 */
void fault_setup(enum fault_scope scope)
{
	size_t i;

	for (i = 0; i < INJECTORS; i++)
		setup(&injectors[i], scope);
	set(FAILSLAB, "cache-filter", "N");
	set(FAIL_PAGES, "ignore-gfp-highmem", "N");
	set(FAIL_PAGES, "min-order", "1");
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
	set(FAILSLAB, "times", "1");
	set(FAILSLAB, "probability", "100");
}

bool fault_nobody(void)
{
	char text[16] = "";
	int fd = open(FAILSLAB "/times", O_RDONLY | O_CLOEXEC);

	if (fd < 0 || read(fd, text, sizeof(text) - 1) < 1)
		tap_bail("cannot read " FAILSLAB "/times: %s", strerror(errno));
	close(fd);
	set(FAILSLAB, "probability", "0");
	return !atoi(text);
}
