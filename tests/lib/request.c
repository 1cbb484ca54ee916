// SPDX-License-Identifier: GPL-2.0-only
/* Builds requests of any attributes, right or wrong. */
#include <linux/netlink.h>
#include <string.h>

#include "client.h"
#include "tap.h"

void request_init(struct request *rq, int cmd, int flags)
{
	memset(rq, 0, sizeof(*rq));
	rq->cmd = cmd;
	rq->flags = flags;
}

void request_raw(struct request *rq, const void *data, size_t len)
{
	if (rq->len + NLA_ALIGN(len) > sizeof(rq->attrs))
		tap_bail("a request is too long for the test's buffer");
	memcpy(rq->attrs + rq->len, data, len);
	rq->len += NLA_ALIGN(len);
}

void request_put(struct request *rq, int type, const void *data, size_t len)
{
	struct nlattr attr = { .nla_len = NLA_HDRLEN + len, .nla_type = type };

	request_raw(rq, &attr, sizeof(attr));
	request_raw(rq, data, len);
}

void request_u8(struct request *rq, int type, uint8_t value)
{
	request_put(rq, type, &value, sizeof(value));
}

void request_u16(struct request *rq, int type, uint16_t value)
{
	request_put(rq, type, &value, sizeof(value));
}

void request_u32(struct request *rq, int type, uint32_t value)
{
	request_put(rq, type, &value, sizeof(value));
}

void request_u64(struct request *rq, int type, uint64_t value)
{
	request_put(rq, type, &value, sizeof(value));
}

void request_str(struct request *rq, int type, const char *value)
{
	request_put(rq, type, value, strlen(value) + 1);
}
