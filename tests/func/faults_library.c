// SPDX-License-Identifier: GPL-2.0-only
/*
 * No memory in the kernel for the library: each allocation in turn of each operation fails, as in
 * faults.c. The library says that it was done, and it was, wholly; or why not, and nothing was,
 * whichever of the messages got lost.
 */
#include <errno.h>
#include <netinet/in.h>
#include <portres/portres.h>
#include <string.h>

#include "client.h"
#include "env.h"
#include "shortage.h"
#include "sock.h"

#define NAME "name"

static struct portres *library;
static struct portres_spec *spec;
static uint64_t token;
static unsigned int told;

/* It may say ENOBUFS, as netlink does for want of memory; but not of what was done. */
static int one_name(int error)
{
	return error == -ENOBUFS ? ENOMEM : -error;
}

static void open_library(void)
{
	token = 0;
	told = 0;
	must(-portres_open(&library), "no library");
	spec = portres_spec_new(IPPROTO_UDP, BLOCK, COUNT);
	must(spec ? 0 : ENOMEM, "no specification");
	must(-portres_spec_set_name(spec, NAME), "no name");
	must(-portres_spec_set_owner(spec, OWNER_UID), "no owner");
}

static void close_library(void)
{
	portres_spec_free(spec);
	portres_close(library);
}

static int creates(void)
{
	return one_name(portres_create(library, spec, &token));
}

static bool is_created(void)
{
	struct resv resv;

	return !get_block(&watcher, BLOCK, COUNT, &resv) && resv.owner == OWNER_UID &&
	       !strcmp(resv.name, NAME) && resv.token == token;
}

static void open_and_create(void)
{
	open_library();
	must(creates(), "cannot reserve");
}

static void delete_and_close(void)
{
	must(unreserve(&watcher, BLOCK, COUNT), "cannot delete");
	close_library();
}

static int deletes(void)
{
	return one_name(portres_delete(library, IPPROTO_UDP, BLOCK, COUNT));
}

static bool is_deleted(void)
{
	return get_block(&watcher, BLOCK, COUNT, NULL) == ENOENT && !try_port(AF_INET, BLOCK);
}

static int look_at(const struct portres_reservation *reservation, void *arg)
{
	uint64_t its_token;

	(void)arg;
	told += portres_reservation_first(reservation) == BLOCK &&
		portres_reservation_count(reservation) == COUNT &&
		!portres_reservation_token(reservation, &its_token) && its_token == token;
	return 0;
}

static int asks(void)
{
	struct portres_reservation *found;
	int error = portres_get_port(library, IPPROTO_UDP, BLOCK + 1, &found);

	told = 0;
	if (!error) {
		look_at(found, NULL);
		portres_reservation_free(found);
	}
	return one_name(error);
}

static int lists(void)
{
	told = 0;
	return one_name(portres_for_each(library, look_at, NULL));
}

static bool is_told(void)
{
	return told == 1;
}

static const struct operation all[] = {
	{ OPERATION("creation", open_library, creates, is_created, delete_and_close),
	  .event = PORTRES_CMD_CREATED },
	{ OPERATION("deletion", open_and_create, deletes, is_deleted, close_library),
	  .event = PORTRES_CMD_DELETED },
	{ OPERATION("a question", open_and_create, asks, is_told, delete_and_close) },
	{ OPERATION("a list", open_and_create, lists, is_told, delete_and_close) },
};

int main(void)
{
	return shortage_test(IPPROTO_UDP, all, sizeof(all) / sizeof(*all), NULL);
}
