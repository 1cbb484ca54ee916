// SPDX-License-Identifier: GPL-2.0-only
/*
 * Compares the facts about a port with the facts about the process that would bind to it. An
 * unknown fact becomes a condition of the verdict.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "describe.h"
#include "grantee.h"
#include "text.h"
#include "verdict.h"
#include "when.h"

enum match { MATCH_NO, MATCH_YES, MATCH_UNKNOWN };

static enum match match_user(const struct asker *asker, uid_t user)
{
	if (!asker->has_user)
		return MATCH_UNKNOWN;
	return asker->user == user ? MATCH_YES : MATCH_NO;
}

static bool is_unit(const struct unit *unit, const char *name, bool has_user, uid_t user)
{
	return strcmp(unit->name, name) == 0 && unit->has_user == has_user &&
	       (!has_user || unit->user == user);
}

static enum match match_unit(const struct asker *asker, const struct portres_grant *grant)
{
	const char *name = portres_grant_unit(grant);
	uid_t user = 0;
	bool has_user = portres_grant_user(grant, &user) == 0;

	if (asker->cgroup)
		return cgroup_is_of_unit(asker->cgroup, name, has_user, user) ? MATCH_YES :
										MATCH_NO;
	if (!asker->has_unit)
		return MATCH_UNKNOWN;
	/* Only the name of a unit that does not run is known. */
	return is_unit(&asker->unit, name, has_user, user) ? MATCH_YES : MATCH_NO;
}

static enum match match_grant(const struct asker *asker, const struct portres_grant *grant)
{
	uid_t user = 0;

	switch (portres_grant_kind(grant)) {
	case PORTRES_GRANT_USER:
		portres_grant_user(grant, &user);
		return match_user(asker, user);
	case PORTRES_GRANT_UNIT:
		return match_unit(asker, grant);
	case PORTRES_GRANT_CGROUP:
		if (!asker->cgroup)
			return MATCH_UNKNOWN;
		return cgroup_is_below(asker->cgroup, portres_grant_cgroup(grant)) ? MATCH_YES :
										    MATCH_NO;
	default:
		return MATCH_NO;
	}
}

/* Adds a grant to the alternatives, one of which the asker must match. */
static void add_alternative(char **alternatives, const struct portres_grant *grant)
{
	char *text = grantee_text(grant);
	char *safe = safe_text(text);
	char *more = *alternatives ? format_text("%s or %s", *alternatives, safe) :
				     check_alloc(strdup(safe));

	free(*alternatives);
	*alternatives = more;
	free(safe);
	free(text);
}

static void check_grants(const struct situation *situation, const struct asker *asker,
			 struct verdict *verdict)
{
	const struct portres_reservation *reservation = situation->reservation;
	const struct portres_grant *grant;
	char *alternatives = NULL;
	unsigned int i;

	for (i = 0; (grant = portres_reservation_grant(reservation, i)); i++) {
		enum match match = match_grant(asker, grant);

		if (match == MATCH_YES) {
			free(alternatives);
			return;
		}
		if (match == MATCH_UNKNOWN)
			add_alternative(&alternatives, grant);
	}
	if (alternatives)
		say(&verdict->conditions, "it runs as %s", alternatives);
	else
		say(&verdict->stops, "the reservation has no grant for it");
	free(alternatives);
}

static void check_runtime(const struct situation *situation, const struct asker *asker,
			  struct verdict *verdict)
{
	const struct portres_reservation *reservation = situation->reservation;
	bool tree = portres_reservation_tree(reservation);
	char *holder = reservation_acquirer(reservation);
	char *safe = safe_text(holder ? holder : "?");
	pid_t process = 0;

	if (portres_reservation_process(reservation, &process))
		process = 0;
	if (asker->kind == ASKER_PROCESS && asker->pid == process && !tree)
		say(&verdict->conditions, "it associates the socket");
	else if (asker->kind == ASKER_PROCESS && process && asker_descends(asker, process) && tree)
		;
	else if (tree && (asker->kind != ASKER_PROCESS || !process))
		say(&verdict->conditions, "it descends from %s", safe);
	else
		say(&verdict->stops, "%s acquired it", safe);
	free(holder);
	free(safe);
}

