// SPDX-License-Identifier: GPL-2.0-only
/*
 * Acquisition of a runtime reservation: what it conflicts with, when it needs privilege, and
 * what the reservation then does, on bound and on unbound sockets.
 */
#include <errno.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "attempt.h"
#include "client.h"
#include "env.h"
#include "refusal.h"
#include "sock.h"
#include "tap.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof(*(array)))
#define BIT(attr) (1U << PORTRES_A_##attr)

#define FIRST 5000
#define COUNT 10
#define COMMAND "acquires \"it\""

static struct client client;
static int family;

/* Checks that an acquisition on @fd fails with @error, and changes nothing. */
static bool refuses(int fd, unsigned int first, unsigned int count, int error)
{
	uint64_t before = state_of(&client);
	int got = acquire(fd, first, count, NULL);

	if (got == error && state_of(&client) == before)
		return true;
	tap_diag("%u ports from %u on: got %s, wanted %s%s", count, first, errno_name(got),
		 errno_name(error), state_of(&client) == before ? "" : ", the state has changed");
	return false;
}

/* A port of the block, anywhere in it, is used in some way. */
static bool use_of_port(int fd, const struct attempt *use)
{
	const unsigned int firsts[] = { use->port, use->port - COUNT / 2, use->port - COUNT + 1 };
	const int error = use->kind == UDP ? EADDRINUSE : 0;
	struct portres_association block;
	struct outcome outcome;
	int user = attempt_open(use);
	bool ok = true;
	size_t i;

	outcome = attempt_make(user, use);
	if (outcome.error == EADDRNOTAVAIL && use->reuse == DEVICE) {
		/* the address is another device's */
		close(user);
		return true;
	}
	must(outcome.error, "cannot bind");
	for (i = 0; i < ARRAY_SIZE(firsts); i++) {
		if (error) {
			ok &= refuses(fd, firsts[i], COUNT, error);
			continue;
		}
		ok &= !acquire(fd, firsts[i], COUNT, &block);
		ok &= !release(fd, block.token);
	}
	close(user);
	ok &= !acquire(fd, use->port, COUNT, &block) && !release(fd, block.token);
	return ok;
}

static void used_ports(int fd)
{
	struct attempt use = { .way = EXPLICIT, .port = FIRST };

	for (use.kind = 0; use.kind < KINDS; use.kind++) {
		if (!attempt_kind_exists(use.kind)) {
			tap_skip(NO_UDPLITE, "a port is bound by %s", kind_names[use.kind]);
			continue;
		}
		for (use.family = 0; use.family < FAMILIES; use.family++) {
			bool ok = true;

			for (use.address = 0; use.address < ADDRESSES; use.address++) {
				if (use.kind != UDP && use.address > SPECIFIC)
					continue;
				if (!attempt_exists(&use))
					continue;
				for (use.reuse = 0; use.reuse < REUSES; use.reuse++)
					ok &= use_of_port(fd, &use);
			}
			tap_ok(ok, "a port is bound by %s, %s, all addresses and flags",
			       kind_names[use.kind], family_names[use.family]);
		}
	}
}

/* Sockets that did not ask for the port: a connected one, and the acquiring one itself. */
static void other_uses(void)
{
	int fd = udp_open(family), user = udp_open(AF_INET);

	must(sock_connect(user, "127.0.0.1", 9), "cannot connect");
	tap_ok(refuses(fd, sock_port(user), 1, EADDRINUSE), "a port is used by a connected socket");
	must(sock_disconnect(user), "cannot disconnect");
	close(user);
	must(sock_bind_any(fd, FIRST + 1), "cannot bind");
	tap_ok(refuses(fd, FIRST, COUNT, EADDRINUSE), "a port is used by the socket itself");
	tap_errno(acquire(fd, FIRST + 2, COUNT, NULL), 0, "the block beside its port is acquired");
	close(fd);
}

static const struct overlap {
	const char *name;
	unsigned int first, count;
	int error;
} overlaps[] = {
	{ "the same block", FIRST, COUNT, EADDRINUSE },
	{ "a part of it", FIRST + 1, 1, EADDRINUSE },
	{ "its first port", FIRST, 1, EADDRINUSE },
	{ "its last port", FIRST + COUNT - 1, 1, EADDRINUSE },
	{ "over its beginning", FIRST - 5, 6, EADDRINUSE },
	{ "over its end", FIRST + COUNT - 1, 10, EADDRINUSE },
	{ "all around it", FIRST - 5, COUNT + 10, EADDRINUSE },
	{ "right before it", FIRST - 5, 5, 0 },
	{ "right behind it", FIRST + COUNT, 5, 0 },
};

