// SPDX-License-Identifier: GPL-2.0-only
/*
 * Malformed attributes: for each command and each attribute, what is missing, there
 * twice, of a wrong length, flagged, or not for this command is refused by name and
 * changes nothing. What well-formed attributes may say is in netlink_values.c.
 */
#include <errno.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "env.h"
#include "refusal.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof(*(array)))
#define BIT(attr) (1U << PORTRES_A_##attr)

/* The reservation that stands all the time, for GET and DELETE. */
#define FIRST 5000
#define COUNT 10
#define LONGER 8
#define HIGHEST 0x3fff	/* type of an attribute: two of the bits are flags */

static struct client client;
static uint64_t token;
static int refusals;	/* since the last row */

/* A good value for each attribute; some were never for requests. */
struct value {
	size_t len;
	unsigned char data[16];
};

static struct value values[PORTRES_A_MAX + 1];

static void set_value(int attr, const void *data, size_t len)
{
	values[attr].len = len;
	memcpy(values[attr].data, data, len);
}

/* CREATE's block is free, the others name the one that stands. */
static void set_values(unsigned int first)
{
	set_value(PORTRES_A_PROTOCOL, &(uint8_t){ IPPROTO_UDP }, 1);
	set_value(PORTRES_A_FIRST, &(uint16_t){ first }, 2);
	set_value(PORTRES_A_COUNT, &(uint16_t){ COUNT }, 2);
	set_value(PORTRES_A_PORT, &(uint16_t){ first + 1 }, 2);
	set_value(PORTRES_A_TOKEN, &token, sizeof(token));
	set_value(PORTRES_A_NAME, "a name", sizeof("a name"));
	set_value(PORTRES_A_OWNER, &(uint32_t){ OWNER_UID }, 4);
	set_value(PORTRES_A_REFUSED, &(uint64_t){ 1 }, 8);
	set_value(PORTRES_A_SOCKETS, &(uint32_t){ 1 }, 4);
}

/* A way to call a command rightly. */
struct call {
	const char *name;
	int cmd;
	int flags;
	unsigned int first;
	uint32_t given;		/* attributes of the request */
	uint32_t needed;	/* those that it cannot be without */
	uint32_t known;		/* to the command, in one way or another */
};

#define BLOCK (BIT(PROTOCOL) | BIT(FIRST) | BIT(COUNT))
#define CREATION (BLOCK | BIT(NAME) | BIT(OWNER) | BIT(GRANT) | BIT(ADOPT))
#define CHANGE (BIT(TOKEN) | BIT(NAME) | BIT(GRANT) | BIT(NO_GRANTS) | BIT(FIRST) | BIT(COUNT))
#define WAYS (BLOCK | BIT(PORT) | BIT(TOKEN))

static const struct call calls[] = {
	{ "CREATE", PORTRES_CMD_CREATE, 0, 6000, BLOCK | BIT(NAME) | BIT(OWNER), BLOCK, CREATION },
	{ "CREATE without options", PORTRES_CMD_CREATE, 0, 6000, BLOCK, BLOCK, CREATION },
	{ "SET the block", PORTRES_CMD_SET, 0, FIRST, BIT(TOKEN) | BIT(FIRST) | BIT(COUNT),
	  BIT(TOKEN) | BIT(FIRST) | BIT(COUNT), CHANGE },
	{ "SET the name", PORTRES_CMD_SET, 0, FIRST, BIT(TOKEN) | BIT(NAME), BIT(TOKEN), CHANGE },
	{ "DELETE", PORTRES_CMD_DELETE, 0, FIRST, BLOCK, BLOCK, BLOCK | BIT(RUNTIME) },
	{ "GET by block", PORTRES_CMD_GET, 0, FIRST, BLOCK, BLOCK, WAYS },
	{ "GET by port", PORTRES_CMD_GET, 0, FIRST, BIT(PROTOCOL) | BIT(PORT), BIT(PROTOCOL),
	  WAYS },
	{ "GET by token", PORTRES_CMD_GET, 0, FIRST, BIT(TOKEN), 0, WAYS },
	{ "dump", PORTRES_CMD_GET, NLM_F_DUMP, FIRST, 0, 0, 0 },
};

static void put_value(struct request *rq, int attr)
{
	request_put(rq, attr, values[attr].data, values[attr].len);
}

/* The attributes of @call without @but; 0 for all. */
static void put_given(struct request *rq, const struct call *call, int but)
{
	int attr;

	for (attr = 1; attr <= PORTRES_A_MAX; attr++) {
		if (call->given & 1U << attr && attr != but)
			put_value(rq, attr);
	}
}

static void begin(struct request *rq, const struct call *call, int but)
{
	request_init(rq, call->cmd, call->flags);
	put_given(rq, call, but);
}

static bool judge(const struct request *rq, const struct call *call, int bad, int missing,
		  const char *fmt, int number)
{
	struct refusal wanted = { .error = EINVAL, .bad = bad, .missing = missing };
	char form[80], what[160];

	/* an older kernel has nothing to point with when a dump is refused by its command */
	if (call->flags & NLM_F_DUMP && !kernel_at_least(6, 12))
		wanted.bad = ANY_ATTR;
	snprintf(form, sizeof(form), fmt, number);
	snprintf(what, sizeof(what), "%s, %s: %s", call->name,
		 attr_name(bad > 0 ? bad : missing), form);
	refusals++;
	return refused(&client, rq, &wanted, what);
}

