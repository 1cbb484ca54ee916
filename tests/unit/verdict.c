// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whether an asker could bind to a port, by what is known of both: each row and its whole verdict.
 */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/reservation.h"
#include "tap.h"
#include "verdict.h"

/* No user of this number is to be expected. */
#define USER 4294967290U
#define OTHER 4294967291U

#define UNIT "/system.slice/rtp.service"

/* Bits: what is reserved, and for which grantees. */
enum {
	RESERVED = 1,
	FOR_USER = 2,
	FOR_UNIT = 4,
	FOR_CGROUP = 8,
	FOR_KERNEL = 16,
	HELD = 32,		/* at all addresses of IPv6 and IPv4 */
	HELD_THERE = 64,	/* at one address */
	WAITS = 128,
	LOW = 256,
	PROGRAM = 512,
	UNSEEN = 1024,
	HELD_IPV4 = 2048,	/* at all addresses of IPv4 */
	HELD_IPV6 = 4096,
	OF_UNIT = 8192,		/* what holds it is of the unit */
	OF_USER = 16384,	/* of the unit of that name of a user */
	NOT_TOLD = 32768,	/* which BPF programs there are */
	NO_LIST = 65536,	/* of sockets */
};

/* Where a socket may be bound, one row each. */
static const struct {
	unsigned int what;
	struct diag_socket socket;
} places[] = {
	{ HELD, { .family = AF_INET6, .port = 5000 } },
	{ HELD_IPV4, { .family = AF_INET, .port = 5000 } },
	{ HELD_IPV6, { .family = AF_INET6, .port = 5000, .only_v6 = true } },
	{ HELD_THERE, { .family = AF_INET, .port = 5000, .address = { 127, 0, 0, 1 } } },
};

#define PLACES (sizeof(places) / sizeof(places[0]))

static const struct portres_grant grants[] = {
	{ .kind = PORTRES_GRANT_USER, .has_user = true, .user = USER },
	{ .kind = PORTRES_GRANT_UNIT, .text = (char *)"rtp.service" },
	{ .kind = PORTRES_GRANT_CGROUP, .text = (char *)"/x" },
	{ .kind = PORTRES_GRANT_KERNEL },
};

static void set_reservation(struct portres_reservation *reservation, struct portres_grants *list,
			    unsigned int what)
{
	size_t i;

	memset(reservation, 0, sizeof(*reservation));
	memset(list, 0, sizeof(*list));
	reservation->first = 5000;
	reservation->count = 10;
	reservation->grants = list;
	for (i = 0; i < sizeof(grants) / sizeof(grants[0]); i++)
		if (what & FOR_USER << i)
			list->items[list->count++] = grants[i];
}

static void add_holder(struct holders *holders, const struct diag_socket *socket,
		       unsigned int what)
{
	struct holder *holder = &holders->items[holders->count++];

	holder->pid = 7;
	holder->socket = *socket;
	holder->has_unit = what & (OF_UNIT | OF_USER);
	strcpy(holder->unit.name, "rtp.service");
	holder->unit.has_user = what & OF_USER;
	holder->unit.user = what & OF_USER ? USER : 0;
}

static void set_situation(struct situation *situation, struct holder holders[PLACES],
			  unsigned int what)
{
	size_t i;

	memset(situation, 0, sizeof(*situation));
	memset(holders, 0, PLACES * sizeof(*holders));
	situation->port = 5000;
	situation->settings.unprivileged = what & LOW ? 5001 : 1024;
	situation->programs.known = !(what & NOT_TOLD);
	situation->programs.count = what & PROGRAM ? 1 : 0;
	situation->holders.unknown = what & NO_LIST;
	situation->holders.unseen = what & UNSEEN;
	situation->holders.wait_until = what & WAITS ? 1 : 0;
	situation->holders.items = holders;
	for (i = 0; i < PLACES; i++)
		if (what & places[i].what)
			add_holder(&situation->holders, &places[i].socket, what);
}