/* A process that was named by its PID is a holder itself, not by another process of its unit. */
static bool is_holder(const struct asker *asker, const struct holder *holder)
{
	const struct unit *unit = &holder->unit;

	if (asker->kind == ASKER_PROCESS)
		return holder->pid == asker->pid;
	return asker->kind == ASKER_UNIT && holder->has_unit &&
	       is_unit(&asker->unit, unit->name, unit->has_user, unit->user);
}

/* Bits: the families with no address left to bind to. */
enum { FULL_IPV4 = 1, FULL_IPV6 = 2 };

static unsigned int holder_fills(const struct holder *holder)
{
	if (!holder_is_wildcard(holder))
		return 0;
	if (holder->socket.family == AF_INET)
		return FULL_IPV4;
	return holder->socket.only_v6 ? FULL_IPV6 : FULL_IPV4 | FULL_IPV6;
}

static unsigned int full_families(const struct asker *asker, const struct holders *holders)
{
	unsigned int full = 0;
	size_t i;

	for (i = 0; i < holders->count; i++)
		if (!is_holder(asker, &holders->items[i]))
			full |= holder_fills(&holders->items[i]);
	return full;
}

static void check_holder(const struct holder *holder, const struct asker *asker, unsigned int full,
			 struct verdict *verdict)
{
	char *address = holder_address(holder);

	if (is_holder(asker, holder))
		say(&verdict->stops, "it has bound it already, to %s", address);
	else if (!holder_is_wildcard(holder))
		say(&verdict->conditions, "it binds to another address than %s", address);
	else if (full == (FULL_IPV4 | FULL_IPV6))
		say(&verdict->stops, "it is in use at %s", address);
	free(address);
}

static void check_holders(const struct situation *situation, const struct asker *asker,
			  struct verdict *verdict)
{
	const struct holders *holders = &situation->holders;
	unsigned int full = full_families(asker, holders);
	size_t i;
	char *until;

	for (i = 0; i < holders->count; i++)
		check_holder(&holders->items[i], asker, full, verdict);
	if (full == FULL_IPV4)
		say(&verdict->conditions, "it binds to IPv6 only");
	else if (full == FULL_IPV6)
		say(&verdict->conditions, "it binds to IPv4 only");
	if (holders->unknown && !holders->unseen)
		say(&verdict->conditions, "no socket uses it");
	if (holders->unseen)
		say(&verdict->stops, "it is in use");
	if (!holders->count && holders->wait_until) {
		until = time_text(holders->wait_until);
		say(&verdict->conditions, "it sets SO_REUSEADDR or waits until %s", until);
		free(until);
	}
}

static void check_privilege(const struct situation *situation, const struct asker *asker,
			    struct verdict *verdict)
{
	if (!situation_is_privileged(situation) || asker->privilege == PRIVILEGE_YES)
		return;
	if (asker->privilege == PRIVILEGE_NO)
		say(&verdict->stops, "it has no CAP_NET_BIND_SERVICE, and the port is privileged");
	else
		say(&verdict->conditions, "it has CAP_NET_BIND_SERVICE");
}

/* A named user has no cgroup, so that its BPF programs are unknown is no condition. */
static void check_programs(const struct situation *situation, const struct asker *asker,
			   struct verdict *verdict)
{
	if (situation->programs.count)
		say(&verdict->conditions, "the BPF programs of its cgroup allow it");
	else if (!situation->programs.known && asker->kind != ASKER_USER)
		say(&verdict->conditions, "no BPF program of its cgroup forbids it");
}

void verdict_find(const struct situation *situation, const struct asker *asker,
		  struct verdict *verdict)
{
	memset(verdict, 0, sizeof(*verdict));
	if (asker->elsewhere)
		return;
	verdict->known = true;
	if (situation->reservation && portres_reservation_runtime(situation->reservation))
		check_runtime(situation, asker, verdict);
	else if (situation->reservation)
		check_grants(situation, asker, verdict);
	check_holders(situation, asker, verdict);
	check_privilege(situation, asker, verdict);
	check_programs(situation, asker, verdict);
}

void verdict_free(struct verdict *verdict)
{
	sentences_free(&verdict->stops);
	sentences_free(&verdict->conditions);
}
