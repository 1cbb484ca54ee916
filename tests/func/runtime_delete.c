// SPDX-License-Identifier: GPL-2.0-only
/*
 * An administrator deletes a runtime reservation: which requests do that, and what becomes of
 * its sockets, its ports and its user's account.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "client.h"
#include "env.h"
#include "sock.h"
#include "tap.h"

#define FIRST 5000
#define COUNT 10

static struct client client;

static int delete_as_user(void *arg)
{
	struct client c;
	int error;

	(void)arg;
	must(client_open(&c), "no client");
	error = unreserve_runtime(&c, FIRST, COUNT);
	client_close(&c);
	return error;
}

static int call_delete(bool runtime, struct answer *answer)
{
	struct request rq;

	request_init(&rq, PORTRES_CMD_DELETE, 0);
	request_u8(&rq, PORTRES_A_PROTOCOL, IPPROTO_UDP);
	request_u16(&rq, PORTRES_A_FIRST, FIRST);
	request_u16(&rq, PORTRES_A_COUNT, COUNT);
	if (runtime)
		request_put(&rq, PORTRES_A_RUNTIME, "", 0);
	return client_call(&client, &rq, answer);
}

static void not_meant(void)
{
	struct answer answer = { 0 };
	int fd = udp_acquired(AF_INET, FIRST, COUNT, NULL);

	tap_errno(as_user(STRANGER_UID, delete_as_user, NULL), EPERM, "a user may not delete");
	tap_errno(as_userns_root(false, delete_as_user, NULL), EPERM,
		  "root of a user namespace may not delete what is in ours");
	tap_errno(call_delete(false, &answer), ENOENT, "without the attribute it is not meant");
	tap_ok(strstr(answer.text, "RUNTIME") && strstr(answer.text, "portres del"),
	       "the text names attribute and command");
	tap_errno(unreserve_runtime(&client, FIRST, COUNT - 1), ENOENT, "a part of the block");
	tap_errno(unreserve_runtime(&client, FIRST, COUNT + 1), ENOENT, "more than the block");
	tap_errno(unreserve_runtime(&client, 0, COUNT), ERANGE, "a block that cannot be");
	tap_errno(get_block(&client, FIRST, COUNT, NULL), 0, "after all that it stands");
	close(fd);
	tap_errno(unreserve_runtime(&client, FIRST, COUNT), ENOENT, "its socket is closed: none");

	must(reserve(&client, FIRST, COUNT, NULL, NO_OWNER, NULL), "cannot reserve");
	tap_errno(call_delete(true, &answer), ENOENT, "a persistent one is not meant");
	tap_ok(answer.bad_attr == -1 && strstr(answer.text, "persistent"), "the text says so");
	tap_errno(get_block(&client, FIRST, COUNT, NULL), 0, "and it stands");
	must(unreserve(&client, FIRST, COUNT), "cannot delete");
}

static void sockets(int family)
{
	struct portres_association answer;
	uint64_t token;
	int holder = udp_acquired(family, FIRST, COUNT, &token);
	int bound = udp_associated(family, token), waiting = udp_associated(family, token);

	must(sock_bind_any(bound, FIRST + 2), "cannot bind");
	tap_errno(unreserve_runtime(&client, FIRST, COUNT), 0, "the administrator deletes");
	tap_errno(get_block(&client, FIRST, COUNT, NULL), ENOENT, "it is gone");
	tap_ok(!association(waiting, &answer) && answer.flags == PORTRES_ASSOCIATION_GONE &&
	       answer.token == token, "an associated socket is told");
	tap_errno(sock_bind_any(waiting, FIRST + 3), EADDRNOTAVAIL, "and cannot bind");
	tap_num(sock_port(bound), FIRST + 2, "a bound socket keeps its port");
	tap_errno(try_port(family, FIRST + 2), EADDRINUSE, "which is in use");
	tap_errno(try_port(family, FIRST + 3), 0, "the next is anybody's");
	tap_errno(release(holder, token), EINVAL, "its process has nothing to release");
	close(bound);
	tap_errno(acquire(holder, FIRST, COUNT, &answer), 0, "its socket may acquire again");
	tap_ok(answer.token != token, "with another token");
	close(waiting);
	close(holder);
}

/* Takes all that a user may hold, and tries one more. */
static int acquire_most(void *arg)
{
	int fd = udp_open(AF_INET);

	(void)arg;
	must(acquire(fd, FIRST, COUNT, NULL), "cannot acquire");
	return acquire(fd, FIRST + COUNT, 1, NULL);
}

static int acquire_one(void *arg)
{
	(void)arg;
	return acquire(udp_open(AF_INET), FIRST + COUNT, 1, NULL);
}

static void accounts(void)
{
	struct child child;

	must(set_sysctl("net/portres/user_max_reservations", "1"), "no sysctl");
	child = child_stay(STRANGER_UID, acquire_most, NULL);
	tap_errno(child.result, EDQUOT, "a user holds as much as it may");
	tap_errno(as_user(STRANGER_UID, acquire_one, NULL), EDQUOT, "in another process too");
	tap_errno(unreserve_runtime(&client, FIRST, COUNT), 0, "the administrator deletes that");
	tap_errno(as_user(STRANGER_UID, acquire_one, NULL), 0, "the user may acquire again");
	child_exit(&child);
}

int main(void)
{
	new_netns();
	module_load();
	must(client_open(&client), "no client");
	not_meant();
	sockets(AF_INET);
	sockets(AF_INET6);
	accounts();
	client_close(&client);
	tap_ok(module_unloads(), "the module can be unloaded");
	return tap_finish();
}
