// SPDX-License-Identifier: GPL-2.0-only
/*
 * What it takes to list reservations, to show them and to restore them, by their number: the time
 * for each must not grow with it.
 */
#include <errno.h>
#include <netinet/in.h>
#include <portres/portres.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "binds.h"
#include "env.h"
#include "stage.h"
#include "tap.h"

#define FIRST 2000
#define STEP 2	/* no two are adjacent */
#define DUMPS 5

static const unsigned int counts[] = { 0, 300, 3000, 30000 };

#define DECLARATIONS "/etc/portres.d/bench.conf"

static int count_one(const struct portres_reservation *reservation, void *arg)
{
	(void)reservation;
	(*(unsigned int *)arg)++;
	return 0;
}

static void measure_dump(struct portres *handle, unsigned int wanted)
{
	struct series series = series_new(DUMPS);

	while (series.n < DUMPS) {
		unsigned int seen = 0;
		uint64_t begin;

		breathe();
		begin = instructions();
		must(-portres_for_each(handle, count_one, &seen), "cannot list");
		series_add(&series, between(begin, instructions()));
		must(seen == wanted ? 0 : EINVAL, "the dump has not the right number");
	}
	series_tell(&series, with_number("dump", wanted), AF_UNSPEC, "here");
}

static void declare(const char *protocol, unsigned int entries)
{
	FILE *file;
	unsigned int i;

	mkdir("/etc/portres.d", 0755);
	file = fopen(DECLARATIONS, "we");
	must(file ? 0 : errno, "no file for declarations");
	for (i = 0; i < entries; i++)
		fprintf(file, "%s %u\n", protocol, FIRST + STEP * i);
	must(fclose(file) ? errno : 0, "cannot write declarations");
}

/* The whole process, from its beginning to its end. */
static uint64_t run_portres(const char *command, const char *option)
{
	char *const argv[] = { "portres", (char *)command, (char *)option, NULL };
	char *const env[] = { NULL };
	posix_spawn_file_actions_t actions;
	uint64_t begin, end;
	int status;
	pid_t pid;

	must(posix_spawn_file_actions_init(&actions), "cannot run portres");
	must(posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0),
	     "cannot run portres");
	breathe();
	begin = instructions();
	must(posix_spawn(&pid, "/usr/bin/portres", &actions, NULL, argv, env),
	     "cannot run portres");
	waitpid(pid, &status, 0);
	end = instructions();
	posix_spawn_file_actions_destroy(&actions);
	must(status ? EINVAL : 0, "portres fails");
	return between(begin, end);
}

/* Not by the library, which reads all declarations for each: one may have the block in both. */
static void end_all(int protocol, unsigned int entries)
{
	struct client c;
	unsigned int i;

	must(client_open(&c), "no client");
	c.protocol = protocol;
	for (i = 0; i < entries; i++)
		must(unreserve(&c, FIRST + STEP * i, 1), "cannot delete");
	client_close(&c);
}

static void measure_udp(struct portres *handle, unsigned int count)
{
	declare("udp", count);
	tell(run_portres("restore", NULL), with_number("restore", count), AF_UNSPEC, "here");
	tell(run_portres("restore", NULL), with_number("restore-again", count), AF_UNSPEC, "here");
	tell(run_portres("show", "-j"), with_number("show", count), AF_UNSPEC, "here");
	measure_dump(handle, count);
	end_all(IPPROTO_UDP, count);
}

/* As many reservations, half of them of each protocol: they are listed in turns. */
static void measure_both(unsigned int count)
{
	declare("both", count / 2);
	run_portres("restore", NULL);
	tell(run_portres("show", "-j"), with_number("show-both", count), AF_UNSPEC, "here");
	end_all(IPPROTO_UDP, count / 2);
	end_all(IPPROTO_TCP, count / 2);
}

int main(void)
{
	struct portres *handle;
	unsigned int i;

	run_alone();
	new_store("mode=755");
	module_load();
	stand_elsewhere();
	must(-portres_open(&handle), "no handle");
	run_portres("restore", NULL);
	for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		measure_udp(handle, counts[i]);
		measure_both(counts[i]);
	}
	portres_close(handle);
	tap_ok(true, "lists were measured");
	return tap_finish();
}
