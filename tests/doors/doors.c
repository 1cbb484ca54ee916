// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fuzzes the doors of the module, with inputs that are the same each time for the same seed.
 *
 *   doors [--seed=N] [--inputs=N] [--seconds=N] [--sequence=N]
 *
 * Inputs come in sequences, each in new worlds; --sequence does the one of that number, as it was
 * in a longer run. What the kernel's command line says as doors.seed=N and so on counts as well.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "chance.h"
#include "doors.h"
#include "env.h"
#include "fault.h"
#include "tap.h"

#define LENGTH 400	/* inputs of a sequence */
#define LOOK 16		/* all is looked at after so many */

unsigned long inputs, refusals, mutants;
bool gone_wrong;

static unsigned long seed = 1, wanted_inputs = 2400, seconds, only = -1UL;
static unsigned long sequence;
static struct world worlds[WORLDS];
static char now[256];

void note(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(now, sizeof(now), fmt, args);
	va_end(args);
}

void wrong(const char *fmt, ...)
{
	char text[256];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (!gone_wrong)
		tap_ok(false, "sequence %lu, input %lu: %s: %s", sequence, inputs, now, text);
	gone_wrong = true;
}

void expect(int got, int wanted, const char *what)
{
	if (got != wanted)
		wrong("%s answers %s, not %s", what, errno_name(got), errno_name(wanted));
	refusals += got > 0;
}

static bool take_word(const char *word)
{
	return sscanf(word, "seed=%lu", &seed) == 1 ||
	       sscanf(word, "inputs=%lu", &wanted_inputs) == 1 ||
	       sscanf(word, "seconds=%lu", &seconds) == 1 ||
	       sscanf(word, "sequence=%lu", &only) == 1;
}

static void take_words(int argc, char **argv)
{
	char line[4096] = "", *rest = line, *word;
	FILE *file = fopen("/proc/cmdline", "re");
	int i;

	if (!file || !fgets(line, sizeof(line), file))
		tap_bail("no /proc/cmdline");
	fclose(file);
	while ((word = strsep(&rest, "\n ")))
		if (!strncmp(word, "doors.", 6) && !take_word(word + 6))
			tap_bail("%s?", word);
	for (i = 1; i < argc; i++)
		if (strncmp(argv[i], "--", 2) || !take_word(argv[i] + 2))
			tap_bail("%s?", argv[i]);
}

static void one_input(struct world *world)
{
	unsigned int what = draw(100);

	inputs++;
	if (what < 38)
		netlink_input(world);
	else if (what < 40)
		dump_input(world);
	else if (what < 66)
		option_input(world);
	else if (what < 90)
		sock_input(world);
	else if (what < 98)
		sysctl_input(world);
	else
		race_input(world);
}

/* When nobody has anything any more, nothing stands, and ports are to be had again. */
static void end_world(struct world *world)
{
	socks_close(world);
	note("the sequence ends");
	while (world->n_blocks && !gone_wrong) {
		const struct block *block = &world->blocks[0];

		expect(unreserve(client_of(world, block->protocol), block->first, block->count),
		       0, "a deletion at last");
		model_del(world, block);
	}
	if (!gone_wrong)
		verify(world);
	if (!gone_wrong)
		verify_ports(world);
	if (!gone_wrong)
		verify_events(world, true);
	world_close(world);
}

/* The console has it even if the kernel dies. */
static void tell_kernel(void)
{
	FILE *kmsg = fopen("/dev/kmsg", "we");

	if (!kmsg)
		return;
	fprintf(kmsg, "<4>doors: seed %lu, sequence %lu\n", seed, sequence);
	fclose(kmsg);
}

static void one_sequence(void)
{
	int i;

	tell_kernel();
	chance_seed(seed, sequence);
	for (i = 0; i < WORLDS; i++)
		world_open(&worlds[i], i);
	for (i = 1; i <= LENGTH && !gone_wrong; i++) {
		one_input(&worlds[once_in(4)]);
		if (i % LOOK == 0 && !gone_wrong)
			verify(&worlds[once_in(4)]);
	}
	for (i = 0; i < WORLDS; i++)
		end_world(&worlds[i]);
}

static bool goes_on(time_t begin)
{
	if (gone_wrong || sequence - (only == -1UL ? 0 : only) == 0)
		return !gone_wrong;
	if (only != -1UL)
		return false;
	return seconds ? (unsigned long)(time(NULL) - begin) < seconds : inputs < wanted_inputs;
}

int main(int argc, char **argv)
{
	time_t begin = time(NULL);
	int home;

	take_words(argc, argv);
	tap_diag("covered: seed %lu, replay with --seed %lu [--sequence N]", seed, seed);
	fflush(stdout);
	chance_seed(seed, -1UL);
	parameter_inputs();
	home = netns_get();
	module_load();
	processes_start();
	for (sequence = only == -1UL ? 0 : only; goes_on(begin); sequence++)
		one_sequence();
	netns_enter(home);
	if (!gone_wrong)
		tap_ok(true, "every answer is right, and what stands is what was answered");
	tap_diag("covered: %lu inputs in %lu sequences, %lu of them malformed; %lu refused",
		 inputs, sequence, mutants, refusals);
	tap_ok(module_unloads(), "the module can be unloaded");
	if (!fault_missing())
		tap_num(leaks(), 0, "no memory is lost");
	return tap_finish();
}