static const struct row {
	const char *what;
	unsigned int situation;
	enum asker_kind kind;
	int user;		/* 0: not known, 1: the user that has a grant, 2: another one */
	const char *cgroup;	/* NULL: not known */
	enum asker_privilege privilege;
	const char *stops;
	const char *conditions;
} rows[] = {
	{ "a free port", 0, ASKER_USER, 1, NULL, PRIVILEGE_NO, "", "" },
	{ "for nobody", RESERVED, ASKER_USER, 1, NULL, PRIVILEGE_YES,
	  "the reservation has no grant for it", "" },
	{ "for the kernel", RESERVED | FOR_KERNEL, ASKER_USER, 1, NULL, PRIVILEGE_YES,
	  "the reservation has no grant for it", "" },
	{ "for the user", RESERVED | FOR_USER, ASKER_USER, 1, NULL, PRIVILEGE_NO, "", "" },
	{ "for another user", RESERVED | FOR_USER, ASKER_USER, 2, NULL, PRIVILEGE_NO,
	  "the reservation has no grant for it", "" },
	{ "for a unit", RESERVED | FOR_UNIT, ASKER_USER, 1, NULL, PRIVILEGE_NO, "",
	  "it runs as unit rtp.service" },
	{ "for a unit or a cgroup", RESERVED | FOR_UNIT | FOR_CGROUP, ASKER_USER, 2, NULL,
	  PRIVILEGE_NO, "", "it runs as unit rtp.service or cgroup /x" },
	{ "a process of the unit", RESERVED | FOR_UNIT, ASKER_PROCESS, 2, UNIT, PRIVILEGE_NO, "",
	  "" },
	{ "below the unit", RESERVED | FOR_UNIT, ASKER_PROCESS, 2, UNIT "/below", PRIVILEGE_NO, "",
	  "" },
	{ "of another unit", RESERVED | FOR_UNIT, ASKER_PROCESS, 2, UNIT "s", PRIVILEGE_NO,
	  "the reservation has no grant for it", "" },
	{ "of the cgroup", RESERVED | FOR_CGROUP, ASKER_PROCESS, 2, "/x/y", PRIVILEGE_NO, "", "" },
	{ "of another cgroup", RESERVED | FOR_CGROUP, ASKER_PROCESS, 2, "/xy", PRIVILEGE_NO,
	  "the reservation has no grant for it", "" },
	{ "a unit that does not run", RESERVED | FOR_UNIT, ASKER_UNIT, 0, NULL, PRIVILEGE_UNKNOWN,
	  "", "" },
	{ "a unit of an unknown user", RESERVED | FOR_USER, ASKER_UNIT, 0, NULL, PRIVILEGE_UNKNOWN,
	  "", "it runs as user 4294967290" },
	{ "in use", HELD, ASKER_USER, 1, NULL, PRIVILEGE_NO, "it is in use at [::]:5000", "" },
	{ "in use at one address", HELD_THERE, ASKER_USER, 1, NULL, PRIVILEGE_NO, "",
	  "it binds to another address than 127.0.0.1:5000" },
	{ "in use by itself", HELD_THERE, ASKER_PROCESS, 1, UNIT, PRIVILEGE_NO,
	  "it has bound it already, to 127.0.0.1:5000", "" },
	{ "in use by IPv4", HELD_IPV4, ASKER_USER, 1, NULL, PRIVILEGE_NO, "",
	  "it binds to IPv6 only" },
	{ "in use by IPv6 alone", HELD_IPV6, ASKER_USER, 1, NULL, PRIVILEGE_NO, "",
	  "it binds to IPv4 only" },
	{ "in use by each apart", HELD_IPV4 | HELD_IPV6, ASKER_USER, 1, NULL, PRIVILEGE_NO,
	  "it is in use at 0.0.0.0:5000; it is in use at [::]:5000", "" },
	{ "by IPv6, and one address of IPv4", HELD_IPV6 | HELD_THERE, ASKER_USER, 1, NULL,
	  PRIVILEGE_NO, "",
	  "it binds to another address than 127.0.0.1:5000; it binds to IPv4 only" },
	{ "by IPv4, by itself", HELD_IPV4, ASKER_PROCESS, 1, UNIT, PRIVILEGE_NO,
	  "it has bound it already, to 0.0.0.0:5000", "" },
	{ "by the unit", HELD_THERE | OF_UNIT, ASKER_UNIT, 0, UNIT, PRIVILEGE_NO,
	  "it has bound it already, to 127.0.0.1:5000", "" },
	{ "by that of a user, of the same name", HELD_THERE | OF_USER, ASKER_UNIT, 0, UNIT,
	  PRIVILEGE_NO, "", "it binds to another address than 127.0.0.1:5000" },
	{ "by no unit", HELD_THERE, ASKER_UNIT, 0, UNIT, PRIVILEGE_NO, "",
	  "it binds to another address than 127.0.0.1:5000" },
	{ "without a list of sockets", NO_LIST, ASKER_USER, 1, NULL, PRIVILEGE_NO, "",
	  "no socket uses it" },
	{ "without a list, and found", NO_LIST | UNSEEN, ASKER_USER, 1, NULL, PRIVILEGE_NO,
	  "it is in use", "" },
	{ "in use and not listed", UNSEEN, ASKER_USER, 1, NULL, PRIVILEGE_NO, "it is in use", "" },
	{ "reserved and in use", RESERVED | HELD, ASKER_USER, 1, NULL, PRIVILEGE_NO,
	  "the reservation has no grant for it; it is in use at [::]:5000", "" },
	{ "privileged", LOW, ASKER_USER, 1, NULL, PRIVILEGE_NO,
	  "it has no CAP_NET_BIND_SERVICE, and the port is privileged", "" },
	{ "privileged, and it is", LOW, ASKER_USER, 1, NULL, PRIVILEGE_YES, "", "" },
	{ "privileged, perhaps", LOW, ASKER_UNIT, 0, NULL, PRIVILEGE_UNKNOWN, "",
	  "it has CAP_NET_BIND_SERVICE" },
	{ "a BPF program", PROGRAM, ASKER_USER, 1, NULL, PRIVILEGE_NO, "",
	  "the BPF programs of its cgroup allow it" },
	{ "BPF programs that are not told, for a user", NOT_TOLD, ASKER_USER, 1, NULL,
	  PRIVILEGE_NO, "", "" },
	{ "for a process", NOT_TOLD, ASKER_PROCESS, 1, UNIT, PRIVILEGE_NO, "",
	  "no BPF program of its cgroup forbids it" },
	{ "for a unit", NOT_TOLD, ASKER_UNIT, 1, NULL, PRIVILEGE_NO, "",
	  "no BPF program of its cgroup forbids it" },
	{ "all at once", RESERVED | FOR_UNIT | HELD | LOW | PROGRAM, ASKER_USER, 1, NULL,
	  PRIVILEGE_NO,
	  "it is in use at [::]:5000; it has no CAP_NET_BIND_SERVICE, and the port is privileged",
	  "it runs as unit rtp.service; the BPF programs of its cgroup allow it" },
};

