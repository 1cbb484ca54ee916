// SPDX-License-Identifier: GPL-2.0-only
/* portres why: the state of a port, what holds it, and whether an asker could bind to it. */
#include <stdio.h>
#include <stdlib.h>

#include "answer.h"
#include "command.h"
#include "describe.h"
#include "failure.h"
#include "kernel/protocol.h"
#include "message.h"
#include "open.h"
#include "output.h"
#include "refused.h"
#include "text.h"
#include "transport.h"
#include "when.h"

struct why {
	uint8_t protocol;
	uint16_t port;
	struct asker asker;
	struct situation situation;
	struct verdict verdict;
	struct sentences answer;
	struct sentences advice;
};

/* PROTOCOL PORT [for ...] */
static bool why_parse(const struct call *call, struct why *why, parse_reason reason)
{
	struct range range;
	char *shown;

	if (call->argc < 2) {
		snprintf(reason, REASON_MAX, "why needs a protocol and a port: see portres --help");
		return false;
	}
	if (!parse_transport(call->argv[0], &why->protocol, reason) ||
	    !parse_range(call->argv[1], &range, reason))
		return false;
	if (range.count != 1) {
		shown = quoted_text(call->argv[1]);
		snprintf(reason, REASON_MAX, "\"%s\" is more than one port: ask for one", shown);
		free(shown);
		return false;
	}
	why->port = range.first;
	return asker_parse(call->argc - 2, call->argv + 2, &why->asker, reason);
}

static void put_time(struct record *record, const char *key, time_t when)
{
	char *text = when ? time_text(when) : NULL;

	put_text(record, key, NULL, 0, text);
	free(text);
}

static void put_reservation(struct record *record, const struct situation *situation)
{
	struct records list = { 0 };
	struct record *item;

	if (situation->reservation) {
		item = records_add(&list);
		item->use = FOR_JSON;
		describe(item, situation->reservation);
		refused_describe_all(item, situation->reservation);
	}
	put_list(record, "reservation", NULL, 0, &list);
}

static void put_holder(struct record *record, const struct holder *holder)
{
	char *address = holder_address(holder);
	char *text = holder_text(holder);

	put_text(record, "address", NULL, 0, address);
	put_number(record, "port", NULL, 0, holder->socket.port);
	put_number(record, "uid", NULL, 0, holder->socket.uid);
	if (holder->pid)
		put_number(record, "pid", NULL, 0, (uint64_t)holder->pid);
	else
		put_text(record, "pid", NULL, 0, NULL);
	put_text(record, "command", NULL, 0, holder->pid ? holder->command : NULL);
	put_unit(record, holder->has_unit ? &holder->unit : NULL);
	put_text(record, "kernel_user", NULL, 0, holder->kernel.what);
	put_text(record, "holder", NULL, 0, text);
	free(address);
	free(text);
}

static void put_holders(struct record *record, const struct holders *holders)
{
	struct records list = { 0 };
	size_t i;

	for (i = 0; i < holders->count; i++)
		put_holder(records_add(&list), &holders->items[i]);
	put_list(record, "bound", NULL, 0, &list);
	put_number(record, "connections", NULL, 0, holders->connections);
	put_time(record, "time_wait_until", holders->wait_until);
}

static void put_programs(struct record *record, const struct bindprogs *programs)
{
	struct records list = { 0 };
	size_t i;

	if (!programs->known) {
		put_text(record, "programs", NULL, 0, NULL);
		return;
	}
	for (i = 0; i < programs->count; i++) {
		struct record *item = records_add(&list);

		put_text(item, "attach", NULL, 0, programs->items[i].attach);
		put_number(item, "id", NULL, 0, programs->items[i].id);
		put_text(item, "name", NULL, 0,
			 *programs->items[i].name ? programs->items[i].name : NULL);
	}
	put_list(record, "programs", NULL, 0, &list);
}

/* "could" is null if the verdict depends on conditions, or if no asker was named. */
static void put_verdict(struct record *record, const struct why *why)
{
	const struct verdict *verdict = &why->verdict;

	put_text(record, "asker", NULL, 0, why->asker.name);
	if (why->asker.kind == ASKER_CALLER || !verdict->known ||
	    (!verdict->stops.count && verdict->conditions.count))
		put_text(record, "could", NULL, 0, NULL);
	else
		put_flag(record, "could", !verdict->stops.count);
	sentences_put(record, "stopped_by", &verdict->stops);
	sentences_put(record, "conditions", &verdict->conditions);
}

static void print_why_json(const struct why *why)
{
	const struct situation *situation = &why->situation;
	struct records records = { 0 };
	struct record *record = records_add(&records);

	put_text(record, "protocol", NULL, 0, portres_protocol_word(why->protocol));
	put_number(record, "port", NULL, 0, why->port);
	put_flag(record, "is_reserved", situation->reservation);
	if (situation->holders.unknown && !situation_in_use(situation))
		put_text(record, "in_use", NULL, 0, NULL);
	else
		put_flag(record, "in_use", situation_in_use(situation));
	put_flag(record, "is_ephemeral", situation_is_ephemeral(situation));
	put_flag(record, "is_local_reserved", portset_has(&situation->settings.kept, why->port));
	put_flag(record, "is_privileged", situation_is_privileged(situation));
	put_reservation(record, situation);
	put_text(record, "source", NULL, 0, situation->source);
	put_time(record, "stored_since", situation->stored);
	put_holders(record, &situation->holders);
	put_programs(record, &situation->programs);
	put_verdict(record, why);
	sentences_put(record, "answer", &why->answer);
	sentences_put(record, "what_to_do", &why->advice);
	print_line(record, true);
	records_free(&records);
}

static int why_answer(struct portres *handle, struct why *why, bool json)
{
	bool named = why->asker.kind != ASKER_CALLER;
	int error = situation_find(handle, why->protocol, why->port, why->asker.cgroup,
				   &why->situation);

	if (error)
		return print_library_error(error, portres_error(handle));
	answer_facts(&why->situation, &why->answer);
	if (named) {
		verdict_find(&why->situation, &why->asker, &why->verdict);
		answer_verdict(&why->situation, &why->asker, &why->verdict, &why->answer);
	}
	answer_advice(&why->situation, &why->asker, named ? &why->verdict : NULL, &why->advice);
	if (json) {
		print_why_json(why);
	} else {
		sentences_print(&why->answer);
		sentences_print(&why->advice);
	}
	return DONE;
}

static void why_free(struct why *why)
{
	sentences_free(&why->answer);
	sentences_free(&why->advice);
	verdict_free(&why->verdict);
	situation_free(&why->situation);
	asker_free(&why->asker);
	free(why);
}

int cmd_why(const struct call *call)
{
	struct why *why = check_alloc(calloc(1, sizeof(*why)));
	struct portres *handle;
	parse_reason reason;
	int status = FAILED;

	/* Asking does not load the module. */
	if (!why_parse(call, why, reason)) {
		status = print_usage_error("%s", reason);
	} else if (!asker_find(&why->asker, reason)) {
		print_error("%s", reason);
	} else if (open_files(call, &handle)) {
		status = why_answer(handle, why, call->json);
		portres_close(handle);
	}
	why_free(why);
	return status;
}
