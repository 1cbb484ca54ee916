// SPDX-License-Identifier: GPL-2.0-only
/*
 * Notifications: one for each creation and deletion, to every listener in the
 * namespace and to no other; they tell everything but the token.
 */
#include <errno.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"
#include "env.h"
#include "sock.h"
#include "tap.h"

#define COUNT 10
#define SOON 5000	/* milliseconds */
#define IDLE 50		/* what is sent has come by then */

#define BIT(attr) (1U << PORTRES_A_##attr)
#define ALWAYS (BIT(PROTOCOL) | BIT(FIRST) | BIT(COUNT) | BIT(REFUSED) | BIT(AVOIDED) |	\
		BIT(SOCKETS))

static void open_listener(struct client *c)
{
	must(client_open(c), "no client");
	must(client_subscribe(c), "cannot listen");
}

static bool hears(struct client *listener, int cmd, unsigned int first, struct resv *resv)
{
	int got = 0;

	memset(resv, 0, sizeof(*resv));
	return !client_event(listener, SOON, &got, resv) && got == cmd &&
	       resv->first == first && resv->count == COUNT && resv->protocol == IPPROTO_UDP;
}

static bool hears_nothing(struct client *listener)
{
	struct resv resv;
	int cmd;

	return client_event(listener, IDLE, &cmd, &resv) == ETIME;
}

static void tells(struct client *c, struct client *listener)
{
	struct resv resv;
	uint64_t token;

	must(reserve(c, 5000, COUNT, "told", OWNER_UID, &token), "cannot reserve");
	tap_ok(hears(listener, PORTRES_CMD_CREATED, 5000, &resv), "a creation is told");
	tap_num(resv.has, ALWAYS | BIT(NAME) | BIT(OWNER) | BIT(GRANT),
		"a creation is told with name and owner, without the token");
	tap_ok(!strcmp(resv.name, "told") && resv.owner == OWNER_UID && !resv.refused &&
	       !resv.sockets, "a creation is told as it is");

	try_port(AF_INET, 5001);
	tap_ok(hears_nothing(listener), "a refused bind is not told");
	must(unreserve(c, 5000, COUNT), "cannot delete");
	tap_ok(hears(listener, PORTRES_CMD_DELETED, 5000, &resv), "a deletion is told");
	tap_num(resv.has, ALWAYS | BIT(NAME) | BIT(OWNER) | BIT(GRANT),
		"a deletion is told with name and owner, without the token");
	tap_num(resv.refused, 1, "a deletion is told with what was refused");

	must(reserve(c, 5000, COUNT, NULL, NO_OWNER, &token), "cannot reserve");
	tap_ok(hears(listener, PORTRES_CMD_CREATED, 5000, &resv) && resv.has == ALWAYS,
	       "a creation without name and owner is told so");
	must(unreserve(c, 5000, COUNT), "cannot delete");
	tap_ok(hears(listener, PORTRES_CMD_DELETED, 5000, &resv) && resv.has == ALWAYS,
	       "a deletion without name and owner is told so");
}

static void failures(struct client *c, struct client *listener)
{
	struct resv resv;
	int fd = udp_open(AF_INET);

	must(sock_bind(fd, "127.0.0.1", 6005), "cannot bind");
	must(reserve(c, 5000, COUNT, NULL, NO_OWNER, NULL), "cannot reserve");
	hears(listener, PORTRES_CMD_CREATED, 5000, &resv);
	reserve(c, 5005, COUNT, NULL, NO_OWNER, NULL);
	reserve(c, 6000, COUNT, NULL, NO_OWNER, NULL);
	unreserve(c, 5000, COUNT - 1);
	unreserve(c, 0, COUNT);
	tap_ok(hears_nothing(listener), "what fails is not told");
	must(unreserve(c, 5000, COUNT), "cannot delete");
	hears(listener, PORTRES_CMD_DELETED, 5000, &resv);
}

/* How many of the changes of in_order() are heard until one is missing. */
static int hear_in_order(struct client *listener)
{
	struct resv resv;
	int i, right = 0;

	for (i = 0; i < 100; i++) {
		if (!hears(listener, PORTRES_CMD_CREATED, 5000 + i * COUNT, &resv))
			break;
		right++;
		if (!hears(listener, PORTRES_CMD_DELETED, 5000 + i * COUNT, &resv))
			break;
		right++;
	}
	return right;
}

static void in_order(struct client *c, struct client *listener)
{
	int i;

	for (i = 0; i < 100; i++) {
		must(reserve(c, 5000 + i * COUNT, COUNT, NULL, NO_OWNER, NULL), "cannot reserve");
		must(unreserve(c, 5000 + i * COUNT, COUNT), "cannot delete");
	}
	tap_num(hear_in_order(listener), 200, "many changes are told one by one and in order");
}

