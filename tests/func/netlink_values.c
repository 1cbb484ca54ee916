// SPDX-License-Identifier: GPL-2.0-only
/*
 * Well-formed attributes that say what is not allowed or makes no sense, and their
 * neighbours that do: ranges, protocols, names, owners, ways to name a reservation.
 */
#include <errno.h>
#include <linux/netlink.h>
#include <string.h>
#include <unistd.h>

#include "env.h"
#include "refusal.h"
#include "sock.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof(*(array)))

/* The reservation that stands all the time, and a port with a socket on it. */
#define FIRST 5000
#define COUNT 10
#define IN_USE 7005

static struct client client;
static uint64_t token;

struct attr {
	int type;
	size_t len;
	const void *data;
};

#define U8(attr, value) { PORTRES_A_##attr, 1, &(const uint8_t){ value } }
#define U16(attr, value) { PORTRES_A_##attr, 2, &(const uint16_t){ value } }
#define U32(attr, value) { PORTRES_A_##attr, 4, &(const uint32_t){ value } }
#define U64(attr, value) { PORTRES_A_##attr, 8, &(const uint64_t){ value } }
/* with its terminating zero, and without */
#define STR(attr, value) { PORTRES_A_##attr, sizeof(value), value }
#define BYTES(attr, value) { PORTRES_A_##attr, sizeof(value) - 1, value }
#define THE_TOKEN { PORTRES_A_TOKEN, 8, &token }

#define UDP U8(PROTOCOL, IPPROTO_UDP)
#define BLOCK(low, number) \
	.protocol = UDP, .first = U16(FIRST, low), .count = U16(COUNT, number)
#define IN(number) .protocol = UDP, .port = U16(PORT, number)
#define THAT_FIRST .first = U16(FIRST, FIRST)
#define THAT_COUNT .count = U16(COUNT, COUNT)
#define FREE BLOCK(6000, 10)
#define OTHER(number) \
	.protocol = U8(PROTOCOL, number), .first = U16(FIRST, 6000), .count = U16(COUNT, 10)

#define SIXTY "012345678901234567890123456789012345678901234567890123456789"
#define UMLAUT "\303\274"

struct row {
	const char *name;
	struct refusal wanted;	/* error 0: it succeeds */
	struct attr protocol, first, count, port, token, option;	/* type 0: none */
};

#define BAD(error, attr) { error, PORTRES_A_##attr, 0, false }
#define MISSING(attr) { EINVAL, 0, PORTRES_A_##attr, false }
#define NOT(error) { error, ANY_ATTR, 0, false }
#define WORKS { 0 }

