// SPDX-License-Identifier: GPL-2.0-only
/* Puts what is known about a port into words: free, reserved, in use, ephemeral, privileged. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "answer.h"
#include "describe.h"
#include "grantee.h"
#include "kernel/protocol.h"
#include "refused.h"
#include "text.h"
#include "when.h"

/* "udp port 53 is reserved, in use and privileged." */
static void say_state(const struct situation *situation, struct sentences *answer)
{
	const char *words[4];
	char *list = NULL;
	size_t count = 0;
	size_t i;

	if (situation->reservation)
		words[count++] = "reserved";
	if (situation_in_use(situation))
		words[count++] = "in use";
	if (!count)
		words[count++] = situation->holders.unknown ? "not reserved" : "free";
	if (situation_is_ephemeral(situation))
		words[count++] = "ephemeral";
	if (situation_is_privileged(situation))
		words[count++] = "privileged";
	list = check_alloc(strdup(words[0]));
	for (i = 1; i < count; i++) {
		char *longer = format_text("%s%s%s", list, i + 1 == count ? " and " : ", ",
					   words[i]);

		free(list);
		list = longer;
	}
	say(answer, "%s port %u is %s.", portres_protocol_word(situation->protocol),
	    situation->port, list);
	free(list);
}

static void say_runtime(const struct portres_reservation *reservation, const char *block,
			struct sentences *answer)
{
	uint64_t start;
	char *since;

	say(answer, "Reserved: %s%s.", block,
	    portres_reservation_tree(reservation) ? ", for the descendants of that process" : "");
	if (portres_reservation_process_start(reservation, &start))
		return;
	since = time_text(time_of_boottime(start));
	say(answer, "The process was started at %s.", since);
	free(since);
}

static void say_reservation(const struct situation *situation, struct sentences *answer)
{
	const struct portres_reservation *reservation = situation->reservation;
	char *block;
	char *grants;
	char *safe;

	if (situation->no_module)
		say(answer, "The kernel has no portres: nothing is reserved.");
	if (!reservation)
		return;
	block = reservation_text(reservation);
	if (portres_reservation_runtime(reservation)) {
		say_runtime(reservation, block, answer);
		free(block);
		return;
	}
	grants = grants_text(reservation_grant_at, reservation);
	safe = safe_text(grants ? grants : "no grantee, but for sockets that are associated");
	say(answer, "Reserved: %s, for %s.", block, safe);
	free(grants);
	free(safe);
	free(block);
}

static void say_source(const struct situation *situation, struct sentences *answer)
{
	char *since;

	if (!situation->source)
		return;
	if (!situation->stored) {
		say(answer, "Declared at %s.", situation->source);
		return;
	}
	since = time_text(situation->stored);
	say(answer, "Stored since %s in %s.", since, situation->source);
	free(since);
}

static void say_refused(const struct situation *situation, struct sentences *answer)
{
	uint64_t refused = situation->reservation ?
			   portres_reservation_refused(situation->reservation) : 0;

	if (refused)
		say(answer, "%" PRIu64 " bind%s refused because of the reservation.", refused,
		    refused == 1 ? " was" : "s were");
}

/* At most so many are named, the last ones. */
#define REFUSALS_SAID 3

static unsigned int count_refusals(const struct portres_reservation *reservation)
{
	unsigned int count = 0;

	while (portres_reservation_refusal(reservation, count))
		count++;
	return count;
}

/* The last one first; those of one tick of the kernel's clock as they are listed. */
static int compare_refusals(const void *a, const void *b)
{
	const struct portres_refusal *const *one = a;
	const struct portres_refusal *const *two = b;
	uint64_t first = portres_refusal_time(*one);
	uint64_t second = portres_refusal_time(*two);

	if (first != second)
		return first > second ? -1 : 1;
	return *one < *two ? -1 : 1;
}

static void say_refusal(const struct portres_refusal *refusal, struct sentences *answer)
{
	char *text = refused_text(refusal);
	char *when = refused_time(refusal);

	say(answer, "%s at %s.", text, when);
	free(text);
	free(when);
}