/* A listener is told of every change, also of one that it requests on the same socket. */
static void to_everybody(struct client *listener)
{
	struct client both, another;
	struct resv resv;

	open_listener(&both);
	open_listener(&another);
	must(reserve(&another, 5000, COUNT, NULL, NO_OWNER, NULL), "cannot reserve");
	tap_ok(hears(listener, PORTRES_CMD_CREATED, 5000, &resv) &&
	       hears(&both, PORTRES_CMD_CREATED, 5000, &resv), "each listener is told");
	client_close(&another);
	must(unreserve(listener, 5000, COUNT), "cannot delete");
	tap_ok(hears(&both, PORTRES_CMD_DELETED, 5000, &resv), "one that is left is told");
	client_close(&both);
}

static int listen_and_send(void *arg)
{
	struct client listener;

	open_listener(&listener);
	send_fd(*(int *)arg, listener.fd);
	return 0;
}

static void stranger(struct client *c)
{
	struct client strangers = *c;
	struct resv resv;
	int via[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, via))
		tap_bail("no socket pair: %s", strerror(errno));
	tap_errno(as_user(STRANGER_UID, listen_and_send, &via[0]), 0, "a stranger may listen");
	strangers.fd = recv_fd(via[1]);
	close(via[0]);
	close(via[1]);
	must(reserve(c, 5000, COUNT, NULL, STRANGER_UID, NULL), "cannot reserve");
	tap_ok(hears(&strangers, PORTRES_CMD_CREATED, 5000, &resv) &&
	       resv.has == (ALWAYS | BIT(OWNER) | BIT(GRANT)),
	       "a stranger is told, even its own without the token");
	must(unreserve(c, 5000, COUNT), "cannot delete");
	tap_ok(hears(&strangers, PORTRES_CMD_DELETED, 5000, &resv), "also of the end");
	close(strangers.fd);
}

static int user_namespace(void *arg)
{
	struct client c, listener;
	struct resv resv;

	(void)arg;
	open_listener(&listener);
	must(client_open(&c), "no client");
	must(reserve(&c, 5000, COUNT, NULL, 0, NULL), "cannot reserve");
	if (!hears(&listener, PORTRES_CMD_CREATED, 5000, &resv))
		return ENODATA;
	return resv.has & BIT(OWNER) && resv.owner == 0 && !(resv.has & BIT(TOKEN)) ? 0 : ERANGE;
}

static void namespaces(struct client *c, struct client *here)
{
	struct client there, c_there;
	int home = netns_get();
	struct resv resv;

	new_netns();
	open_listener(&there);
	must(client_open(&c_there), "no client");
	must(reserve(c, 5000, COUNT, NULL, NO_OWNER, NULL), "cannot reserve");
	tap_ok(hears(here, PORTRES_CMD_CREATED, 5000, &resv),
	       "listeners of the namespace are told");
	tap_ok(hears_nothing(&there), "listeners of another namespace are not told");
	must(reserve(&c_there, 6000, COUNT, NULL, NO_OWNER, NULL), "cannot reserve");
	tap_ok(hears(&there, PORTRES_CMD_CREATED, 6000, &resv), "nor are they the only ones");
	tap_ok(hears_nothing(here), "and the first are not told of the others'");
	client_close(&c_there);
	client_close(&there);
	netns_enter(home);
	close(home);
	must(unreserve(c, 5000, COUNT), "cannot delete");
	hears(here, PORTRES_CMD_DELETED, 5000, &resv);
}

/* A listener that does not read learns that it missed something, and hinders no other. */
static void overrun(struct client *c)
{
	struct client slow;
	struct resv resv;
	int cmd, i, error = 0;

	open_listener(&slow);
	sock_set(slow.fd, SOL_SOCKET, SO_RCVBUF, 1);
	for (i = 0; i < 50; i++) {
		error |= reserve(c, 5000, COUNT, NULL, NO_OWNER, NULL);
		error |= unreserve(c, 5000, COUNT);
	}
	tap_errno(error, 0, "changes go on while a listener does not read");
	do
		error = client_event(&slow, SOON, &cmd, &resv);
	while (!error);
	tap_errno(error, ENOBUFS, "a listener that missed something is told so");
	client_close(&slow);
}

int main(void)
{
	struct client c, listener;

	new_netns();
	module_load();
	must(client_open(&c), "no client");
	open_listener(&listener);
	tells(&c, &listener);
	failures(&c, &listener);
	in_order(&c, &listener);
	to_everybody(&listener);
	client_close(&listener);
	stranger(&c);
	open_listener(&listener);
	tap_errno(as_userns_root(true, user_namespace, NULL), 0,
		  "an owner is told in the numbers of the namespace's user namespace");
	tap_ok(hears_nothing(&listener), "what is changed there is told there only");
	namespaces(&c, &listener);
	overrun(&c);
	client_close(&listener);
	client_close(&c);
	tap_errno(module_unload(), 0, "the module can be unloaded");
	return tap_finish();
}
