// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ports below ip_unprivileged_port_start: a task that gets one needs CAP_NET_BIND_SERVICE as for
 * bind() to that port, even if the port was selected for it from a reservation.
 */
#include <errno.h>
#include <linux/capability.h>
#include <unistd.h>

#include "client.h"
#include "env.h"
#include "sock.h"
#include "tap.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof(*(array)))

#define LOW_PORT 53
#define EDGE 1024		/* the first port that needs no privilege */
#define EDGE_FIRST (EDGE - 3)
#define EDGE_COUNT 6

#define BIND CAP_TO_MASK(CAP_NET_BIND_SERVICE)
#define ADMIN CAP_TO_MASK(CAP_NET_ADMIN)

enum way { EXPLICIT, ZERO, CONNECT, SENDTO, ACQUIRE, WAYS };

static const char *const way_names[WAYS] = {
	"bind to the port", "port 0", "connect", "sendto", "acquire"
};

/* The credentials of the task that asks, and whether they are enough. */
static const struct who {
	const char *name;
	uid_t uid;
	uint32_t caps;
	bool enough;
} whos[] = {
	{ "the owner", OWNER_UID, 0, false },
	{ "root without capabilities but to administer", 0, ADMIN, false },
	{ "root with both capabilities", 0, ADMIN | BIND, true },
};

static struct client client;
static uint64_t token, edge_token;
static int family;
static const char *loopback;

struct question {
	const struct who *who;
	enum way way;
};

static int attempt(void *arg)
{
	const struct question *question = arg;
	int fd, error;

	if (!question->who->uid)
		set_caps(question->who->caps);
	if (question->way == ACQUIRE)
		return acquire(udp_open(family), LOW_PORT + 1, 2, NULL);
	fd = udp_associated(family, token);
	if (question->way == CONNECT)
		error = sock_connect(fd, loopback, 9);
	else if (question->way == SENDTO)
		error = sock_sendto(fd, loopback, 9);
	else
		error = sock_bind_any(fd, question->way == ZERO ? 0 : LOW_PORT);
	if (!error && sock_port(fd) != LOW_PORT)
		error = EBADE;
	return error;
}

static int ask(const struct who *who, enum way way)
{
	struct question question = { who, way };

	return who->uid ? as_user(who->uid, attempt, &question) : in_child(attempt, &question);
}

/* The kernel turns every error of an implicit bind into EAGAIN. */
static int told(enum way way, bool enough)
{
	if (enough)
		return 0;
	return way == CONNECT || way == SENDTO ? EAGAIN : EACCES;
}

static unsigned long long refusals(void)
{
	struct resv resv;

	must(get_port(&client, LOW_PORT, &resv), "no reservation");
	return resv.refused;
}

static void each_way(void)
{
	enum way way;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(whos); i++) {
		for (way = 0; way < WAYS; way++) {
			unsigned long long before = refusals();
			bool counted = !whos[i].enough && way != EXPLICIT && way != ACQUIRE;

			tap_errno(ask(&whos[i], way), told(way, whos[i].enough), "%s: %s",
				  whos[i].name, way_names[way]);
			tap_num(refusals(), before + counted, "%s: %s: %s", whos[i].name,
				way_names[way], counted ? "counted once" : "no refusal of ours");
		}
	}
}

/* The namespace says where the privileged ports end. */
static void by_sysctl(void)
{
	enum way way;

	must(set_sysctl("net/ipv4/ip_unprivileged_port_start", "%d", LOW_PORT), "no sysctl");
	for (way = 0; way < WAYS; way++)
		tap_errno(ask(&whos[0], way), 0, "the port needs no privilege: %s", way_names[way]);
	must(set_sysctl("net/ipv4/ip_unprivileged_port_start", "%d", EDGE), "no sysctl");
}

/* Returns the errno of the first that fails, and as bits which ports there were before. */
static int fill(void *arg)
{
	int error, *fds = arg;
	unsigned int seen = 0, i;

	for (i = 0; i <= EDGE_COUNT; i++) {
		fds[i] = udp_associated(family, edge_token);
		error = sock_bind_any(fds[i], 0);
		if (error)
			break;
		seen |= 1U << (sock_port(fds[i]) - EDGE_FIRST);
	}
	return error << 8 | seen;
}

/* A block over the edge: without privilege none of the lower ports, and each of the others. */
static void over_the_edge(void)
{
	int fds[EDGE_COUNT + 1], result;

	result = as_user(OWNER_UID, fill, fds);
	tap_num(result & 0xff, 0x38, "a block over the edge: the owner gets the upper half");
	tap_errno(result >> 8, EADDRINUSE, "a block over the edge: then all are in use");
	result = in_child(fill, fds);
	tap_num(result & 0xff, 0x3f, "a block over the edge: root gets all of it");
	tap_errno(result >> 8, EADDRINUSE, "a block over the edge: root finds it full");
}

static int acquire_block(void *arg)
{
	return acquire(udp_open(family), *(unsigned int *)arg, EDGE_COUNT, NULL);
}

static void acquired(void)
{
	static const struct {
		const char *name;
		unsigned int first;
		int error;
	} blocks[] = {
		{ "all of its ports are low", EDGE_FIRST - EDGE_COUNT, EACCES },
		{ "its first port is the last low one", EDGE - 1, EACCES },
		{ "it begins at the edge, where the reservation is", EDGE, EADDRINUSE },
		{ "it begins behind the reservation", EDGE_FIRST + EDGE_COUNT, 0 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(blocks); i++)
		tap_errno(as_user(STRANGER_UID, acquire_block, (void *)&blocks[i].first),
			  blocks[i].error, "acquire: %s", blocks[i].name);
}

static int acquire_low(void *arg)
{
	(void)arg;
	return acquire(udp_open(family), LOW_PORT + 1, 2, NULL);
}

/* The capability counts in the user namespace that owns the network namespace. */
static void by_user_namespace(void)
{
	tap_errno(as_userns_root(false, acquire_low, NULL), EACCES,
		  "root of another user namespace: acquire");
	tap_errno(as_userns_root(true, acquire_low, NULL), 0,
		  "root of the user namespace that owns the network namespace: acquire");
}

int main(void)
{
	static const int families[] = { AF_INET, AF_INET6 };
	size_t i;

	new_netns();
	module_load();
	must(client_open(&client), "no client");
	must(reserve(&client, LOW_PORT, 1, NULL, OWNER_UID, &token), "cannot reserve");
	must(reserve(&client, EDGE_FIRST, EDGE_COUNT, NULL, OWNER_UID, &edge_token),
	     "cannot reserve");

	for (i = 0; i < ARRAY_SIZE(families); i++) {
		family = families[i];
		loopback = family == AF_INET ? "127.0.0.1" : "::1";
		tap_diag("%s", family == AF_INET ? "v4" : "v6");
		each_way();
		by_sysctl();
		over_the_edge();
		acquired();
		by_user_namespace();
	}
	client_close(&client);
	tap_ok(module_unloads(), "the module can be unloaded");
	return tap_finish();
}
