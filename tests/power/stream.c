// SPDX-License-Identifier: GPL-2.0-only
/*
 * Several processes that make and end reservations, each of its own blocks. The host is told
 * before what is about to be done, and behind it that it was acknowledged.
 */
#include <netinet/in.h>
#include <portres/portres.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "guest.h"

#define WORKERS 4
#define BLOCKS 10	/* of each worker */

static bool stands[WORKERS][BLOCKS];

static unsigned int first_of(unsigned int worker, unsigned int block)
{
	return 10000 + worker * 1000 + block * 20;
}

/* Some are single ports. */
static unsigned int count_of(unsigned int block)
{
	return block < 3 ? 1 : block;
}

static int tell_one(const struct portres_reservation *reservation, void *arg)
{
	unsigned int first = portres_reservation_first(reservation);
	unsigned int worker = first / 1000 - 10;
	const char *name = portres_reservation_name(reservation);

	(void)arg;
	say("kernel %u %u %s", first, portres_reservation_count(reservation), name ? name : "");
	if (first >= 10000 && worker < WORKERS && first % 1000 / 20 < BLOCKS)
		stands[worker][first % 1000 / 20] = true;
	return 0;
}

void tell_kernel(void)
{
	struct portres *handle;
	int error = portres_open(&handle);

	if (error)
		give_up("cannot open: %s", portres_strerror(error));
	if (portres_for_each(handle, tell_one, NULL))
		give_up("cannot list: %s", portres_error(handle));
	portres_close(handle);
}

static int create(struct portres *handle, unsigned int first, unsigned int count,
		  const char *name)
{
	struct portres_spec *spec = portres_spec_new(IPPROTO_UDP, (uint16_t)first,
						     (uint16_t)count);
	int error = spec ? portres_spec_set_name(spec, name) : -1;

	if (!error)
		error = portres_create(handle, spec, NULL);
	portres_spec_free(spec);
	return error;
}

/* A name is never used twice, so what survives can be told from what was there before. */
static void step(struct portres *handle, unsigned int seed, unsigned int worker,
		 unsigned int number)
{
	unsigned int block = (unsigned int)rand() % BLOCKS;
	unsigned int first = first_of(worker, block);
	unsigned int count = count_of(block);
	bool *is = &stands[worker][block];
	char name[32];
	int error;

	snprintf(name, sizeof(name), "%x-%u-%u", seed, worker, number);
	say("do %u %s %u %u %s", worker, *is ? "end" : "make", first, count, name);
	error = *is ? portres_delete(handle, IPPROTO_UDP, (uint16_t)first, (uint16_t)count) :
		create(handle, first, count, name);
	if (error)
		say("did %u %d %s", worker, error, portres_error(handle));
	else
		say("did %u 0", worker);
	*is = !*is;
}

static void work(unsigned int seed, unsigned int worker)
{
	struct portres *handle;
	unsigned int number;

	srand(seed * WORKERS + worker);
	if (portres_open(&handle))
		give_up("worker %u cannot open", worker);
	for (number = 1;; number++)
		step(handle, seed, worker, number);
}

void start_stream(unsigned int seed)
{
	unsigned int worker;

	for (worker = 0; worker < WORKERS; worker++)
		if (!fork())
			work(seed, worker);
}
