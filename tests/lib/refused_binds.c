// SPDX-License-Identifier: GPL-2.0-only
/* Refused binds in messages of the kernel. */
#include "refused_binds.h"

#include <linux/portres.h>
#include <stddef.h>
#include <string.h>

#include "client.h"
#include "tap.h"

static struct told_refusal told[REFUSALS_MAX];
static size_t told_count;

#define AT(member) offsetof(struct told_refusal, member)
#define SIZE(member) sizeof(told[0].member)

static const struct member {
	size_t offset;
	size_t size;
} members[PORTRES_REFUSAL_A_MAX + 1] = {
	[PORTRES_REFUSAL_A_PROTOCOL] = { AT(protocol), SIZE(protocol) },
	[PORTRES_REFUSAL_A_FIRST] = { AT(first), SIZE(first) },
	[PORTRES_REFUSAL_A_COUNT] = { AT(count), SIZE(count) },
	[PORTRES_REFUSAL_A_NAME] = { AT(name), SIZE(name) },
	[PORTRES_REFUSAL_A_PORT] = { AT(port), SIZE(port) },
	[PORTRES_REFUSAL_A_ERRNO] = { AT(error), SIZE(error) },
	[PORTRES_REFUSAL_A_TIMES] = { AT(times), SIZE(times) },
	[PORTRES_REFUSAL_A_TIME] = { AT(time), SIZE(time) },
	[PORTRES_REFUSAL_A_USER] = { AT(user), SIZE(user) },
	[PORTRES_REFUSAL_A_PROCESS] = { AT(process), SIZE(process) },
	[PORTRES_REFUSAL_A_COMMAND] = { AT(command), SIZE(command) },
	[PORTRES_REFUSAL_A_PROCESS_START] = { AT(process_start), SIZE(process_start) },
	[PORTRES_REFUSAL_A_CGROUP] = { AT(cgroup), SIZE(cgroup) },
};

static void take(int type, const void *data, size_t len, void *arg)
{
	struct told_refusal *refusal = arg;

	if (type > PORTRES_REFUSAL_A_MAX)
		tap_bail("attribute %d of a refusal is not in the contract", type);
	if (type == PORTRES_REFUSAL_A_PAD)
		return;
	refusal->has |= 1U << type;
	if (type == PORTRES_REFUSAL_A_NAME || type == PORTRES_REFUSAL_A_COMMAND) {
		if (len > members[type].size)
			tap_bail("a text of a refusal is too long");
		memcpy((char *)refusal + members[type].offset, data, len);
		return;
	}
	take_attr(type, (char *)refusal + members[type].offset, members[type].size, data, len);
}

void refusals_take(const void *data, size_t len)
{
	if (told_count == REFUSALS_MAX)
		tap_bail("too many refusals in a message");
	memset(&told[told_count], 0, sizeof(told[told_count]));
	walk_attrs(data, len, take, &told[told_count++]);
}

void refusals_forget(void)
{
	told_count = 0;
}

const struct told_refusal *told_refusals(size_t *n)
{
	*n = told_count;
	return told;
}

const struct told_refusal *hear_refusals(struct client *listener, int milliseconds, size_t *n,
					 uint32_t *lost)
{
	struct resv resv;
	int cmd;

	if (client_event(listener, milliseconds, &cmd, &resv))
		return NULL;
	if (cmd != PORTRES_CMD_REFUSED)
		tap_bail("command %d in the group of refusals", cmd);
	if (lost)
		*lost = resv.lost;
	return told_refusals(n);
}
