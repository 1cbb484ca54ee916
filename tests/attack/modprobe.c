// SPDX-License-Identifier: GPL-2.0-only
/*
 * A machine without IPv6, where each socket(AF_INET6) makes the kernel ask a helper for a module.
 * Creations and acquisitions must not ask: the helper may be slow, or may need a lock that netlink
 * holds while it serves a request.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "answers.h"
#include "attack.h"
#include "crew.h"
#include "env.h"
#include "gauge.h"
#include "sock.h"
#include "tap.h"

#define ASKED "/tmp/attack.asked"
#define HELPER "/tmp/attack.helper"
#define ROUNDS 10
#define TIMES 20
#define LEAST 5		/* milliseconds: less is not compared */

struct helper {
	const char *name;
	const char *command;
};

static const struct helper helpers[] = {
	{ "a helper that sleeps", "sleep 1" },
	{ "a helper that registers a netlink family", "/sbin/modprobe wireguard" },
};

static void use_helper(const struct helper *helper)
{
	FILE *file = fopen(HELPER, "we");

	if (!file)
		tap_bail("no helper: %s", strerror(errno));
	fprintf(file, "#!/bin/sh\necho \"$@\" >>" ASKED "\n%s\n", helper->command);
	fclose(file);
	chmod(HELPER, 0755);
	unlink(ASKED);
	must(set_sysctl("kernel/modprobe", HELPER), "the helper cannot be set");
}

/* Without one nothing is asked for. */
static void use_none(void)
{
	must(set_sysctl("kernel/modprobe", "\n"), "the helper cannot be taken away");
}

static void acquire_and_release(void)
{
	struct portres_association block;
	int fd = udp_open(AF_INET);

	must(acquire(fd, 0, 10, &block), "cannot acquire");
	must(release(fd, block.token), "cannot release");
	close(fd);
}

static const struct {
	const char *name;
	void (*turn)(void);
} turns[] = {
	{ "create and delete", NULL },
	{ "acquire and release", acquire_and_release },
};

static struct reading measure(void (*turn)(void), double patience, double *killed)
{
	double end = milliseconds() + patience;
	struct reading reading;
	struct gauge gauge;

	gauge_start(&gauge, turn);
	do {
		usleep(10000);
		reading = gauge_read(&gauge);
	} while (reading.turns < ROUNDS && milliseconds() < end);
	*killed = gauge_stop(&gauge, FOR_GOOD + 1);
	return reading;
}

static void row(const struct helper *helper, const char *name, void (*turn)(void))
{
	struct reading without, with;
	double killed, limit;

	use_none();
	without = measure(turn, 60000, &killed);
	limit = TIMES * (without.mean > LEAST ? without.mean : LEAST);
	use_helper(helper);
	with = measure(turn, ROUNDS * limit, &killed);
	tap_ok(with.turns && with.mean <= limit, "%s: %s: takes at most %d times as long",
	       helper->name, name, TIMES);
	tap_diag("%.1f ms instead of %.1f; %lu times", with.mean, without.mean, with.turns);
	tap_ok(killed <= answer_limit(), "%s: %s: SIGKILL ends it in time", helper->name, name);
	tap_ok(access(ASKED, F_OK), "%s: %s: no module is asked for", helper->name, name);
	if (!access(ASKED, F_OK))
		run("sort " ASKED " | uniq -c");
	use_none();
	/* the kernel does not wait for the helper of a task that was killed */
	run("while pgrep -f '^/bin/sh " HELPER "' >/dev/null; do sleep 0.1; done;"
	    " test ! -e /sys/module/wireguard/initstate || modprobe -q -r wireguard");
}

int main(int argc, char **argv)
{
	int fd = socket(AF_INET6, SOCK_DGRAM, 0);
	unsigned int i, j;

	attack_arguments(argc, argv);
	if (fd >= 0) {
		tap_skip("this machine has IPv6", "modules that are asked for");
		return tap_finish();
	}
	new_netns();
	module_load();
	for (i = 0; i < sizeof(helpers) / sizeof(*helpers); i++)
		for (j = 0; j < sizeof(turns) / sizeof(*turns); j++)
			row(&helpers[i], turns[j].name,
			    turns[j].turn ? turns[j].turn : answer_turns[ADMINISTRATOR]);
	must(set_sysctl("kernel/modprobe", "/sbin/modprobe"), "the helper cannot be set");
	tap_ok(module_unloads(), "the module can be unloaded");
	return tap_finish();
}
