// SPDX-License-Identifier: GPL-2.0-only
/*
 * What GET tells: dumps of none, one and thousands of reservations, in few and in
 * many messages, with changes between the messages; and one reservation, by each of
 * the ways to name it, with what it counts.
 */
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"
#include "env.h"
#include "sock.h"
#include "tap.h"

/* Thousands: blocks of 3 ports with gaps of 2 between them, so that both kinds of end are met. */
#define MANY 5000
#define STEP 5
#define SIZE 3
#define BASE 10000

/* For datagrams; the client's own requests have told the kernel that there is as much. */
#define SMALL 8192

static struct client client, changer;

static unsigned int first_of(int i)
{
	return BASE + i * STEP;
}

static void fill(void)
{
	int i;

	/* not in their order */
	for (i = 0; i < MANY; i++)
		must(reserve(&client, first_of(i * 7 % MANY), SIZE, NULL, NO_OWNER, NULL),
		     "cannot reserve");
}

static void clear(void)
{
	static struct resv all[MANY + 2];
	size_t count, i;

	must(dump(&client, all, MANY + 2, &count), "no dump");
	for (i = 0; i < count; i++)
		must(unreserve(&client, all[i].first, all[i].count), "cannot clear");
}

/*
 * A dump that is read datagram by datagram. The kernel is always ahead by one: the
 * next is made when one is read.
 */
struct stream {
	struct client client;	/* a new one: the kernel keeps to the largest buffer it has seen */
	size_t space;		/* for one datagram */
	size_t datagrams;
	size_t count;		/* of reservations */
	unsigned int last;	/* port that was told last */
	bool seen[65536];	/* first ports */
	bool ascending;
	bool interrupted;
	bool ended;
};

static void stream_begin(struct stream *stream, size_t space)
{
	struct {
		struct nlmsghdr nl;
		struct genlmsghdr genl;
	} rq = {
		{ sizeof(rq), client.family, NLM_F_REQUEST | NLM_F_DUMP, 1, 0 },
		{ PORTRES_CMD_GET, PORTRES_GENL_VERSION, 0 },
	};

	memset(stream, 0, sizeof(*stream));
	must(client_open(&stream->client), "no client");
	stream->space = space;
	stream->ascending = true;
	if (send(stream->client.fd, &rq, sizeof(rq), 0) < 0)
		tap_bail("cannot send: %s", strerror(errno));
}

static uint16_t attr_u16(const struct nlmsghdr *nl, int type)
{
	const char *at = (const char *)NLMSG_DATA(nl) + GENL_HDRLEN;
	const char *end = (const char *)nl + nl->nlmsg_len;
	const struct nlattr *attr;
	uint16_t value;

	for (; at < end; at += NLA_ALIGN(attr->nla_len)) {
		attr = (const void *)at;
		if (attr->nla_type == type) {
			memcpy(&value, at + NLA_HDRLEN, sizeof(value));
			return value;
		}
	}
	tap_bail("a message without attribute %d", type);
}

static void stream_take(struct stream *stream, const struct nlmsghdr *nl)
{
	unsigned int first;

	stream->interrupted |= !!(nl->nlmsg_flags & NLM_F_DUMP_INTR);
	if (nl->nlmsg_type == NLMSG_DONE) {
		stream->ended = true;
		return;
	}
	if (nl->nlmsg_type != stream->client.family)
		tap_bail("a message of type %d in a dump", nl->nlmsg_type);
	first = attr_u16(nl, PORTRES_A_FIRST);
	stream->ascending &= first > stream->last;
	stream->last = first + attr_u16(nl, PORTRES_A_COUNT) - 1;
	stream->seen[first] = true;
	stream->count++;
}

