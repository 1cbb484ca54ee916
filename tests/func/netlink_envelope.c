// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is around the attributes of a request: unknown commands, strange headers,
 * messages that are cut off or have something left over. Messages are built by hand.
 */
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "env.h"
#include "refusal.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof(*(array)))

#define FIRST 5000
#define COUNT 10

static struct client client;

/* A GET of the reservation by its block, or a CREATE of another one. */
struct message {
	struct nlmsghdr nl;
	struct genlmsghdr genl;
	struct nlattr protocol_attr;
	uint8_t protocol, protocol_pad[3];
	struct nlattr first_attr;
	uint16_t first, first_pad;
	struct nlattr count_attr;
	uint16_t count, count_pad;
	char more[64];
};

#define WHOLE ((int)offsetof(struct message, more))
#define HEADERS ((int)offsetof(struct message, protocol_attr))

static struct message message_of(int cmd, unsigned int first)
{
	return (struct message) {
		.nl = { WHOLE, client.family, NLM_F_REQUEST | NLM_F_ACK, ++client.seq, 0 },
		.genl = { .cmd = cmd, .version = PORTRES_GENL_VERSION },
		.protocol_attr = { NLA_HDRLEN + 1, PORTRES_A_PROTOCOL },
		.protocol = 17,
		.first_attr = { NLA_HDRLEN + 2, PORTRES_A_FIRST },
		.first = first,
		.count_attr = { NLA_HDRLEN + 2, PORTRES_A_COUNT },
		.count = COUNT,
	};
}

/* How to spoil it; 0 leaves a field as it is. */
struct row {
	const char *name;
	int error;		/* ETIME: the kernel says nothing */
	bool silent;		/* without a text */
	int cmd;
	int flags;		/* more of them */
	int len;		/* that the header says */
	int sent;		/* that are sent */
	int version;		/* -1: 0 */
	int reserved;
	int count_len;		/* that the last attribute says; -1: 0 */
};