static const struct row creations[] = {
	{ "first 0", BAD(ERANGE, FIRST), BLOCK(0, 1) },
	{ "first 0, all ports", BAD(ERANGE, FIRST), BLOCK(0, 65535) },
	{ "count 0", BAD(ERANGE, COUNT), BLOCK(6000, 0) },
	{ "count 0, last port", BAD(ERANGE, COUNT), BLOCK(65535, 0) },
	{ "two ports at 65535", BAD(EINVAL, COUNT), BLOCK(65535, 2) },
	{ "beyond 65535 by one", BAD(EINVAL, COUNT), BLOCK(65530, 7) },
	{ "all ports from 2 on, and one more", BAD(EINVAL, COUNT), BLOCK(2, 65535) },
	{ "twice all ports", BAD(EINVAL, COUNT), BLOCK(65535, 65535) },
	{ "such that 16 bits wrap to a free port", BAD(EINVAL, COUNT), BLOCK(60000, 6000) },
	{ "port 1", WORKS, BLOCK(1, 1) },
	{ "port 65535", WORKS, BLOCK(65535, 1) },
	{ "up to 65535", WORKS, BLOCK(65530, 6) },

	{ "protocol 0", BAD(EPROTONOSUPPORT, PROTOCOL), OTHER(0) },
	{ "SCTP", BAD(EPROTONOSUPPORT, PROTOCOL), OTHER(132) },
	{ "protocol 16", BAD(EPROTONOSUPPORT, PROTOCOL), OTHER(16) },
	{ "protocol 18", BAD(EPROTONOSUPPORT, PROTOCOL), OTHER(18) },
	{ "UDP-Lite", BAD(EPROTONOSUPPORT, PROTOCOL), OTHER(136) },
	{ "protocol 255", BAD(EPROTONOSUPPORT, PROTOCOL), OTHER(255) },

	{ "empty name", BAD(EINVAL, NAME), FREE, .option = STR(NAME, "") },
	{ "name of 1 byte", WORKS, FREE, .option = STR(NAME, "a") },
	{ "name of 63 bytes", WORKS, FREE, .option = STR(NAME, SIXTY "123") },
	{ "name of 64 bytes", BAD(EINVAL, NAME), FREE, .option = STR(NAME, SIXTY "1234") },
	{ "name of 300 bytes", BAD(EINVAL, NAME), FREE,
	  .option = STR(NAME, SIXTY SIXTY SIXTY SIXTY SIXTY) },
	{ "63 bytes without an end", BAD(EINVAL, NAME), FREE, .option = BYTES(NAME, SIXTY "123") },
	{ "64 bytes without an end", BAD(EINVAL, NAME), FREE, .option = BYTES(NAME, SIXTY "1234") },
	{ "name in UTF-8", WORKS, FREE, .option = STR(NAME, "F" UMLAUT "r \342\230\216") },
	{ "63 bytes of UTF-8", WORKS, FREE, .option = STR(NAME, SIXTY "1" UMLAUT) },
	{ "name with a space", WORKS, FREE, .option = STR(NAME, " a b ") },
	{ "name with a line feed", BAD(EINVAL, NAME), FREE, .option = STR(NAME, "a\nb") },
	{ "name with a tab", BAD(EINVAL, NAME), FREE, .option = STR(NAME, "a\tb") },
	{ "name that begins with 1", BAD(EINVAL, NAME), FREE, .option = STR(NAME, "\001b") },
	{ "name that ends with 31", BAD(EINVAL, NAME), FREE, .option = STR(NAME, "a\037") },
	{ "name with an escape sequence", BAD(EINVAL, NAME), FREE, .option = STR(NAME, "\033[2J") },
	{ "name with a zero inside", BAD(EINVAL, NAME), FREE, .option = STR(NAME, "a\0b") },
	{ "name with two ends", BAD(EINVAL, NAME), FREE, .option = STR(NAME, "a\0") },
	{ "name with 128", BAD(EINVAL, NAME), FREE, .option = STR(NAME, "a\302\200") },
	{ "name with 159", BAD(EINVAL, NAME), FREE, .option = STR(NAME, "a\302\237") },
	{ "name with 160", WORKS, FREE, .option = STR(NAME, "a\302\240") },
	{ "name with CSI of 8 bits", BAD(EINVAL, NAME), FREE, .option = STR(NAME, "a\2332J") },
	{ "name in Latin-1", BAD(EINVAL, NAME), FREE, .option = STR(NAME, "caf\351") },
	{ "name with a surrogate", BAD(EINVAL, NAME), FREE, .option = STR(NAME, "\355\240\200") },
	{ "name with an overlong zero", BAD(EINVAL, NAME), FREE, .option = STR(NAME, "\300\200") },
	{ "name that is cut off", BAD(EINVAL, NAME), FREE, .option = STR(NAME, "a\303") },
	{ "63 bytes of UTF-8, cut off", BAD(EINVAL, NAME), FREE,
	  .option = STR(NAME, SIXTY "12\303") },
	{ "name with 127", BAD(EINVAL, NAME), FREE, .option = STR(NAME, "a\177") },

	{ "owner -1", BAD(EINVAL, OWNER), FREE, .option = U32(OWNER, -1) },
	{ "owner 0", WORKS, FREE, .option = U32(OWNER, 0) },
	{ "owner -2", WORKS, FREE, .option = U32(OWNER, -2) },

	{ "the same block", NOT(EEXIST), BLOCK(FIRST, COUNT) },
	{ "inside a reservation", NOT(EEXIST), BLOCK(FIRST + 1, 2) },
	{ "around a reservation", NOT(EEXIST), BLOCK(FIRST - 1, COUNT + 2) },
	{ "over the first port", NOT(EEXIST), BLOCK(FIRST - 5, 6) },
	{ "over the last port", NOT(EEXIST), BLOCK(FIRST + COUNT - 1, 5) },
	{ "just below", WORKS, BLOCK(FIRST - 5, 5) },
	{ "just above", WORKS, BLOCK(FIRST + COUNT, 5) },
	{ "a port in use", NOT(EADDRINUSE), BLOCK(IN_USE, 1) },
	{ "a port in use, the last", NOT(EADDRINUSE), BLOCK(IN_USE - 9, 10) },
	{ "a port in use, the first", NOT(EADDRINUSE), BLOCK(IN_USE, 10) },
	{ "up to a port in use", WORKS, BLOCK(IN_USE - 9, 9) },
	{ "a port in use and a reservation", NOT(EEXIST), BLOCK(FIRST, 3000) },
};