static void overlap_rows(const char *what)
{
	int fd = udp_open(family);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(overlaps); i++) {
		const struct overlap *row = &overlaps[i];
		struct portres_association block;

		if (row->error) {
			tap_ok(refuses(fd, row->first, row->count, row->error), "%s: %s", what,
			       row->name);
			continue;
		}
		tap_errno(acquire(fd, row->first, row->count, &block), 0, "%s: %s", what,
			  row->name);
		must(release(fd, block.token), "cannot release");
	}
	close(fd);
}

static int acquire_block(void *arg)
{
	(void)arg;
	/* the descriptor stays open */
	return acquire(udp_open(family), FIRST, COUNT, NULL);
}

static void reserved_ports(void)
{
	struct child child;
	int fd;

	must(reserve(&client, FIRST, COUNT, NULL, NO_OWNER, NULL), "cannot reserve");
	overlap_rows("persistent");
	must(unreserve(&client, FIRST, COUNT), "cannot delete");
	fd = udp_acquired(family, FIRST, COUNT, NULL);
	overlap_rows("of its own");
	tap_errno(reserve(&client, FIRST + 9, COUNT, NULL, NO_OWNER, NULL), EEXIST,
		  "a persistent one over a runtime one");
	close(fd);
	child = child_stay(STRANGER_UID, acquire_block, NULL);
	must(child.result, "cannot acquire");
	overlap_rows("of another process");
	child_exit(&child);
}

struct wish {
	const char *name;
	unsigned int start;	/* net.ipv4.ip_unprivileged_port_start */
	unsigned int first, count;
	int unprivileged;	/* errno of a caller without the capability */
};

static const struct wish wishes[] = {
	{ "the last privileged port", 1024, 1023, 1, EACCES },
	{ "the first unprivileged port", 1024, 1024, 1, 0 },
	{ "a block over the border", 1024, 1020, 10, EACCES },
	{ "port 1", 1024, 1, 1, EACCES },
	{ "the last privileged port of a lower border", 500, 499, 1, EACCES },
	{ "the first unprivileged port of a lower border", 500, 500, 1, 0 },
	{ "port 1 where none is privileged", 0, 1, 1, 0 },
	{ "a malformed block of privileged ports", 1024, 1, 0, EINVAL },
};

static int try_wish(void *arg)
{
	const struct wish *wish = arg;
	int fd = udp_open(family), error;

	error = acquire(fd, wish->first, wish->count, NULL);
	close(fd);
	return error;
}

static int wish_with_capability_alone(void *arg)
{
	if (seteuid(STRANGER_UID))
		tap_bail("cannot become a stranger");
	set_caps(1U << CAP_NET_BIND_SERVICE);
	return try_wish(arg);
}

static int wish_with_all_but_that(void *arg)
{
	set_caps(~(1U << CAP_NET_BIND_SERVICE));
	return try_wish(arg);
}

static int wish_in_own_netns(void *arg)
{
	struct wish wish = *(struct wish *)arg;

	must(set_sysctl("net/ipv4/ip_unprivileged_port_start", "%u", wish.start), "no sysctl");
	return try_wish(&wish);
}

static void privileges(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(wishes); i++) {
		const struct wish *wish = &wishes[i];
		void *arg = (void *)wish;
		int privileged = wish->count ? 0 : EINVAL;

		must(set_sysctl("net/ipv4/ip_unprivileged_port_start", "%u", wish->start),
		     "no sysctl");
		tap_errno(in_child(try_wish, arg), privileged, "root: %s", wish->name);
		tap_errno(as_user(STRANGER_UID, try_wish, arg), wish->unprivileged,
			  "a stranger: %s", wish->name);
		tap_errno(in_child(wish_with_capability_alone, arg), privileged,
			  "a stranger with CAP_NET_BIND_SERVICE: %s", wish->name);
		tap_errno(in_child(wish_with_all_but_that, arg), wish->unprivileged,
			  "root with all capabilities but that: %s", wish->name);
		tap_errno(as_userns_root(false, try_wish, arg), wish->unprivileged,
			  "root of a user namespace: %s", wish->name);
		tap_errno(as_userns_root(true, wish_in_own_netns, arg), privileged,
			  "root of the user namespace that owns the network namespace: %s",
			  wish->name);
	}
	must(set_sysctl("net/ipv4/ip_unprivileged_port_start", "1024"), "no sysctl");
}