static bool missing_attr(const struct call *call, int attr)
{
	struct request rq;

	begin(&rq, call, attr);
	return judge(&rq, call, 0, attr, "missing", 0);
}

static bool doubled_attr(const struct call *call, int attr)
{
	struct request together, apart;

	begin(&together, call, attr);
	put_value(&together, attr);
	put_value(&together, attr);
	request_init(&apart, call->cmd, call->flags);
	put_value(&apart, attr);
	put_given(&apart, call, attr);
	put_value(&apart, attr);
	return judge(&together, call, attr, 0, "twice in a row", 0) &
	       judge(&apart, call, attr, 0, "twice, apart", 0);
}

static bool wrong_length(const struct call *call, int attr, size_t len)
{
	char data[64] = { 0 };
	struct request rq;

	memcpy(data, values[attr].data, values[attr].len);
	begin(&rq, call, attr);
	request_put(&rq, attr, data, len);
	return judge(&rq, call, attr, 0, "%d bytes", len);
}

/* For a name, what is shorter than its terminating zero; its greatest length is a value. */
static bool wrong_lengths(const struct call *call, int attr)
{
	size_t right = values[attr].len, len;
	size_t end = attr == PORTRES_A_NAME ? right : right + LONGER;
	bool ok = true;

	for (len = 0; len < end; len++) {
		if (len != right)
			ok &= wrong_length(call, attr, len);
	}
	return ok;
}

static bool flagged(const struct call *call, int attr)
{
	struct request rq;

	begin(&rq, call, attr);
	request_put(&rq, attr | NLA_F_NESTED, values[attr].data, values[attr].len);
	return judge(&rq, call, attr, 0, "as a nest", 0);
}

/* Before and behind what belongs there. */
static bool foreign(const struct call *call, int attr, const struct value *value)
{
	int bad = attr ? attr & HIGHEST : ANY_ATTR;
	struct request before, behind;

	request_init(&before, call->cmd, call->flags);
	request_put(&before, attr, value->data, value->len);
	put_given(&before, call, 0);
	begin(&behind, call, 0);
	request_put(&behind, attr, value->data, value->len);
	return judge(&before, call, bad, 0, "not of this command, type %d, before", attr) &
	       judge(&behind, call, bad, 0, "not of this command, type %d, behind", attr);
}

static bool strange(const struct call *call)
{
	static const int types[] = {
		0, PORTRES_A_PAD, PORTRES_A_MAX + 1, 64, 255, 256, HIGHEST,
		(PORTRES_A_MAX + 1) | NLA_F_NESTED, PORTRES_A_PAD | NLA_F_NESTED,
		HIGHEST | NLA_F_NESTED,
	};
	static const struct value empty, eight = { .len = 8 };
	bool ok = true;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		ok &= foreign(call, types[i], &empty);
		ok &= foreign(call, types[i], &eight);
	}
	return ok;
}

static bool not_for_requests(const struct call *call)
{
	bool ok = true;
	int attr;

	for (attr = PORTRES_A_PROTOCOL; attr <= PORTRES_A_MAX; attr++) {
		if (!(call->known & 1U << attr))
			ok &= foreign(call, attr, &values[attr]);
	}
	return ok;
}

static bool each_attr(const struct call *call, uint32_t which,
		      bool (*check)(const struct call *call, int attr))
{
	bool ok = true;
	int attr;

	for (attr = PORTRES_A_PROTOCOL; attr <= PORTRES_A_MAX; attr++) {
		if (which & 1U << attr)
			ok &= check(call, attr);
	}
	return ok;
}

static void row(const struct call *call, const char *form, bool ok)
{
	if (refusals)
		tap_refused(ok, "%s: %s (%d refusals)", call->name, form, refusals);
	refusals = 0;
}

static bool succeeds(const struct call *call)
{
	struct request rq;
	int error;

	begin(&rq, call, 0);
	error = client_call(&client, &rq, NULL);
	if (!error && call->cmd == PORTRES_CMD_CREATE)
		error = unreserve(&client, call->first, COUNT);
	if (!error && call->cmd == PORTRES_CMD_DELETE)
		error = reserve(&client, FIRST, COUNT, NULL, NO_OWNER, &token);
	return !error;
}

static void run_rows(const struct call *call)
{
	set_values(call->first);
	row(call, "an attribute is missing", each_attr(call, call->needed, missing_attr));
	row(call, "an attribute is there twice", each_attr(call, call->given, doubled_attr));
	row(call, "an attribute has a wrong length", each_attr(call, call->given, wrong_lengths));
	row(call, "an attribute has the flag of a nest", each_attr(call, call->given, flagged));
	row(call, "attributes that no command knows", strange(call));
	row(call, "attributes that this command does not know", not_for_requests(call));
	/* else all of the above might be refused for another reason */
	tap_ok(succeeds(call), "%s: works with the attributes as they should be", call->name);
}

int main(void)
{
	size_t i;
	int error;

	new_netns();
	module_load();
	error = client_open(&client);
	if (error)
		tap_bail("no client: %s", errno_name(error));
	error = reserve(&client, FIRST, COUNT, NULL, NO_OWNER, &token);
	if (error)
		tap_bail("cannot reserve: %s", errno_name(error));
	for (i = 0; i < ARRAY_SIZE(calls); i++)
		run_rows(&calls[i]);
	client_close(&client);
	tap_errno(module_unload(), 0, "the module can be unloaded");
	return tap_finish();
}