static const struct row deletions[] = {
	{ "first 0", BAD(ERANGE, FIRST), BLOCK(0, 1) },
	{ "count 0", BAD(ERANGE, COUNT), BLOCK(FIRST, 0) },
	{ "beyond 65535", BAD(EINVAL, COUNT), BLOCK(65535, 65535) },
	{ "the same block of TCP", NOT(ENOENT),
	  .protocol = U8(PROTOCOL, 6), THAT_FIRST, THAT_COUNT },
	{ "UDP-Lite", BAD(EPROTONOSUPPORT, PROTOCOL),
	  .protocol = U8(PROTOCOL, 136), THAT_FIRST, THAT_COUNT },
	{ "nothing reserved there", NOT(ENOENT), FREE },
	{ "all but the last port", NOT(ENOENT), BLOCK(FIRST, COUNT - 1) },
	{ "all but the first port", NOT(ENOENT), BLOCK(FIRST + 1, COUNT - 1) },
	{ "inside", NOT(ENOENT), BLOCK(FIRST + 1, COUNT - 2) },
	{ "one port more", NOT(ENOENT), BLOCK(FIRST, COUNT + 1) },
	{ "one port less and one more", NOT(ENOENT), BLOCK(FIRST + 1, COUNT) },
	{ "all ports", NOT(ENOENT), BLOCK(1, 65535) },
};

static const struct row gets[] = {
	{ "nothing", MISSING(PROTOCOL), .port = { 0 } },
	{ "a protocol alone", MISSING(FIRST), .protocol = UDP },
	{ "first without count", MISSING(COUNT), .protocol = UDP, THAT_FIRST },
	{ "count without first", MISSING(FIRST), .protocol = UDP, THAT_COUNT },
	{ "port and block", BAD(EINVAL, FIRST), BLOCK(FIRST, COUNT), .port = U16(PORT, FIRST) },
	{ "port and first", BAD(EINVAL, FIRST), IN(FIRST), THAT_FIRST },
	{ "port and count", BAD(EINVAL, COUNT), IN(FIRST), THAT_COUNT },
	{ "token and block", NOT(EINVAL), .token = THE_TOKEN, BLOCK(FIRST, COUNT) },
	{ "token and port", NOT(EINVAL), .token = THE_TOKEN, IN(FIRST) },
	{ "token and protocol", BAD(EINVAL, PROTOCOL), .token = THE_TOKEN, .protocol = UDP },
	{ "token and first", BAD(EINVAL, FIRST), .token = THE_TOKEN, THAT_FIRST },
	{ "token and count", BAD(EINVAL, COUNT), .token = THE_TOKEN, THAT_COUNT },
	{ "the same port of TCP", NOT(ENOENT),
	  .protocol = U8(PROTOCOL, 6), .port = U16(PORT, FIRST) },
	{ "UDP-Lite block", BAD(EPROTONOSUPPORT, PROTOCOL),
	  .protocol = U8(PROTOCOL, 136), THAT_FIRST, THAT_COUNT },
	{ "port 0", BAD(ERANGE, PORT), IN(0) },
	{ "first 0", BAD(ERANGE, FIRST), BLOCK(0, COUNT) },
	{ "count 0", BAD(ERANGE, COUNT), BLOCK(FIRST, 0) },
	{ "beyond 65535", BAD(EINVAL, COUNT), BLOCK(FIRST, 65535) },
	{ "a port below", NOT(ENOENT), IN(FIRST - 1) },
	{ "a port above", NOT(ENOENT), IN(FIRST + COUNT) },
	{ "port 65535", NOT(ENOENT), IN(65535) },
	{ "a block that is part of one", NOT(ENOENT), BLOCK(FIRST, COUNT - 1) },
	{ "a block that has one inside", NOT(ENOENT), BLOCK(FIRST - 1, COUNT + 2) },
	{ "token 0", NOT(ENOENT), .token = U64(TOKEN, 0) },
	{ "a token of nobody", NOT(ENOENT), .token = U64(TOKEN, -1) },
	{ "its block", WORKS, BLOCK(FIRST, COUNT) },
	{ "its first port", WORKS, IN(FIRST) },
	{ "its last port", WORKS, IN(FIRST + COUNT - 1) },
	{ "its token", WORKS, .token = THE_TOKEN },
};