static void say_refusals(const struct situation *situation, struct sentences *answer)
{
	const struct portres_reservation *reservation = situation->reservation;
	unsigned int count = reservation ? count_refusals(reservation) : 0;
	const struct portres_refusal **list;
	unsigned int i;

	if (!count)
		return;
	list = check_alloc(calloc(count, sizeof(*list)));
	for (i = 0; i < count; i++)
		list[i] = portres_reservation_refusal(reservation, i);
	qsort(list, count, sizeof(*list), compare_refusals);
	for (i = 0; i < count && i < REFUSALS_SAID; i++)
		say_refusal(list[i], answer);
	free(list);
}

static void say_holders(const struct situation *situation, struct sentences *answer)
{
	const struct holders *holders = &situation->holders;
	char *until;
	size_t i;

	for (i = 0; i < holders->count; i++) {
		char *address = holder_address(&holders->items[i]);
		char *text = holder_text(&holders->items[i]);

		say(answer, "In use at %s by %s.", address, text);
		free(address);
		free(text);
	}
	if (holders->connections)
		say(answer, "%u connection%s the port besides.", holders->connections,
		    holders->connections == 1 ? " has" : "s have");
	if (holders->unknown)
		say(answer, "Which sockets use it cannot be seen here.");
	if (holders->unseen)
		say(answer, "In use by a socket that the kernel does not list, as it neither "
			    "listens nor is connected.");
	if (holders->wait_until) {
		until = time_text(holders->wait_until);
		say(answer, "In TIME_WAIT until %s.", until);
		free(until);
	}
}

static void say_settings(const struct situation *situation, struct sentences *answer)
{
	const struct settings *settings = &situation->settings;
	char *range = range_text(settings->ephemeral.first, settings->ephemeral.count);
	bool kept = portset_has(&settings->kept, situation->port);

	if (!situation_is_ephemeral(situation))
		say(answer, "Not ephemeral: the range is %s.%s", range,
		    kept ? " In net.ipv4.ip_local_reserved_ports." : "");
	else if (kept)
		say(answer, "Ephemeral, of %s, but the kernel does not select it: in "
			    "net.ipv4.ip_local_reserved_ports.", range);
	else if (situation->reservation)
		say(answer, "Ephemeral, of %s, but the kernel does not select it: reserved.",
		    range);
	else
		say(answer, "Ephemeral: the kernel selects ports of %s for any socket.", range);
	if (situation_is_privileged(situation))
		say(answer, "Privileged: below %u a bind needs CAP_NET_BIND_SERVICE.",
		    settings->unprivileged);
	free(range);
}

static void say_programs(const struct situation *situation, struct sentences *answer)
{
	char *list = NULL;
	size_t i;

	for (i = 0; i < situation->programs.count; i++) {
		const struct bindprog *program = &situation->programs.items[i];
		char *safe = safe_text(program->name);
		char *text = format_text("%s%s%s (id %u)", program->attach, *safe ? " " : "", safe,
					 program->id);

		append_text(&list, text);
		free(text);
		free(safe);
	}
	if (list)
		say(answer, "A bind has to pass BPF programs of the cgroup: %s.", list);
	free(list);
}

void answer_facts(const struct situation *situation, struct sentences *answer)
{
	static void (*const facts[])(const struct situation *situation,
				     struct sentences *answer) = {
		say_state,
		say_reservation,
		say_source,
		say_refused,
		say_refusals,
		say_holders,
		say_settings,
		say_programs,
	};
	size_t i;

	for (i = 0; i < sizeof(facts) / sizeof(facts[0]); i++)
		facts[i](situation, answer);
}

void answer_verdict(const struct situation *situation, const struct asker *asker,
		    const struct verdict *verdict, struct sentences *answer)
{
	char *stops = sentences_join(&verdict->stops, "; ");
	char *conditions = sentences_join(&verdict->conditions, " and ");

	if (!verdict->known)
		say(answer, "%s is in another network namespace: ask there, nsenter "
			    "--net=/proc/%d/ns/net portres why %s %u for pid %d", asker->name,
		    (int)asker->pid, portres_protocol_word(situation->protocol), situation->port,
		    (int)asker->pid);
	else if (verdict->stops.count)
		say(answer, "%s could not bind to it: %s.", asker->name, stops);
	else if (verdict->conditions.count)
		say(answer, "%s could bind to it if %s.", asker->name, conditions);
	else
		say(answer, "%s could bind to it.", asker->name);
	free(stops);
	free(conditions);
}
