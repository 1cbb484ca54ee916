// SPDX-License-Identifier: LGPL-2.1-or-later
/* Refused binds: their attributes, and their accessors. Pure: no I/O. */
#include <errno.h>
#include <linux/portres.h>
#include <string.h>

#include "attr.h"
#include "refusals.h"

static bool read_process_attr(const struct portres_attribute *attr, struct portres_refusal *r)
{
	switch (attr->type) {
	case PORTRES_REFUSAL_A_USER:
		return portres_attr_read(attr, &r->user, sizeof(r->user));
	case PORTRES_REFUSAL_A_PROCESS:
		return portres_attr_read_pid(attr, &r->process);
	case PORTRES_REFUSAL_A_COMMAND:
		return portres_attr_read_string(attr, r->command, sizeof(r->command));
	case PORTRES_REFUSAL_A_PROCESS_START:
		return portres_attr_read(attr, &r->process_start, sizeof(r->process_start));
	case PORTRES_REFUSAL_A_CGROUP:
		return portres_attr_read(attr, &r->cgroup, sizeof(r->cgroup));
	default:
		return true;
	}
}

static bool read_attr(const struct portres_attribute *attr, struct portres_refusal *r)
{
	switch (attr->type) {
	case PORTRES_REFUSAL_A_PROTOCOL:
		return portres_attr_read(attr, &r->protocol, sizeof(r->protocol));
	case PORTRES_REFUSAL_A_FIRST:
		return portres_attr_read(attr, &r->first, sizeof(r->first));
	case PORTRES_REFUSAL_A_COUNT:
		return portres_attr_read(attr, &r->count, sizeof(r->count));
	case PORTRES_REFUSAL_A_NAME:
		return portres_attr_read_string(attr, r->name, sizeof(r->name));
	case PORTRES_REFUSAL_A_PORT:
		return portres_attr_read(attr, &r->port, sizeof(r->port));
	case PORTRES_REFUSAL_A_ERRNO:
		return portres_attr_read(attr, &r->error, sizeof(r->error));
	case PORTRES_REFUSAL_A_TIMES:
		return portres_attr_read(attr, &r->times, sizeof(r->times));
	case PORTRES_REFUSAL_A_TIME:
		return portres_attr_read(attr, &r->time, sizeof(r->time));
	default:
		return read_process_attr(attr, r);
	}
}

_Static_assert(PORTRES_REFUSAL_A_MAX < 32, "a bit for each attribute");

static bool is_whole(const struct portres_refusal *r)
{
	const uint32_t needed = 1U << PORTRES_REFUSAL_A_PORT | 1U << PORTRES_REFUSAL_A_ERRNO |
				1U << PORTRES_REFUSAL_A_TIMES | 1U << PORTRES_REFUSAL_A_TIME |
				1U << PORTRES_REFUSAL_A_USER;

	return (r->has & needed) == needed && !r->first == !r->count &&
	       (!r->count || r->first + r->count - 1 <= UINT16_MAX);
}

int portres_refusals_add(struct portres_refusals *refusals, const struct portres_attribute *nest)
{
	struct portres_cursor cursor = { nest->value, nest->len };
	struct portres_refusal refusal = { 0 };
	struct portres_attribute attr;

	while (portres_attr_next(&cursor, &attr)) {
		if (!read_attr(&attr, &refusal))
			return -EPROTO;
		if (attr.type <= PORTRES_REFUSAL_A_MAX)
			refusal.has |= 1U << attr.type;
	}
	if (cursor.left || !is_whole(&refusal))
		return -EPROTO;
	if (refusals->count == PORTRES_REFUSALS_MAX)
		refusals->lost += (uint32_t)refusal.times;
	else
		refusals->items[refusals->count++] = refusal;
	return 0;
}

const struct portres_refusal *
portres_reservation_refusal(const struct portres_reservation *reservation, unsigned int number)
{
	const struct portres_refusals *refusals = reservation->refusals;

	return refusals && number < refusals->count ? &refusals->items[number] : NULL;
}

uint8_t portres_refusal_protocol(const struct portres_refusal *refusal)
{
	return refusal->protocol;
}

uint16_t portres_refusal_first(const struct portres_refusal *refusal)
{
	return refusal->first;
}

uint16_t portres_refusal_count(const struct portres_refusal *refusal)
{
	return refusal->count;
}

const char *portres_refusal_name(const struct portres_refusal *refusal)
{
	return *refusal->name ? refusal->name : NULL;
}

uint16_t portres_refusal_port(const struct portres_refusal *refusal)
{
	return refusal->port;
}

int portres_refusal_errno(const struct portres_refusal *refusal)
{
	return refusal->error;
}

uint64_t portres_refusal_times(const struct portres_refusal *refusal)
{
	return refusal->times;
}

uint64_t portres_refusal_time(const struct portres_refusal *refusal)
{
	return refusal->time;
}

uid_t portres_refusal_user(const struct portres_refusal *refusal)
{
	return refusal->user;
}

int portres_refusal_process(const struct portres_refusal *refusal, pid_t *process)
{
	if (!refusal->process)
		return -ESRCH;
	*process = (pid_t)refusal->process;
	return 0;
}

const char *portres_refusal_command(const struct portres_refusal *refusal)
{
	return refusal->command;
}

uint64_t portres_refusal_process_start(const struct portres_refusal *refusal)
{
	return refusal->process_start;
}

int portres_refusal_cgroup(const struct portres_refusal *refusal, uint64_t *id)
{
	if (!refusal->cgroup)
		return -ENOENT;
	*id = refusal->cgroup;
	return 0;
}
