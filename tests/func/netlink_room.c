// SPDX-License-Identifier: GPL-2.0-only
/*
 * A caller whose socket has no room for the reply to a creation: the reservation is removed.
 */
#include <errno.h>
#include <sys/socket.h>

#include "client.h"
#include "env.h"
#include "sock.h"
#include "tap.h"

#define BLOCK 5000
#define COUNT 10
#define OTHER 6000
#define PLENTY 100	/* events, for the smallest queue */

static struct client caller, watcher, listener;

static void set_room(int bytes)
{
	must(setsockopt(caller.fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes)) ? errno : 0,
	     "cannot have a queue of this size");
}

static void open_clients(void)
{
	must(client_open(&watcher), "no client");
	must(client_open(&caller), "no client");
	set_room(1);
	must(client_subscribe(&caller), "cannot listen");
	must(client_open(&listener), "no client");
	sock_set(listener.fd, SOL_SOCKET, SO_RCVBUFFORCE, 1 << 20);
	must(client_subscribe(&listener), "cannot listen");
}

/* It listens as well, and reads none of it. */
static void fill_queue(void)
{
	struct resv resv;
	int i, cmd;

	for (i = 0; i < PLENTY; i++) {
		must(reserve(&watcher, OTHER, 1, NULL, NO_OWNER, NULL), "cannot reserve");
		must(unreserve(&watcher, OTHER, 1), "cannot delete");
	}
	/* A worker sends them: when the last has come, the queue is full of those before. */
	for (i = 0; i < 2 * PLENTY; i++)
		must(client_event(&listener, 5000, &cmd, &resv), "an event is missing");
}

static unsigned int empty_queue(void)
{
	unsigned int answers = 0;
	struct resv resv;
	int cmd, error;

	while ((error = client_event(&caller, 0, &cmd, &resv)) != ETIME)
		answers += !error && cmd == PORTRES_CMD_CREATE;
	return answers;
}

static void expect_event(int wanted, const char *text)
{
	struct resv resv = { 0 };
	int cmd = 0, error;

	error = client_event(&listener, 1000, &cmd, &resv);
	tap_ok(!error && cmd == wanted && resv.first == BLOCK && resv.count == COUNT, "%s", text);
}

int main(void)
{
	size_t count = 1;
	uint64_t token;

	new_netns();
	module_load();
	open_clients();
	fill_queue();

	tap_errno(reserve(&caller, BLOCK, COUNT, NULL, NO_OWNER, NULL), ENOBUFS,
		  "a creation without room for the answer");
	must(dump(&watcher, NULL, 0, &count), "cannot dump");
	tap_num(count, 0, "nothing stands");
	tap_errno(try_port(AF_INET6, BLOCK), 0, "its first port is anybody's");
	tap_errno(try_port(AF_INET, BLOCK + COUNT - 1), 0, "so is the last one");
	expect_event(PORTRES_CMD_CREATED, "a listener is told of its creation");
	expect_event(PORTRES_CMD_DELETED, "and of its removal");
	tap_num(empty_queue(), 0, "no answer came");

	set_room(100000);
	tap_errno(reserve(&caller, BLOCK, COUNT, NULL, NO_OWNER, &token), 0,
		  "with room it is made");
	tap_errno(get_token(&watcher, token, NULL), 0, "and stands by the token that was told");
	client_close(&caller);
	client_close(&listener);
	client_close(&watcher);
	tap_ok(module_unloads(), "the module can be unloaded");
	return tap_finish();
}
