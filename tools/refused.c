// SPDX-License-Identifier: GPL-2.0-only
/* Describes refused binds: the process, the port and the time. */
#include <stdlib.h>
#include <string.h>

#include "cgroup.h"
#include "describe.h"
#include "grantee.h"
#include "kernel/protocol.h"
#include "process.h"
#include "refused.h"
#include "text.h"
#include "when.h"

#define SECOND 1000000000ULL

char *refused_time(const struct portres_refusal *refusal)
{
	return time_text((time_t)(portres_refusal_time(refusal) / SECOND));
}

static char *errno_text(const struct portres_refusal *refusal)
{
	const char *name = strerrorname_np(portres_refusal_errno(refusal));

	return name ? check_alloc(strdup(name)) :
		      format_text("errno %d", portres_refusal_errno(refusal));
}

static pid_t refused_process(const struct portres_refusal *refusal)
{
	pid_t process;

	return portres_refusal_process(refusal, &process) ? 0 : process;
}

/* The cgroup may be gone: then ask for that of the process, unless its PID has been reused. */
static char *refused_cgroup(const struct portres_refusal *refusal)
{
	pid_t process = refused_process(refusal);
	char *cgroup = NULL;
	uint64_t id;

	if (portres_refusal_cgroup(refusal, &id))
		return NULL;
	cgroup = cgroup_of_id(id);
	if (!cgroup && process_is_since(process, portres_refusal_process_start(refusal)))
		cgroup = cgroup_of_process(process);
	return cgroup;
}

static void put_who(struct record *record, const struct portres_refusal *refusal)
{
	pid_t process = refused_process(refusal);
	char *shown = process_text(portres_refusal_command(refusal), process);
	char *user = user_text(portres_refusal_user(refusal));
	char *cgroup = refused_cgroup(refusal);
	struct unit unit;

	put_text(record, NULL, "process", IN_WORDS, shown);
	if (process)
		put_number(record, "process", NULL, 0, (uint64_t)process);
	else
		put_text(record, "process", NULL, 0, NULL);
	put_number(record, "process_start", NULL, 0, portres_refusal_process_start(refusal));
	put_text(record, "command", NULL, 0, portres_refusal_command(refusal));
	put_number(record, "uid", NULL, 0, portres_refusal_user(refusal));
	put_text(record, "user", "user", IN_WORDS, user);
	put_unit(record, cgroup && cgroup_unit(cgroup, &unit) ? &unit : NULL);
	put_text(record, "cgroup", NULL, 0, cgroup);
	free(shown);
	free(user);
	free(cgroup);
}

static void put_last(struct record *record, const struct portres_refusal *refusal)
{
	char *error = errno_text(refusal);

	put_text(record, "errno", "with", IN_WORDS, error);
	put_number(record, "times", "times", IN_WORDS, portres_refusal_times(refusal));
	free(error);
}

static void put_block(struct record *record, const struct portres_refusal *refusal)
{
	uint16_t first = portres_refusal_first(refusal);
	uint16_t count = portres_refusal_count(refusal);
	char *ports = count ? range_text(first, count) : NULL;

	put_text(record, NULL, "of", IN_WORDS, ports);
	if (count) {
		put_number(record, "first", NULL, 0, first);
		put_number(record, "last", NULL, 0, first + count - 1U);
	}
	put_text(record, "name", "name", IN_WORDS, portres_refusal_name(refusal));
	free(ports);
}

void refused_describe(struct record *record, const struct portres_refusal *refusal)
{
	put_text(record, "protocol", "proto", IN_WORDS | BARE,
		 portres_protocol_word(portres_refusal_protocol(refusal)));
	put_number(record, "port", "port", IN_WORDS | BARE, portres_refusal_port(refusal));
	put_block(record, refusal);
	put_who(record, refusal);
	put_last(record, refusal);
}

void refused_describe_all(struct record *record, const struct portres_reservation *reservation)
{
	const struct portres_refusal *refusal;
	struct records list = { 0 };
	unsigned int i;

	for (i = 0; (refusal = portres_reservation_refusal(reservation, i)); i++) {
		struct record *item = records_add(&list);
		char *when = refused_time(refusal);

		put_text(item, "time", "time", IN_WORDS | BARE, when);
		put_number(item, "port", "port", IN_WORDS, portres_refusal_port(refusal));
		put_who(item, refusal);
		put_last(item, refusal);
		free(when);
	}
	put_list(record, "refusals", "refusals", IN_DETAIL, &list);
}

/* ", in rtp.service of alice,"; safe to print. To be freed; NULL: no unit is known. */
static char *place_text(const struct portres_refusal *refusal)
{
	char *cgroup = refused_cgroup(refusal);
	char *place = NULL;
	struct unit unit;
	char *text;
	char *safe;

	if (cgroup && cgroup_unit(cgroup, &unit)) {
		text = unit_text(&unit);
		safe = safe_text(text);
		place = format_text(", in %s,", safe);
		free(text);
		free(safe);
	}
	free(cgroup);
	return place;
}

char *refused_text(const struct portres_refusal *refusal)
{
	char *process = process_text(portres_refusal_command(refusal), refused_process(refusal));
	char *safe = safe_text(process);
	char *user = user_text(portres_refusal_user(refusal));
	char *place = place_text(refusal);
	char *error = errno_text(refusal);
	char *text = format_text("%s of %s%s was refused %s port %u with %s", safe, user,
				 place ? place : "",
				 portres_protocol_word(portres_refusal_protocol(refusal)),
				 portres_refusal_port(refusal), error);

	free(process);
	free(safe);
	free(user);
	free(place);
	free(error);
	return text;
}
