// SPDX-License-Identifier: GPL-2.0-only
/* What is told of a reservation: each fact once, for all ways of printing. */
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include "describe.h"
#include "sockets.h"
#include "text.h"

struct range reservation_range(const struct portres_reservation *reservation)
{
	return (struct range){ portres_reservation_first(reservation),
			       portres_reservation_count(reservation) };
}

char *reservation_process(const struct portres_reservation *reservation)
{
	const char *command = portres_reservation_command(reservation);
	pid_t process;

	if (!portres_reservation_runtime(reservation))
		return NULL;
	if (!command || !*command)
		command = "?";
	if (portres_reservation_process(reservation, &process))
		return format_text("%s[?]", command);
	return format_text("%s[%d]", command, (int)process);
}

char *reservation_text(const struct portres_reservation *reservation)
{
	const char *name = portres_reservation_name(reservation);
	char *process = reservation_process(reservation);
	struct range range = reservation_range(reservation);
	char *ports = range_text(range.first, range.count);
	char *safe = safe_text(process ? process : name ? name : "");
	char *text = format_text(process ? "%s (acquired by %s)" : name ? "%s (%s)" : "%s",
				 ports, safe);

	free(process);
	free(ports);
	free(safe);
	return text;
}

static void put_user(struct record *record, const uid_t *uid)
{
	const unsigned int where = IN_TABLE | IN_DETAIL | IN_WORDS;
	const struct passwd *user;
	char *text;

	if (!uid) {
		put_text(record, "owner", NULL, 0, NULL);
		put_text(record, "user", "user", where, NULL);
		return;
	}
	user = getpwuid(*uid);
	text = user ? need(strdup(user->pw_name)) : format_text("%u", *uid);
	put_number(record, "owner", NULL, 0, *uid);
	put_text(record, "user", "user", where, text);
	free(text);
}

static void put_block(struct record *record, const struct range *range)
{
	char *ports = range_text(range->first, range->count);

	put_text(record, "protocol", "proto", IN_TABLE | IN_WORDS | BARE, "udp");
	put_text(record, NULL, "ports", IN_TABLE | IN_WORDS | BARE, ports);
	put_number(record, "first", NULL, 0, range->first);
	put_number(record, "last", NULL, 0, range_last(range));
	put_number(record, "count", "count", IN_TABLE | IN_DETAIL, range->count);
	free(ports);
}

static void put_name(struct record *record, const char *name)
{
	put_text(record, "name", "name", IN_TABLE | IN_DETAIL | IN_WORDS, name);
}

/* Who holds a runtime reservation, besides its user. */
static void put_process(struct record *record, const struct portres_reservation *reservation)
{
	char *shown = reservation_process(reservation);
	pid_t process;

	put_text(record, NULL, "process", IN_TABLE | IN_DETAIL | IN_WORDS, shown);
	put_flag(record, "runtime", portres_reservation_runtime(reservation));
	if (portres_reservation_process(reservation, &process) == 0)
		put_number(record, "process", NULL, 0, (uint64_t)process);
	else
		put_text(record, "process", NULL, 0, NULL);
	put_text(record, "command", NULL, 0, portres_reservation_command(reservation));
	free(shown);
}

void describe(struct record *record, const struct portres_reservation *reservation)
{
	struct range range = reservation_range(reservation);
	bool has_owner;
	uint64_t token;
	uid_t owner;

	has_owner = portres_reservation_owner(reservation, &owner) == 0;
	put_block(record, &range);
	put_number(record, "sockets", "sockets", IN_TABLE | IN_DETAIL,
		   portres_reservation_sockets(reservation));
	put_number(record, "refused", "refused", IN_TABLE | IN_DETAIL,
		   portres_reservation_refused(reservation));
	put_user(record, has_owner ? &owner : NULL);
	put_process(record, reservation);
	put_name(record, portres_reservation_name(reservation));
	if (portres_reservation_token(reservation, &token) == 0)
		put_token(record, "token", "token", IN_DETAIL | IN_WORDS, token);
	else
		put_text(record, "token", "token", IN_DETAIL | IN_WORDS, NULL);
}

void describe_entry(struct record *record, const struct portres_entry *entry)
{
	struct range range = { portres_entry_first(entry), portres_entry_count(entry) };
	uid_t owner;

	if (portres_entry_error(entry))
		return;
	put_block(record, &range);
	put_user(record, portres_entry_owner(entry, &owner) == 0 ? &owner : NULL);
	put_name(record, portres_entry_name(entry));
}

static void describe_socket(struct record *record, const struct bound_socket *socket)
{
	char *address = socket_address(socket);
	char *holder = socket_holder(socket);
	char *by = format_text("by %s", holder);

	put_text(record, "address", "address", IN_WORDS | BARE, address);
	put_number(record, "port", NULL, 0, socket->port);
	put_text(record, NULL, "by", IN_WORDS | BARE, by);
	put_number(record, "uid", NULL, 0, socket->uid);
	if (socket->pid)
		put_number(record, "pid", NULL, 0, (uint64_t)socket->pid);
	else
		put_text(record, "pid", NULL, 0, NULL);
	put_text(record, "command", NULL, 0, socket->pid ? socket->command : NULL);
	free(address);
	free(holder);
	free(by);
}

void describe_bound(struct record *record, const struct portres_reservation *reservation)
{
	struct range range = reservation_range(reservation);
	struct records bound = { 0 };
	struct socket_list list;
	size_t i;

	sockets_find(&range, &list);
	for (i = 0; i < list.count; i++)
		describe_socket(records_add(&bound), &list.items[i]);
	sockets_free(&list);
	put_list(record, "bound", "bound", IN_DETAIL, &bound);
}