/* bind() would say the same of a privileged port that is in use. */
static void privilege_is_judged_first(void)
{
	int fd = udp_open(AF_INET);

	must(sock_bind_any(fd, wishes[0].first), "cannot bind");
	tap_errno(as_user(STRANGER_UID, try_wish, (void *)&wishes[0]), EACCES,
		  "a stranger: a privileged port that is in use");
	tap_errno(in_child(try_wish, (void *)&wishes[0]), EADDRINUSE,
		  "root: a privileged port that is in use");
	close(fd);
}

static void told(void)
{
	struct portres_association block;
	struct resv resv;
	int fd = udp_open(family);

	must(acquire(fd, FIRST, COUNT, &block), "cannot acquire");
	tap_errno(get_block(&client, FIRST, COUNT, &resv), 0, "netlink tells it");
	tap_num(resv.has, BIT(PROTOCOL) | BIT(FIRST) | BIT(COUNT) | BIT(TOKEN) | BIT(OWNER) |
		BIT(REFUSED) | BIT(AVOIDED) | BIT(SOCKETS) | BIT(RUNTIME) | BIT(PROCESS) |
		BIT(COMMAND) | BIT(PROCESS_START),
		"with these attributes");
	tap_ok(resv.runtime && resv.process == (uint32_t)getpid() && resv.token == block.token &&
	       resv.owner == 0 && !resv.refused && !resv.sockets, "as they are");
	tap_ok(!strcmp(resv.command, COMMAND), "with the name of the process");
	must(get_token(&client, block.token, &resv), "not found by its token");
	tap_num(resv.first, FIRST, "found by its token");
	close(fd);
}

/* To acquire is not to associate; but the socket may be associated like any other. */
static void several_blocks(int bound)
{
	struct portres_association blocks[20], answer;
	int fd = udp_open(family), user, i, error = 0;
	unsigned int used = 0;

	must(bound ? sock_bind_any(fd, 4000) : 0, "cannot bind");
	for (i = 0; i < 20; i++)
		error |= acquire(fd, FIRST + i * COUNT, COUNT, &blocks[i]);
	tap_errno(error, 0, "20 blocks on one socket");
	for (i = 0; i < 20; i++)
		used += blocks[i].token && try_port(family, FIRST + i * COUNT + 3) == EADDRINUSE;
	tap_num(used, 20, "all of them are reserved");
	tap_errno(association(fd, &answer), ENOENT, "the socket is associated with none");
	tap_errno(associate(fd, blocks[7].token), bound ? EINVAL : 0, "it can be, unless bound");
	if (!bound) {
		must(sock_bind_any(fd, 0), "cannot bind");
		tap_ok(sock_port(fd) - blocks[7].first < COUNT, "and bind in the block");
		tap_errno(acquire(fd, 9000, 1, NULL), 0, "and go on acquiring");
	}
	user = udp_associated(family, blocks[3].token);
	tap_errno(sock_bind_any(user, blocks[4].first), EADDRNOTAVAIL, "each has its own token");
	tap_errno(sock_bind_any(user, blocks[3].first), 0, "and its own block");
	tap_errno(release(fd, blocks[4].token), 0, "one is released");
	tap_errno(try_port(family, blocks[4].first), 0, "that is free");
	tap_errno(try_port(family, blocks[5].first), EADDRINUSE, "the next is not");
	close(user);
	close(fd);
}

int main(void)
{
	static const int families[] = { AF_INET, AF_INET6 };
	int i, fd;

	prctl(PR_SET_NAME, COMMAND);
	new_netns();
	attempt_network();
	module_load();
	must(client_open(&client), "no client");
	for (i = 0; i < 2; i++) {
		family = families[i];
		tap_diag("acquired on %s", family == AF_INET ? "v4" : "v6");
		fd = udp_open(family);
		must(i ? sock_bind_any(fd, 4000) : 0, "cannot bind");
		used_ports(fd);
		close(fd);
		other_uses();
		reserved_ports();
		privileges();
		privilege_is_judged_first();
		told();
		several_blocks(0);
		several_blocks(1);
	}
	tap_ok(module_unloads(), "the module can be unloaded");
	return tap_finish();
}