/* Reads one datagram; false at the end, and then the client is closed. */
static bool stream_next(struct stream *stream)
{
	static _Alignas(NLMSG_ALIGNTO) char buf[65536];
	struct nlmsghdr *nl = (void *)buf;
	ssize_t n;

	if (stream->ended) {
		client_close(&stream->client);
		return false;
	}
	n = recv(stream->client.fd, buf, stream->space, MSG_TRUNC);
	if (n < 0 || (size_t)n > stream->space)
		tap_bail("a datagram of %zd bytes in a dump: %s", n, strerror(errno));
	stream->datagrams++;
	for (; NLMSG_OK(nl, n); nl = NLMSG_NEXT(nl, n))
		stream_take(stream, nl);
	return true;
}

static size_t missing(const struct stream *stream, int from, int to)
{
	size_t count = 0;
	int i;

	for (i = from; i < to; i++)
		count += !stream->seen[first_of(i)];
	return count;
}

static void whole_dump(size_t space, size_t datagrams, const char *how)
{
	static struct stream stream;

	stream_begin(&stream, space);
	while (stream_next(&stream))
		;
	tap_num(stream.count, MANY, "dump of %d, %s: as many", MANY, how);
	tap_num(missing(&stream, 0, MANY), 0, "dump of %d, %s: all of them", MANY, how);
	tap_ok(stream.ascending, "dump of %d, %s: by ascending ports", MANY, how);
	tap_ok(!stream.interrupted, "dump of %d, %s: is not interrupted", MANY, how);
	tap_ok(stream.datagrams >= datagrams, "dump of %d, %s: %zu messages", MANY, how,
	       stream.datagrams);
}

/* What changes while a dump is under way. */
struct change {
	const char *name;
	void (*make)(void);
	void (*undo)(void);
	int from, to;		/* of those that must be told */
};

static void create_below(void)
{
	must(reserve(&changer, 1, 1, NULL, NO_OWNER, NULL), "cannot change");
}

static void delete_below(void)
{
	must(unreserve(&changer, 1, 1), "cannot undo");
}

static void create_above(void)
{
	must(reserve(&changer, 60000, 1, NULL, NO_OWNER, NULL), "cannot change");
}

static void delete_above(void)
{
	must(unreserve(&changer, 60000, 1), "cannot undo");
}

static void delete_told(void)
{
	must(unreserve(&changer, first_of(0), SIZE), "cannot change");
}

static void create_told(void)
{
	must(reserve(&changer, first_of(0), SIZE, NULL, NO_OWNER, NULL), "cannot undo");
}

/* Among them the one at which the dump goes on. */
static void delete_next(void)
{
	int i;

	for (i = 100; i < 500; i++)
		must(unreserve(&changer, first_of(i), SIZE), "cannot change");
}

static void create_next(void)
{
	int i;

	for (i = 100; i < 500; i++)
		must(reserve(&changer, first_of(i), SIZE, NULL, NO_OWNER, NULL), "cannot undo");
}

static void create_and_delete(void)
{
	create_above();
	delete_above();
}

static void nothing(void)
{
}

static const struct change changes[] = {
	{ "a creation below", create_below, delete_below, 0, MANY },
	{ "a creation above", create_above, delete_above, 0, MANY },
	{ "a deletion of one that was told", delete_told, create_told, 1, MANY },
	{ "a deletion of those that come next", delete_next, create_next, 500, MANY },
	{ "a creation and its deletion", create_and_delete, nothing, 0, MANY },
};

static void changed_dump(const struct change *change)
{
	static struct stream stream;

	stream_begin(&stream, SMALL);
	stream_next(&stream);
	change->make();
	while (stream_next(&stream))
		;
	tap_ok(stream.interrupted, "dump with %s: is told to be interrupted", change->name);
	tap_num(missing(&stream, change->from, change->to), 0,
		"dump with %s: has what stood all the time", change->name);
	tap_ok(stream.ascending, "dump with %s: by ascending ports", change->name);
	change->undo();
}

