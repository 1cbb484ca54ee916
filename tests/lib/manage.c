// SPDX-License-Identifier: GPL-2.0-only
/* The commands of the contract as functions. */
#include <errno.h>
#include <linux/netlink.h>

#include "client.h"

static void request_block(const struct client *c, struct request *rq, int cmd, unsigned int first,
			  unsigned int count)
{
	request_init(rq, cmd, 0);
	request_u8(rq, PORTRES_A_PROTOCOL, c->protocol);
	request_u16(rq, PORTRES_A_FIRST, first);
	request_u16(rq, PORTRES_A_COUNT, count);
}

int reserve(struct client *c, unsigned int first, unsigned int count, const char *name,
	    uid_t owner, uint64_t *token)
{
	struct answer answer = { 0 };
	struct request rq;
	int error;

	request_block(c, &rq, PORTRES_CMD_CREATE, first, count);
	if (name)
		request_str(&rq, PORTRES_A_NAME, name);
	if (owner != NO_OWNER)
		request_u32(&rq, PORTRES_A_OWNER, owner);
	error = client_call(c, &rq, &answer);
	if (!error && token)
		*token = answer.resv.token;
	return error;
}

int unreserve(struct client *c, unsigned int first, unsigned int count)
{
	struct request rq;

	request_block(c, &rq, PORTRES_CMD_DELETE, first, count);
	return client_call(c, &rq, NULL);
}

int unreserve_runtime(struct client *c, unsigned int first, unsigned int count)
{
	struct request rq;

	request_block(c, &rq, PORTRES_CMD_DELETE, first, count);
	request_put(&rq, PORTRES_A_RUNTIME, "", 0);
	return client_call(c, &rq, NULL);
}

static int get(struct client *c, const struct request *rq, struct resv *resv)
{
	struct answer answer = { 0 };
	int error = client_call(c, rq, &answer);

	if (!error && resv)
		*resv = answer.resv;
	return error;
}

int get_block(struct client *c, unsigned int first, unsigned int count, struct resv *resv)
{
	struct request rq;

	request_block(c, &rq, PORTRES_CMD_GET, first, count);
	return get(c, &rq, resv);
}

int get_port(struct client *c, unsigned int port, struct resv *resv)
{
	struct request rq;

	request_init(&rq, PORTRES_CMD_GET, 0);
	request_u8(&rq, PORTRES_A_PROTOCOL, c->protocol);
	request_u16(&rq, PORTRES_A_PORT, port);
	return get(c, &rq, resv);
}

int get_token(struct client *c, uint64_t token, struct resv *resv)
{
	struct request rq;

	request_init(&rq, PORTRES_CMD_GET, 0);
	request_u64(&rq, PORTRES_A_TOKEN, token);
	return get(c, &rq, resv);
}

struct collector {
	struct resv *resvs;
	size_t max;
	size_t count;
};

static void collect(const struct resv *resv, void *arg)
{
	struct collector *collector = arg;

	if (collector->count < collector->max)
		collector->resvs[collector->count] = *resv;
	collector->count++;
}

int dump(struct client *c, struct resv *resvs, size_t max, size_t *count)
{
	struct collector collector = { .resvs = resvs, .max = max };
	struct answer answer = { .each = collect, .arg = &collector };
	struct request rq;
	int error;

	request_init(&rq, PORTRES_CMD_GET, NLM_F_DUMP);
	error = client_call(c, &rq, &answer);
	*count = collector.count;
	return error ? error : answer.interrupted ? EINTR : 0;
}

int dump_whole(struct client *c, struct resv *resvs, size_t max, size_t *count)
{
	int error;

	while ((error = dump(c, resvs, max, count)) == EINTR)
		;
	return error;
}