#define UNKNOWN(number) { "command " #number, EOPNOTSUPP, true, .cmd = (number) }
#define UNKNOWN_DUMP(number) \
	{ "dump of " #number, EOPNOTSUPP, true, .cmd = (number), .flags = NLM_F_DUMP }

#define GET .cmd = PORTRES_CMD_GET
#define CREATE .cmd = PORTRES_CMD_CREATE

static const struct row rows[] = {
	{ "GET", 0, true, GET },
	UNKNOWN(0),
	UNKNOWN_DUMP(0),
	UNKNOWN(PORTRES_CMD_CREATED),
	UNKNOWN_DUMP(PORTRES_CMD_CREATED),
	UNKNOWN(PORTRES_CMD_DELETED),
	UNKNOWN_DUMP(PORTRES_CMD_DELETED),
	UNKNOWN(7),
	UNKNOWN(8),
	UNKNOWN_DUMP(7),
	UNKNOWN_DUMP(8),
	UNKNOWN(200),
	UNKNOWN_DUMP(200),
	UNKNOWN(255),
	UNKNOWN_DUMP(255),
	{ "CREATE as a dump", EOPNOTSUPP, true, CREATE, .flags = NLM_F_DUMP },
	{ "DELETE as a dump", EOPNOTSUPP, true, .cmd = PORTRES_CMD_DELETE, .flags = NLM_F_DUMP },
	{ "SET as a dump", EOPNOTSUPP, true, .cmd = PORTRES_CMD_SET, .flags = NLM_F_DUMP },

	/* a version says what the sender knows; the module knows all that ever were */
	{ "version 0", 0, true, GET, .version = -1 },
	{ "version 2", 0, true, GET, .version = 2 },
	{ "version 255", 0, true, GET, .version = 255 },
	{ "reserved field of the header", EINVAL, false, GET, .reserved = 1 },
	{ "reserved field of the header, CREATE", EINVAL, false, CREATE, .reserved = 0x8000 },

	{ "NLM_F_REPLACE", EINVAL, false, CREATE, .flags = NLM_F_REPLACE },
	{ "NLM_F_EXCL", EINVAL, false, CREATE, .flags = NLM_F_EXCL },
	{ "NLM_F_CREATE", EINVAL, false, CREATE, .flags = NLM_F_CREATE },
	{ "NLM_F_APPEND", EINVAL, false, CREATE, .flags = NLM_F_APPEND },
	{ "half of NLM_F_DUMP", EINVAL, false, GET, .flags = NLM_F_MATCH },
	{ "an unknown flag", EINVAL, false, GET, .flags = 0x8000 },
	{ "NLM_F_ECHO", 0, true, GET, .flags = NLM_F_ECHO },

	{ "no generic header", EINVAL, true, CREATE, .len = NLMSG_HDRLEN },
	{ "half a generic header", EINVAL, true, CREATE, .len = NLMSG_HDRLEN + 2 },
	{ "dump without a generic header", EINVAL, true, GET, .flags = NLM_F_DUMP,
	  .len = NLMSG_HDRLEN },
	{ "less than a header", ETIME, true, CREATE, .len = NLMSG_HDRLEN - 1 },
	{ "longer than what is sent", ETIME, true, CREATE, .len = WHOLE + 1, .sent = WHOLE },
	{ "much longer than what is sent", ETIME, true, CREATE, .len = 1 << 30, .sent = WHOLE },
	{ "cut off in the headers", ETIME, true, CREATE, .sent = HEADERS - 2 },
	{ "one byte", ETIME, true, CREATE, .sent = 1 },

	{ "a byte left over", EINVAL, false, CREATE, .len = WHOLE + 1, .sent = WHOLE + 4 },
	{ "three bytes left over", EINVAL, false, CREATE, .len = WHOLE + 3, .sent = WHOLE + 4 },
	{ "zeroes behind", EINVAL, false, CREATE, .len = WHOLE + 64 },
	{ "cut off in the last attribute", EINVAL, false, CREATE, .len = WHOLE - 3, .sent = WHOLE },
	{ "cut off before a value", EINVAL, false, CREATE, .len = WHOLE - 4, .sent = WHOLE },
	{ "cut off in an attribute's header", EINVAL, false, CREATE, .len = WHOLE - 6,
	  .sent = WHOLE },
	{ "cut off behind an attribute", EINVAL, false, CREATE, .len = WHOLE - 8, .sent = WHOLE },
	{ "an attribute of length 0", EINVAL, false, CREATE, .count_len = -1 },
	{ "an attribute of length 3", EINVAL, false, CREATE, .count_len = 3 },
	{ "an attribute longer than the rest", EINVAL, false, CREATE, .count_len = 9 },
	{ "an attribute of length 65535", EINVAL, false, CREATE, .count_len = 65535 },
};

static void spoil(struct message *message, const struct row *row)
{
	message->nl.nlmsg_flags |= row->flags;
	if (row->len)
		message->nl.nlmsg_len = row->len;
	if (row->version)
		message->genl.version = row->version < 0 ? 0 : row->version;
	message->genl.reserved = row->reserved;
	if (row->count_len)
		message->count_attr.nla_len = row->count_len < 0 ? 0 : row->count_len;
}

/* Reads until the acknowledgement of @seq; tells the errno in it and whether it has a text. */
static int acknowledged(uint32_t seq, bool *text)
{
	_Alignas(NLMSG_ALIGNTO) char buf[8192];
	struct pollfd poll_fd = { .fd = client.fd, .events = POLLIN };
	struct nlmsghdr *nl = (void *)buf;
	struct nlmsgerr *ack = NLMSG_DATA(nl);

	/* the kernel answers within send() */
	while (poll(&poll_fd, 1, 0) == 1) {
		ssize_t n = recv(client.fd, buf, sizeof(buf), 0);

		for (; NLMSG_OK(nl, n); nl = NLMSG_NEXT(nl, n)) {
			ack = NLMSG_DATA(nl);
			if (nl->nlmsg_seq != seq || nl->nlmsg_type != NLMSG_ERROR)
				continue;
			*text = nl->nlmsg_flags & NLM_F_ACK_TLVS;
			return -ack->error;
		}
		nl = (void *)buf;
	}
	return ETIME;
}

static void run_row(const struct row *row)
{
	unsigned int first = row->cmd == PORTRES_CMD_CREATE ? 6000 : FIRST;
	struct message message = message_of(row->cmd, first);
	uint64_t before = state_of(&client);
	size_t sent = WHOLE;
	bool text = false;
	int error;

	spoil(&message, row);
	if (row->sent)
		sent = row->sent;
	else if (message.nl.nlmsg_len > sent)
		sent = message.nl.nlmsg_len;
	if (send(client.fd, &message, sent, 0) < 0)
		tap_bail("cannot send: %s", strerror(errno));
	error = acknowledged(message.nl.nlmsg_seq, &text);
	tap_errno(error, row->error, "%s: %s", row->name, errno_name(row->error));
	if (!row->silent)
		tap_ok(text, "%s: has a text", row->name);
	tap_ok(state_of(&client) == before, "%s: the reservations are as before", row->name);
}

/* In one datagram each message is for itself. */
static void several_messages(void)
{
	const struct message messages[] = {
		message_of(PORTRES_CMD_CREATE, 0),
		message_of(PORTRES_CMD_CREATE, 6000),
		message_of(PORTRES_CMD_CREATE, 6005),
	};
	static const int errors[] = { ERANGE, 0, EEXIST };
	char all[ARRAY_SIZE(messages) * WHOLE];
	bool text;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(messages); i++)
		memcpy(all + i * WHOLE, &messages[i], WHOLE);
	if (send(client.fd, all, sizeof(all), 0) < 0)
		tap_bail("cannot send: %s", strerror(errno));
	for (i = 0; i < ARRAY_SIZE(messages); i++)
		tap_errno(acknowledged(messages[i].nl.nlmsg_seq, &text), errors[i],
			  "message %zu of a datagram: %s", i + 1, errno_name(errors[i]));
	tap_errno(unreserve(&client, 6000, COUNT), 0, "what the good one made is there");
}

static void huge_request(void)
{
	static const char zeroes[8000];
	const struct refusal wanted = { .error = EINVAL, .bad = PORTRES_A_MAX + 1 };
	struct request rq;

	request_init(&rq, PORTRES_CMD_CREATE, 0);
	request_put(&rq, PORTRES_A_MAX + 1, zeroes, sizeof(zeroes));
	tap_refused(refused(&client, &rq, &wanted, "unknown"),
		    "an unknown attribute of 8,000 bytes");
}

static void family_is_gone(void)
{
	struct message message;
	bool text;

	tap_errno(module_unload(), 0, "the module can be unloaded");
	message = message_of(PORTRES_CMD_GET, FIRST);
	if (send(client.fd, &message, WHOLE, 0) < 0)
		tap_bail("cannot send: %s", strerror(errno));
	tap_errno(acknowledged(message.nl.nlmsg_seq, &text), ENOENT,
		  "a request without the module");
}

int main(void)
{
	size_t i;
	int error;

	new_netns();
	module_load();
	error = client_open(&client);
	if (!error)
		error = reserve(&client, FIRST, COUNT, NULL, NO_OWNER, NULL);
	if (error)
		tap_bail("cannot begin: %s", errno_name(error));
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		run_row(&rows[i]);
	several_messages();
	huge_request();
	family_is_gone();
	client_close(&client);
	return tap_finish();
}
