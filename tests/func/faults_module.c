// SPDX-License-Identifier: GPL-2.0-only
/*
 * No memory when the module comes or goes, and when a network namespace comes: each allocation
 * in turn that is made for the module fails. There is no module then, or no namespace, nothing
 * is left of it, and the next one comes. Loading and unloading take so many that without
 * --full one in ten fails.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "client.h"
#include "env.h"
#include "fault.h"
#include "sock.h"
#include "tap.h"

#define BLOCK 5000
#define COUNT 10
#define ENOUGH 3
#define STRIDE 10	/* of the bounded form */
#define SYSCTLS "/proc/sys/net/portres"

static int home;	/* the namespace of the test */
static char file[256];	/* the module */
static unsigned int points, operations;

static void find_module(void)
{
	FILE *pipe = popen("modinfo -n portres", "re");

	if (!pipe || !fgets(file, sizeof(file), pipe) || pclose(pipe))
		tap_bail("modinfo does not find the module");
	file[strcspn(file, "\n")] = '\0';
}

static int load(void)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC), error;

	if (fd < 0)
		tap_bail("cannot open %s: %s", file, strerror(errno));
	error = syscall(SYS_finit_module, fd, "", 0) ? errno : 0;
	close(fd);
	return error;
}

/* In the namespace of the caller. */
static bool works(void)
{
	struct client c;
	bool refused;

	if (access(SYSCTLS "/denied_errno", F_OK))
		return false;
	if (client_open(&c))
		return false;
	if (reserve(&c, BLOCK, COUNT, NULL, NO_OWNER, NULL)) {
		client_close(&c);
		return false;
	}
	refused = try_port(AF_INET, BLOCK) == EADDRINUSE && try_port(AF_INET6, BLOCK) == EADDRINUSE;
	must(unreserve(&c, BLOCK, COUNT), "cannot delete");
	client_close(&c);
	return refused && !try_port(AF_INET, BLOCK);
}

/* No look for the family: that would load the module. */
static bool is_absent(void)
{
	return !module_loaded() && access(SYSCTLS, F_OK) &&
	       !try_port(AF_INET, BLOCK) && !try_port(AF_INET6, 0);
}

/* The kernel has three errnos for a socket that it has no memory for. */
static bool is_want_of_memory(int error)
{
	return error == ENOMEM || error == ENOBUFS || error == ENFILE;
}

static const char *try_load(unsigned int nth, bool *hit)
{
	bool good;
	int error;

	fault_arm(nth);
	error = load();
	*hit = fault_disarm();
	if (error) {
		if (!*hit || !is_want_of_memory(error))
			return errno_name(error);
		if (!is_absent())
			return "something of it is there";
		error = load();
		if (error)
			return "it cannot be loaded afterwards";
	}
	good = works();
	if (!module_unloads())
		return "it cannot be unloaded";
	return good ? NULL : "it does not work";
}

static const char *try_unload(unsigned int nth, bool *hit)
{
	int error;

	must(load(), "cannot load the module");
	fault_arm(nth);
	error = module_unload();
	*hit = fault_disarm();
	if (error)
		return errno_name(error);
	return is_absent() ? NULL : "something of it is there";
}

static ino_t netns_number(void)
{
	struct stat about;

	if (stat("/proc/thread-self/ns/net", &about))
		tap_bail("no /proc/thread-self/ns/net: %s", strerror(errno));
	return about.st_ino;
}

static const char *try_netns(unsigned int nth, bool *hit)
{
	ino_t before = netns_number();
	const char *wrong = NULL;
	int error;

	fault_arm(nth);
	error = unshare(CLONE_NEWNET) ? errno : 0;
	*hit = fault_disarm();
	if (error && (!*hit || error != ENOMEM))
		return errno_name(error);
	if (error && netns_number() != before)
		return "it is there";
	if (error && !works())
		return "the old one does not work";
	if (error && unshare(CLONE_NEWNET))
		return "the next one cannot be made";
	if (!works())
		wrong = "it does not work";
	netns_enter(home);
	return wrong;
}

static void go_short(const char *name, const char *(*try)(unsigned int nth, bool *hit),
		     unsigned int stride)
{
	unsigned int nth, tried = 0, bad = 0;
	bool hit = true;

	for (nth = 1; hit && bad < ENOUGH; nth += stride) {
		const char *wrong = try(nth, &hit);

		tried += hit;
		if (!wrong)
			continue;
		bad++;
		tap_diag("%s, allocation %u: %s", name, nth, wrong);
	}
	operations++;
	points += tried;
	tap_ok(tried && !bad, "%s: %s of the allocations failed, %u", name,
	       stride > 1 ? "one in ten" : "each", tried);
}

int main(int argc, char **argv)
{
	unsigned int stride = argc > 1 && !strcmp(argv[1], "--full") ? 1 : STRIDE;
	const char *missing = fault_missing();

	if (missing) {
		tap_skip(missing, "each allocation fails in turn");
		return tap_finish();
	}
	/* one more than the first, so that the module has to give up those it has had already */
	new_netns();
	home = netns_get();
	find_module();
	fault_setup(BELOW_MODULE);
	go_short("loading", try_load, stride);
	go_short("unloading", try_unload, stride);
	module_load();
	go_short("a network namespace", try_netns, 1);
	tap_ok(module_unloads(), "the module can be unloaded");
	tap_num(leaks(), 0, "no memory is lost");
	tap_diag("covered: %u allocation points of %u operations failed in turn, all in the module",
		 points, operations);
	return tap_finish();
}
