// SPDX-License-Identifier: GPL-2.0-only
/*
 * No memory: each allocation in turn of each operation of the module fails. The operation
 * answers ENOMEM and has done nothing, or it has done all of it. Then it works.
 *
 * Where the kernel around the module needs memory, the answer is the kernel's. Netlink's
 * ENOBUFS says no more than that a message was lost: the request, or the acknowledgment of one
 * that was carried out. But what was created has been told, lost acknowledgment or not.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "acts.h"
#include "client.h"
#include "env.h"
#include "fault.h"
#include "shortage.h"
#include "sock.h"
#include "tap.h"

#define DUMPED 400	/* reservations, for a dump in several messages */

static struct resv told;
static size_t dumped;
static const char *path;	/* of a sysctl */
static int fd = -1;		/* the same */

/* Questions. */

static void open_and_ask(void)
{
	memset(&told, 0, sizeof(told));
	open_and_create();
}

static int gets_block(void)
{
	return get_block(&scene.client, BLOCK, COUNT, &told);
}

static int gets_port(void)
{
	return get_port(&scene.client, BLOCK + 1, &told);
}

static int gets_token(void)
{
	return get_token(&scene.client, scene.token, &told);
}

static bool is_told(void)
{
	return told.first == BLOCK && told.count == COUNT && told.token == scene.token &&
	       told.owner == OWNER_UID && !strcmp(told.name, NAME);
}

static void create_many(void)
{
	unsigned int i;

	for (i = 0; i < DUMPED; i++)
		must(reserve(&watcher, 10000 + i, 1, NAME, OWNER_UID, NULL), "cannot reserve");
}

static int dumps(void)
{
	int error = dump(&scene.client, NULL, 0, &dumped);

	if (error)
		dumped = 0;
	return error;
}

/* What is left of a dump that failed goes with the socket. */
static int dumps_anew(void)
{
	close_client();
	open_client();
	return dumps();
}

static bool is_dumped(void)
{
	return dumped == DUMPED + 1;
}

/* Sysctls. */

static void open_sysctl(const char *name, const char *value)
{
	path = name;
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0 || pwrite(fd, value, strlen(value), 0) < 0)
		tap_bail("%s: %s", path, strerror(errno));
}

static void open_errno(void)
{
	open_sysctl("/proc/sys/net/portres/denied_errno", "98");
}

static void open_max_ports(void)
{
	open_sysctl("/proc/sys/net/portres/user_max_ports", "4096");
}

static void open_max_reservations(void)
{
	open_sysctl("/proc/sys/net/portres/user_max_reservations", "1");
}

/* A value that each of them takes. */
static int writes(void)
{
	return pwrite(fd, "13", 2, 0) == 2 ? 0 : errno;
}

static bool is_written(void)
{
	char text[16] = "";

	return pread(fd, text, sizeof(text) - 1, 0) > 0 && !strcmp(text, "13\n");
}

static void close_sysctl(void)
{
	const char *usual = strstr(path, "errno") ? "98" : strstr(path, "ports") ? "4096" : "1";

	if (pwrite(fd, usual, strlen(usual), 0) < 0)
		tap_bail("%s: %s", path, strerror(errno));
	close(fd);
}

static const struct operation all[] = {
	{ OPERATION("the first creation of a namespace", open_client, creates, is_created,
		    delete_block), .first = true },
	{ OPERATION("creation", open_client, creates, is_created, delete_block),
	  .event = PORTRES_CMD_CREATED },
	{ OPERATION("deletion", open_and_create, deletes, is_deleted, close_client),
	  .other = ENOBUFS, .event = PORTRES_CMD_DELETED },
	{ OPERATION("a question by block", open_and_ask, gets_block, is_told, delete_block),
	  .other = ENOBUFS },
	{ OPERATION("a question by port", open_and_ask, gets_port, is_told, delete_block),
	  .other = ENOBUFS },
	{ OPERATION("a question by token", open_and_ask, gets_token, is_told, delete_block),
	  .other = ENOBUFS },
	{ OPERATION("a dump", open_client, dumps, is_dumped, close_client), .other = ENOBUFS,
	  .furnish = create_many, .again = dumps_anew },
	{ OPERATION("association", open_both, associates, is_associated, close_both) },
	{ OPERATION("bind with SO_REUSEPORT", open_reuseport, binds, is_bound, close_socket),
	  .other = EADDRINUSE },
	{ OPERATION("bind with SO_REUSEPORT in a block", open_associated_reuseport, binds,
		    is_bound, close_both), .other = EADDRINUSE },
	{ OPERATION("bind to any port of a block", open_associated, binds_anywhere,
		    is_bound_in_block, close_both), .frugal = true },
	{ OPERATION("acquisition of a block", open_socket, acquires, is_acquired,
		    release_and_close), .user = true, .event = PORTRES_CMD_CREATED },
	{ OPERATION("acquisition of any block", open_socket, acquires_any, is_acquired,
		    release_and_close), .user = true, .event = PORTRES_CMD_CREATED },
	{ OPERATION("the first acquisition of a namespace", open_socket, acquires_any,
		    is_acquired, release_and_close), .user = true, .first = true },
	{ OPERATION("release", open_and_acquire, releases, is_released, close_socket),
	  .user = true, .event = PORTRES_CMD_DELETED },
	{ OPERATION("denied_errno", open_errno, writes, is_written, close_sysctl) },
	{ OPERATION("user_max_ports", open_max_ports, writes, is_written, close_sysctl) },
	{ OPERATION("user_max_reservations", open_max_reservations, writes, is_written,
		    close_sysctl) },
};

/* Not by the process that closes it: its own allocations would be none. */
static void close_of_a_holder(void)
{
	struct client listener;
	struct resv resv;
	int cmd = 0, error;
	bool hit;

	new_netns();
	must(client_open(&listener), "no client");
	must(client_subscribe(&listener), "cannot listen");
	open_socket();
	must(acquires(), "cannot acquire");
	must(client_event(&listener, 1000, &cmd, &resv), "the acquisition was not told");
	fault_anybody();
	close_socket();
	error = client_event(&listener, 10000, &cmd, &resv);
	hit = fault_nobody();
	tap_ok(hit, "the end with its socket: an allocation failed");
	tap_errno(error, ENOBUFS, "the end with its socket: a listener knows that it missed it");
	tap_errno(try_port(AF_INET, BLOCK), 0, "the end with its socket: it has come");
	client_close(&listener);
}

int main(void)
{
	return shortage_test(IPPROTO_UDP, all, sizeof(all) / sizeof(*all), close_of_a_holder);
}
