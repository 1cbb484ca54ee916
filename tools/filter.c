// SPDX-License-Identifier: GPL-2.0-only
/* Parses the filters of a list, and applies them. */
#include <fnmatch.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "describe.h"
#include "diag.h"
#include "filter.h"
#include "grantee.h"
#include "portset.h"
#include "text.h"

/* Where sockets are bound, for the two protocols. */
struct filter_sockets {
	struct portset udp;
	struct portset tcp;
};

int filter_find(int argc, char *const *argv)
{
	static const char *const keywords[] = { "for", "name", "bound", "user" };
	int i;
	size_t j;

	for (i = 0; i < argc; i++)
		for (j = 0; j < sizeof(keywords) / sizeof(keywords[0]); j++)
			if (strcmp(argv[i], keywords[j]) == 0)
				return i;
	return argc;
}

static bool reject_word(const char *format, const char *word, parse_reason reason)
{
	char *shown = quoted_text(word);

	snprintf(reason, REASON_MAX, format, shown);
	free(shown);
	return false;
}

/* Parses a keyword with its value. Returns how many words that are; 0 on an error. */
static int parse_keyword(int argc, char **argv, struct filter *filter, parse_reason reason)
{
	int used;

	if (strcmp(argv[0], "bound") == 0) {
		filter->bound = true;
		return 1;
	}
	if (strcmp(argv[0], "name") == 0) {
		if (argc < 2)
			return reject_word("missing value after \"%s\"", argv[0], reason);
		filter->name = argv[1];
		return 2;
	}
	if (strcmp(argv[0], "user") == 0)
		return parse_grantee(argc, argv, &filter->grantees, reason);
	if (strcmp(argv[0], "for") != 0)
		return reject_word("unknown keyword \"%s\": expected for, name or bound", argv[0],
				   reason);
	used = parse_grantee(argc - 1, argv + 1, &filter->grantees, reason);
	return used ? used + 1 : 0;
}

bool filter_parse(int argc, char **argv, struct filter *filter, parse_reason reason)
{
	int used;
	int i;

	memset(filter, 0, sizeof(*filter));
	for (i = 0; i < argc; i += used) {
		used = parse_keyword(argc - i, argv + i, filter, reason);
		if (!used)
			return false;
	}
	return true;
}

static void add_socket(const struct diag_socket *socket, void *arg)
{
	const struct range port = { socket->port, 1 };

	/* What is in TIME_WAIT has no process. */
	if (!socket->waits)
		portset_add(arg, &port);
}

static bool has_bound(struct filter *filter, const struct portres_reservation *reservation)
{
	struct range range = reservation_range(reservation);

	if (!filter->sockets) {
		filter->sockets = check_alloc(calloc(1, sizeof(*filter->sockets)));
		diag_for_each(IPPROTO_UDP, add_socket, &filter->sockets->udp);
		diag_for_each(IPPROTO_TCP, add_socket, &filter->sockets->tcp);
	}
	return portset_has_any(portres_reservation_protocol(reservation) == IPPROTO_TCP ?
			       &filter->sockets->tcp : &filter->sockets->udp,
			       range.first, range_last(&range));
}

/* A block that a user acquired is for that user. */
static bool is_for(const struct filter *filter, const struct portres_reservation *reservation)
{
	unsigned int i;
	uid_t owner;

	for (i = 0; i < filter->grantees.grantee_count; i++) {
		const struct grantee *grantee = &filter->grantees.grantees[i];

		if (is_granted(reservation, grantee))
			return true;
		if (grantee->kind == PORTRES_GRANT_USER &&
		    portres_reservation_runtime(reservation) &&
		    portres_reservation_owner(reservation, &owner) == 0 && owner == grantee->user)
			return true;
	}
	return false;
}

bool filter_has(struct filter *filter, const struct portres_reservation *reservation)
{
	const char *name = portres_reservation_name(reservation);

	if (filter->name && (!name || fnmatch(filter->name, name, 0) != 0))
		return false;
	if (filter->grantees.grantee_count && !is_for(filter, reservation))
		return false;
	return !filter->bound || has_bound(filter, reservation);
}

void filter_free(struct filter *filter)
{
	free(filter->sockets);
	filter->sockets = NULL;
}
