// SPDX-License-Identifier: GPL-2.0-only
/*
 * What it takes to keep a block of ports: a reservation, or as many placeholder sockets.
 */
#include <errno.h>
#include <netinet/in.h>
#include <portres/portres.h>
#include <stdlib.h>
#include <unistd.h>

#include "binds.h"
#include "env.h"
#include "sock.h"
#include "tap.h"

#define FIRST 20000
#define ALL_FIRST 1024

static const unsigned int sizes[] = { 1, 10, 100, 1000, 10000, 64512 };

static unsigned int first_of(unsigned int size)
{
	return FIRST + size > 65536 ? ALL_FIRST : FIRST;
}

/* A long call hardly escapes the timer: what it costs is the least of several. */
static size_t times(unsigned int size)
{
	return size > 10000 ? 3 : size > 1000 ? 5 : size > 10 ? 21 : 101;
}

static void placeholders(int family, unsigned int size)
{
	struct series make = series_new(times(size)), whole = series_new(times(size));
	int *fds = calloc(size, sizeof(*fds));
	size_t i, n;

	must(fds ? 0 : ENOMEM, "no memory");
	for (i = 0; i < times(size); i++) {
		uint64_t begin, made;

		breathe();
		begin = instructions();
		for (n = 0; n < size; n++) {
			fds[n] = udp_open(family);
			must(sock_bind_any(fds[n], first_of(size) + n), "cannot take a port");
		}
		made = instructions();
		for (n = 0; n < size; n++)
			close(fds[n]);
		series_add(&make, between(begin, made));
		series_add(&whole, between(begin, instructions()));
	}
	series_tell(&make, with_number("make", size), family, "sockets");
	series_tell(&whole, with_number("make-and-end", size), family, "sockets");
	free(fds);
}

static void reservations(struct portres *handle, unsigned int size)
{
	uint16_t first = (uint16_t)first_of(size);
	struct portres_spec *spec = portres_spec_new(IPPROTO_UDP, first, (uint16_t)size);
	struct series make = series_new(times(size)), whole = series_new(times(size));
	uint64_t token;
	size_t i;

	must(spec ? 0 : ENOMEM, "no memory");
	for (i = 0; i < times(size); i++) {
		uint64_t begin, made;

		breathe();
		begin = instructions();
		must(-portres_create(handle, spec, &token), "cannot reserve");
		made = instructions();
		must(-portres_delete(handle, IPPROTO_UDP, first, (uint16_t)size), "cannot delete");
		series_add(&make, between(begin, made));
		series_add(&whole, between(begin, instructions()));
	}
	series_tell(&make, with_number("make", size), AF_UNSPEC, "here");
	series_tell(&whole, with_number("make-and-end", size), AF_UNSPEC, "here");
	portres_spec_free(spec);
}

/* Of a block that ends with its socket. */
static void acquisitions(unsigned int size)
{
	struct series whole = series_new(times(size));
	size_t i;

	for (i = 0; i < times(size); i++) {
		uint64_t begin;
		int fd;

		breathe();
		begin = instructions();
		fd = udp_open(AF_INET6);
		must(acquire(fd, first_of(size), size, NULL), "cannot acquire");
		close(fd);
		series_add(&whole, between(begin, instructions()));
	}
	series_tell(&whole, with_number("make-and-end", size), AF_UNSPEC, "acquired");
}

int main(void)
{
	struct portres *handle;
	unsigned int i;

	raise_limit();
	run_alone();
	/* without a name: nothing is stored */
	new_netns();
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		placeholders(AF_INET, sizes[i]);
		placeholders(AF_INET6, sizes[i]);
	}
	module_load();
	stand_elsewhere();
	must(-portres_open(&handle), "no handle");
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		reservations(handle, sizes[i]);
		acquisitions(sizes[i]);
	}
	portres_close(handle);
	tap_ok(true, "blocks were measured");
	return tap_finish();
}
