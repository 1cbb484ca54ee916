// SPDX-License-Identifier: GPL-2.0-only
/* Advice on how to get a port, as commands to type. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "answer.h"
#include "describe.h"
#include "grantee.h"
#include "kernel/protocol.h"
#include "text.h"
#include "when.h"

/* The name of a unit as a shell takes it: "'a\x2db.service'". To be freed. */
static char *typed_unit(const struct unit *unit)
{
	const char *quote = strchr(unit->name, '\\') ? "'" : "";

	return format_text("%s%s%s", quote, unit->name, quote);
}

/* The grant that the asker needs, as typed: "for unit rtp.service". To be freed. */
static char *wanted_grant(const struct asker *asker)
{
	char *unit;
	char *user;
	char *text;

	if (asker->has_unit && strstr(asker->unit.name, ".service")) {
		unit = typed_unit(&asker->unit);
		user = asker->unit.has_user ? user_text(asker->unit.user) : NULL;
		text = format_text("for unit %s%s%s", unit, user ? " of " : "", user ? user : "");
		free(user);
		free(unit);
		return text;
	}
	if (!asker->has_user)
		return check_alloc(strdup("for unit NAME"));
	user = user_text(asker->user);
	text = format_text("for user %s", user);
	free(user);
	return text;
}

/* Whether a grant is missing, or no asker was named. */
static bool lacks_grant(const struct verdict *verdict)
{
	size_t i;

	for (i = 0; verdict && i < verdict->stops.count; i++)
		if (strstr(verdict->stops.items[i], "no grant"))
			return true;
	return !verdict;
}

static void advise_reserved(const struct situation *situation, const struct asker *asker,
			    const struct verdict *verdict, struct sentences *advice)
{
	const struct portres_reservation *reservation = situation->reservation;
	struct range range = reservation_range(reservation);
	/* One half of a block in both protocols cannot be changed or deleted alone. */
	const char *protocol = portres_protocol_word(situation->entry_protocol);
	char *ports = range_text(range.first, range.count);
	char *typed = grants_typed_text(reservation_grant_at, reservation);
	char *safe = safe_text(typed ? typed : "");
	char *wanted = wanted_grant(asker);

	if (portres_reservation_runtime(reservation)) {
		say(advice, "To end the reservation: stop its process, or portres del %s %s",
		    protocol, ports);
	} else {
		if (lacks_grant(verdict))
			say(advice, "To let a program bind: portres set %s %s %s%s%s", protocol,
			    ports, safe, *safe ? " " : "", wanted);
		say(advice, "To give the reservation up: portres del %s %s", protocol, ports);
	}
	free(wanted);
	free(safe);
	free(typed);
	free(ports);
}

/* A name that systemctl stop takes, and that is not all of a machine or a session. */
static bool can_be_stopped(const struct unit *unit)
{
	return strstr(unit->name, ".service") && strncmp(unit->name, "user@", 5) != 0;
}

static void advise_holder(const struct holder *holder, struct sentences *advice)
{
	char *user;
	char *unit;

	if (holder->kernel.advice) {
		say(advice, "To free it: %s", holder->kernel.advice);
	} else if (holder->pid == 1) {
		say(advice, "To free it: stop the unit that \"systemctl list-sockets\" shows");
	} else if (holder->pid && holder->has_unit && can_be_stopped(&holder->unit)) {
		unit = typed_unit(&holder->unit);
		user = holder->unit.has_user ? user_text(holder->unit.user) : NULL;
		say(advice, "To free it: systemctl %s%s%sstop %s", user ? "--user --machine=" : "",
		    user ? user : "", user ? "@ " : "", unit);
		free(user);
		free(unit);
	} else if (holder->pid) {
		say(advice, "To free it: kill %d", (int)holder->pid);
	} else if (holder->hidden && geteuid()) {
		say(advice, "To see the process: ask as root");
	}
}

/* A process can have several sockets on a port, for IPv4 and IPv6: advise on it once. */
static void advise_holders(const struct holders *holders, struct sentences *advice)
{
	size_t i;

	for (i = 0; i < holders->count; i++) {
		struct sentences one = { 0 };

		advise_holder(&holders->items[i], &one);
		if (one.count && (!advice->count ||
				  strcmp(advice->items[advice->count - 1], one.items[0]) != 0))
			say(advice, "%s", one.items[0]);
		sentences_free(&one);
	}
	if (holders->unseen)
		say(advice, "To see the socket: use Linux 6.8 or newer, and "
			    "\"ss --bound-inactive\"");
	if (holders->wait_until)
		say(advice, "To bind at once: set SO_REUSEADDR before");
}

static void advise_free(const struct situation *situation, const struct asker *asker,
			struct sentences *advice)
{
	char *wanted = wanted_grant(asker);

	say(advice, "To keep it for a program: portres add %s %u %s",
	    portres_protocol_word(situation->protocol), situation->port, wanted);
	free(wanted);
}

void answer_advice(const struct situation *situation, const struct asker *asker,
		   const struct verdict *verdict, struct sentences *advice)
{
	if (situation->reservation)
		advise_reserved(situation, asker, verdict, advice);
	advise_holders(&situation->holders, advice);
	if (situation_is_privileged(situation) && asker->privilege == PRIVILEGE_NO)
		say(advice, "To bind without being root: AmbientCapabilities=CAP_NET_BIND_SERVICE "
			    "in its unit");
	if (!situation->reservation && !situation->no_module && !situation_in_use(situation))
		advise_free(situation, asker, advice);
}