static void check_list(const struct sentences *list, const char *wanted, const char *what,
		       const char *which)
{
	char *text = sentences_join(list, "; ");

	if (!tap_ok(strcmp(text, wanted) == 0, "%s: %s", what, which))
		tap_diag("got: %s, wanted: %s", text, wanted);
	free(text);
}

static void check_row(const struct row *row)
{
	struct portres_reservation reservation;
	struct portres_grants list;
	struct situation situation;
	struct holder holders[PLACES];
	struct verdict verdict;
	struct asker asker = {
		.kind = row->kind,
		.pid = row->kind == ASKER_PROCESS ? 7 : 0,
		.has_user = row->user,
		.user = row->user == 1 ? USER : OTHER,
		.has_unit = row->kind == ASKER_UNIT,
		.unit.name = "rtp.service",
		.cgroup = (char *)row->cgroup,
		.privilege = row->privilege,
	};

	set_situation(&situation, holders, row->situation);
	set_reservation(&reservation, &list, row->situation);
	situation.reservation = row->situation & RESERVED ? &reservation : NULL;
	verdict_find(&situation, &asker, &verdict);
	check_list(&verdict.stops, row->stops, row->what, "what stops it");
	check_list(&verdict.conditions, row->conditions, row->what, "what decides");
	tap_ok(verdict.known, "%s: it is known", row->what);
	verdict_free(&verdict);
}

static void test_elsewhere(void)
{
	const struct asker asker = { .kind = ASKER_PROCESS, .pid = 7, .elsewhere = true };
	struct situation situation;
	struct holder holders[PLACES];
	struct verdict verdict;

	set_situation(&situation, holders, HELD);
	verdict_find(&situation, &asker, &verdict);
	tap_ok(!verdict.known && !verdict.stops.count && !verdict.conditions.count,
	       "of another network namespace nothing is known");
	verdict_free(&verdict);
}

int main(void)
{
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_row(&rows[i]);
	test_elsewhere();
	return tap_finish();
}