/* The reader goes away in the middle of it. */
static void abandoned_dump(void)
{
	static struct stream stream;

	stream_begin(&stream, SMALL);
	stream_next(&stream);
	client_close(&stream.client);
	whole_dump(65536, 2, "after one that was abandoned");
}

static void few(void)
{
	struct resv resv;
	size_t count;

	tap_errno(dump(&client, NULL, 0, &count), 0, "dump of none");
	tap_num(count, 0, "dump of none: none");
	must(reserve(&client, 5000, 10, "one", OWNER_UID, NULL), "cannot reserve");
	tap_errno(dump(&client, &resv, 1, &count), 0, "dump of one");
	tap_ok(count == 1 && resv.first == 5000 && resv.count == 10 && !strcmp(resv.name, "one") &&
	       resv.owner == OWNER_UID, "dump of one: that one");
	must(unreserve(&client, 5000, 10), "cannot delete");
}

static void counts_are(uint64_t refused, uint32_t sockets, uint64_t token, const char *when)
{
	struct resv by[5], *resv;
	size_t count;

	must(get_block(&client, 5000, 10, &by[0]), "get by block");
	must(get_port(&client, 5000, &by[1]), "get by the first port");
	must(get_port(&client, 5009, &by[2]), "get by the last port");
	must(get_token(&client, token, &by[3]), "get by token");
	must(dump(&client, &by[4], 1, &count), "dump");
	for (resv = by; resv < by + 5; resv++) {
		if (resv->refused != refused || resv->sockets != sockets ||
		    resv->token != token || resv->protocol != IPPROTO_UDP ||
		    resv->first != 5000 || resv->count != 10 || strcmp(resv->name, "counted"))
			break;
	}
	tap_ok(resv == by + 5, "%s: %llu refused, %u sockets, in each way to ask", when,
	       (unsigned long long)refused, sockets);
}

static void counts(void)
{
	uint64_t token, other;
	struct resv resv;
	int fd;

	must(reserve(&client, 5000, 10, "counted", NO_OWNER, &token), "cannot reserve");
	must(reserve(&client, 5010, 10, NULL, NO_OWNER, &other), "cannot reserve");
	counts_are(0, 0, token, "new");
	try_port(AF_INET, 5000);
	try_port(AF_INET6, 5009);
	counts_are(2, 0, token, "two binds");
	try_port(AF_INET, 4999);
	try_port(AF_INET, 5010);
	counts_are(2, 0, token, "binds beside it");
	fd = udp_associated(AF_INET6, token);
	counts_are(2, 1, token, "an association");
	must(sock_bind_any(fd, 5000), "cannot bind");
	counts_are(2, 1, token, "a bind of an associated socket");
	must(get_port(&client, 5010, &resv), "no neighbour");
	tap_ok(resv.refused == 1 && !resv.sockets && resv.token == other,
	       "the neighbour counts for itself");
	must(unreserve(&client, 5000, 10), "cannot delete");
	close(fd);
	must(reserve(&client, 5000, 10, "counted", NO_OWNER, &other), "cannot reserve again");
	tap_ok(other != token, "the same block again has another token");
	tap_errno(get_token(&client, token, NULL), ENOENT, "the token from before");
	counts_are(0, 0, other, "the same block again");
}

static bool no_references(void *arg)
{
	(void)arg;
	return !module_unload();
}

int main(void)
{
	size_t i;

	new_netns();
	module_load();
	must(client_open(&client), "no client");
	must(client_open(&changer), "no client");
	few();
	counts();
	clear();
	fill();
	whole_dump(65536, 2, "a large buffer");
	whole_dump(SMALL, 40, "a small buffer");
	for (i = 0; i < sizeof(changes) / sizeof(*changes); i++)
		changed_dump(&changes[i]);
	abandoned_dump();
	client_close(&changer);
	client_close(&client);
	tap_ok(wait_until(no_references, NULL, 5000), "the module can be unloaded");
	return tap_finish();
}
