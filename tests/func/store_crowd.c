// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two hundred processes that make and end reservations at once, of the same blocks and of
 * blocks that overlap: at the end kernel and store agree, and each process finds what it was
 * told last of the block that is its own.
 */
#include <errno.h>
#include <netinet/in.h>
#include <portres/portres.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "env.h"
#include "stage.h"

#define CROWD 200
#define ROUNDS 10
#define SHARED 2000	/* first of the ports that all fight for */
#define OWN 10000	/* first of those of which each has its own */

static int create(struct portres *handle, unsigned int first, unsigned int count)
{
	struct portres_spec *spec = portres_spec_new(IPPROTO_UDP, (uint16_t)first,
						     (uint16_t)count);
	int error = portres_create(handle, spec, NULL);

	portres_spec_free(spec);
	return error;
}

static int delete(struct portres *handle, unsigned int first, unsigned int count)
{
	return portres_delete(handle, IPPROTO_UDP, (uint16_t)first, (uint16_t)count);
}

/* The own block stands at the end if the number is odd. Returns the error that is wrong. */
static int work(unsigned int number)
{
	struct portres *handle;
	unsigned int i;
	int error;

	srand(number);
	if (portres_open(&handle))
		return ENOMEM;
	for (i = 0; i < ROUNDS; i++) {
		unsigned int first = SHARED + (unsigned int)rand() % 20;
		unsigned int count = 1 + (unsigned int)rand() % 3;

		error = rand() % 2 ? create(handle, first, count) :
			delete(handle, first, count);
		if (error && error != -EEXIST && error != -ENOENT)
			return -error;
		error = i % 2 ? delete(handle, OWN + 2 * number, 2) :
			create(handle, OWN + 2 * number, 2);
		if (error)
			return -error;
	}
	error = number % 2 ? create(handle, OWN + 2 * number, 2) : 0;
	portres_close(handle);
	return -error;
}

static int mark(const struct portres_reservation *reservation, void *arg)
{
	unsigned int port = portres_reservation_first(reservation);
	unsigned int count = portres_reservation_count(reservation);
	uint8_t *ports = arg;

	while (count--)
		ports[port++]++;
	return 0;
}

static void compare(void)
{
	static uint8_t kernel[65536], disk[65536];
	struct portres *handle;
	int wrong = 0, lost = 0;
	unsigned int i;

	if (portres_open(&handle) || portres_for_each(handle, mark, kernel))
		tap_bail("no list");
	portres_close(handle);
	stored_ports(disk);
	for (i = 0; i < 65536; i++)
		wrong += kernel[i] != disk[i];
	for (i = 0; i < CROWD; i++)
		lost += kernel[OWN + 2 * i] != i % 2;
	tap_num(wrong, 0, "kernel and store agree");
	tap_num(lost, 0, "each finds what it was told last");
}

int main(void)
{
	int status, failed = 0;
	unsigned int i;

	module_load();
	new_store("size=16m");
	fflush(NULL);
	for (i = 0; i < CROWD; i++) {
		pid_t pid = fork();

		if (pid < 0)
			tap_bail("cannot fork: %s", strerror(errno));
		if (!pid)
			_exit(work(i));
	}
	for (i = 0; i < CROWD; i++) {
		if (wait(&status) < 0 || !status)
			continue;
		failed++;
		tap_diag("a process failed: wait status %#x, %s", status,
			 errno_name(WEXITSTATUS(status)));
	}
	tap_num(failed, 0, "%d processes, none met an error that should not be", CROWD);
	compare();
	return tap_finish();
}