static void put(struct request *rq, const struct attr *attr)
{
	if (attr->type)
		request_put(rq, attr->type, attr->data, attr->len);
}

static void build(struct request *rq, int cmd, const struct row *row)
{
	request_init(rq, cmd, 0);
	put(rq, &row->protocol);
	put(rq, &row->first);
	put(rq, &row->count);
	put(rq, &row->port);
	put(rq, &row->token);
	put(rq, &row->option);
}

static bool as_asked(const struct resv *resv, const struct row *row)
{
	const struct attr *option = &row->option;
	const char *name = option->type == PORTRES_A_NAME ? option->data : "";
	bool owned = option->type == PORTRES_A_OWNER;

	if (!!(resv->has & 1U << PORTRES_A_OWNER) != owned)
		return false;
	return !strcmp(resv->name, name) &&
	       (!owned || !memcmp(&resv->owner, option->data, option->len));
}

/* A creation that worked is as it was asked for, and is taken back. */
static void created(const struct answer *answer, const struct row *row)
{
	struct resv resv = { 0 };
	int error = get_token(&client, answer->resv.token, &resv);

	tap_ok(!error && as_asked(&resv, row), "CREATE, %s: is told as it was asked for",
	       row->name);
	must(unreserve(&client, resv.first, resv.count), "cannot take a reservation back");
}

static void works(const struct request *rq, const char *command, const struct row *row)
{
	struct answer answer = { 0 };
	int error = client_call(&client, rq, &answer);

	tap_errno(error, 0, "%s, %s: works", command, row->name);
	if (error)
		tap_diag("the text is \"%s\"", answer.text);
	else if (rq->cmd == PORTRES_CMD_CREATE)
		created(&answer, row);
}

static void run_rows(int cmd, const char *command, const struct row *rows, size_t count)
{
	const struct row *row;
	struct request rq;

	for (row = rows; row < rows + count; row++) {
		build(&rq, cmd, row);
		if (!row->wanted.error)
			works(&rq, command, row);
		else
			tap_refused(refused(&client, &rq, &row->wanted, row->name),
				    "%s, %s: %s", command, row->name,
				    errno_name(row->wanted.error));
	}
}

int main(void)
{
	int in_use;

	new_netns();
	module_load();
	must(client_open(&client), "no client");
	must(reserve(&client, FIRST, COUNT, NULL, NO_OWNER, &token), "cannot reserve");
	in_use = udp_open(AF_INET);
	must(sock_bind(in_use, "127.0.0.1", IN_USE), "cannot bind");

	run_rows(PORTRES_CMD_CREATE, "CREATE", creations, ARRAY_SIZE(creations));
	run_rows(PORTRES_CMD_DELETE, "DELETE", deletions, ARRAY_SIZE(deletions));
	run_rows(PORTRES_CMD_GET, "GET", gets, ARRAY_SIZE(gets));

	close(in_use);
	client_close(&client);
	tap_errno(module_unload(), 0, "the module can be unloaded");
	return tap_finish();
}
