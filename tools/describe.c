// SPDX-License-Identifier: GPL-2.0-only
/* Describes reservations, entries and sockets: each fact once, for all output formats. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "describe.h"
#include "grantee.h"
#include "kernel/protocol.h"
#include "sockets.h"
#include "text.h"

struct range reservation_range(const struct portres_reservation *reservation)
{
	return (struct range){ portres_reservation_first(reservation),
			       portres_reservation_count(reservation) };
}

struct range entry_range(const struct portres_entry *entry)
{
	return (struct range){ portres_entry_first(entry), portres_entry_count(entry) };
}

char *location_text(const char *file, unsigned int line)
{
	char number[NUMBER_TEXT_MAX];
	char *safe = safe_text(file);
	char *place;
	char *text;

	if (!line)
		return safe;
	place = join_text(safe, ":");
	text = join_text(place, number_text(number, line));
	free(place);
	free(safe);
	return text;
}

char *entry_location(const struct portres_entry *entry)
{
	return location_text(portres_entry_file(entry), portres_entry_line(entry));
}

bool entry_is_stored(struct portres *handle, const struct portres_entry *entry)
{
	const char *file = portres_entry_file(entry);
	const char *store = NULL;
	size_t len;

	if (portres_store_path(handle, &store) || !store)
		return false;
	len = strlen(store);
	return strncmp(file, store, len) == 0 && file[len] == '/';
}

char *process_text(const char *command, pid_t process)
{
	if (!command || !*command)
		command = "?";
	if (!process)
		return format_text("%s[?]", command);
	return format_text("%s[%d]", command, (int)process);
}

char *reservation_process(const struct portres_reservation *reservation)
{
	const char *command = portres_reservation_command(reservation);
	pid_t process = 0;
	int error;

	if (!portres_reservation_runtime(reservation))
		return NULL;
	error = portres_reservation_process(reservation, &process);
	if (error == -EACCES && !command)
		return check_alloc(strdup("?"));
	return process_text(command, error ? 0 : process);
}

char *reservation_acquirer(const struct portres_reservation *reservation)
{
	char *process = reservation_process(reservation);
	char *user;
	uid_t owner;

	/* To other users the kernel only reports the owner. */
	if (!process || strcmp(process, "?") != 0 ||
	    portres_reservation_owner(reservation, &owner))
		return process;
	free(process);
	user = user_text(owner);
	process = format_text("a process of %s", user);
	free(user);
	return process;
}

char *block_text(uint8_t protocol, const struct range *range, const char *name, const char *process)
{
	char *ports = block_ports_text(protocol, range);
	char *safe = safe_text(process ? process : name ? name : "");
	char *text = format_text(process ? "%s (acquired by %s)" : name ? "%s (%s)" : "%s",
				 ports, safe);

	free(ports);
	free(safe);
	return text;
}

char *reservation_text(const struct portres_reservation *reservation)
{
	struct range range = reservation_range(reservation);
	char *process = reservation_acquirer(reservation);
	char *text = block_text(portres_reservation_protocol(reservation), &range,
				portres_reservation_name(reservation), process);

	free(process);
	return text;
}

/* acquired: the user acquired it; else the user is shown among the grantees. */
static void put_user(struct record *record, const uid_t *uid, bool acquired)
{
	char *text = uid ? user_text(*uid) : NULL;

	if (uid)
		put_number(record, "owner", NULL, 0, *uid);
	else
		put_text(record, "owner", NULL, 0, NULL);
	put_text(record, "user", NULL, 0, text);
	put_text(record, NULL, "user", IN_TABLE | IN_DETAIL | IN_WORDS, acquired ? text : NULL);
	free(text);
}

/* A number for JSON, null where it is not known. */
static void put_known(struct record *record, const char *key, bool known, uint64_t value)
{
	if (known)
		put_number(record, key, NULL, 0, value);
	else
		put_text(record, key, NULL, 0, NULL);
}

void put_unit(struct record *record, const struct unit *unit)
{
	char *text = unit ? unit_text(unit) : NULL;

	put_text(record, NULL, "unit", IN_WORDS, text);
	put_text(record, "unit", NULL, 0, unit ? unit->name : NULL);
	put_known(record, "of", unit && unit->has_user, unit ? unit->user : 0);
	free(text);
}

static void put_block(struct record *record, uint8_t protocol, const struct range *range)
{
	char *ports = record->use == FOR_JSON ? NULL : range_text(range->first, range->count);

	put_text(record, "protocol", "proto", IN_TABLE | IN_WORDS | BARE,
		 portres_protocol_word(protocol));
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

/* The process that acquired a runtime reservation. */
static void put_process(struct record *record, const struct portres_reservation *reservation)
{
	char *shown = record->use == FOR_JSON ? NULL : reservation_process(reservation);
	uint64_t start = 0;
	pid_t process = 0;
	bool known;

	put_text(record, NULL, "process", IN_TABLE | IN_DETAIL | IN_WORDS, shown);
	put_flag(record, "runtime", portres_reservation_runtime(reservation));
	known = portres_reservation_process(reservation, &process) == 0;
	put_known(record, "process", known, (uint64_t)process);
	known = portres_reservation_process_start(reservation, &start) == 0;
	put_known(record, "process_start", known, start);
	put_text(record, "command", NULL, 0, portres_reservation_command(reservation));
	free(shown);
}

void describe_end(struct record *record, const struct portres_reservation *reservation)
{
	const char *command = portres_reservation_by_command(reservation);
	bool told = false;
	pid_t process = 0;
	char *user;
	char *by;
	uid_t uid;

	if (portres_reservation_by_user(reservation, &uid) == 0) {
		told = portres_reservation_by_process(reservation, &process) == 0;
		by = process_text(command, told ? process : 0);
		user = user_text(uid);
		put_text(record, NULL, "by", IN_WORDS, by);
		put_number(record, "by_uid", NULL, 0, uid);
		put_text(record, "by_user", "as", IN_WORDS, user);
		free(user);
		free(by);
	} else {
		put_text(record, "by_uid", NULL, 0, NULL);
		put_text(record, "by_user", NULL, 0, NULL);
	}
	put_known(record, "by_process", told, (uint64_t)process);
	put_text(record, "by_command", NULL, 0, command);
}

void describe(struct record *record, const struct portres_reservation *reservation)
{
	struct range range = reservation_range(reservation);
	bool has_owner;
	uint64_t token;
	uid_t owner;

	has_owner = portres_reservation_owner(reservation, &owner) == 0;
	put_block(record, portres_reservation_protocol(reservation), &range);
	put_number(record, "sockets", "sockets", IN_TABLE | IN_DETAIL,
		   portres_reservation_sockets(reservation));
	put_number(record, "refused", "refused", IN_TABLE | IN_DETAIL,
		   portres_reservation_refused(reservation));
	put_number(record, "avoided", "avoided", IN_TABLE | IN_DETAIL,
		   portres_reservation_avoided(reservation));
	put_user(record, has_owner ? &owner : NULL, portres_reservation_runtime(reservation));
	put_process(record, reservation);
	put_grants(record, reservation_grant_at, reservation,
		   portres_reservation_tree(reservation) ? "descendants" : NULL);
	put_flag(record, "tree", portres_reservation_tree(reservation));
	put_name(record, portres_reservation_name(reservation));
	if (portres_reservation_token(reservation, &token) == 0)
		put_token(record, "token", "token", IN_DETAIL | IN_WORDS, token);
	else
		put_text(record, "token", "token", IN_DETAIL | IN_WORDS, NULL);
}

void describe_entry(struct record *record, const struct portres_entry *entry)
{
	struct range range = entry_range(entry);
	uid_t owner;

	if (portres_entry_error(entry))
		return;
	put_block(record, portres_entry_protocol(entry), &range);
	put_user(record, portres_entry_owner(entry, &owner) == 0 ? &owner : NULL, false);
	put_grants(record, entry_grant_at, entry, NULL);
	put_flag(record, "adopt", portres_entry_adopt(entry));
	put_name(record, portres_entry_name(entry));
}

static void describe_socket(struct record *record, const struct bound_socket *socket)
{
	char *address = socket_address(socket);
	char *peer = socket_peer(socket);
	char *holder = socket_holder(socket);
	char *by = format_text("by %s", holder);

	put_text(record, "address", "address", IN_WORDS | BARE, address);
	put_number(record, "port", NULL, 0, socket->port);
	put_text(record, "state", "state", IN_WORDS | BARE, socket_state(socket));
	put_text(record, "peer", "to", IN_WORDS, peer);
	put_text(record, NULL, "by", IN_WORDS | BARE, by);
	put_number(record, "uid", NULL, 0, socket->uid);
	put_known(record, "pid", socket->pid, (uint64_t)socket->pid);
	put_text(record, "command", NULL, 0, socket->pid ? socket->command : NULL);
	put_text(record, "holder", NULL, 0, holder);
	free(address);
	free(peer);
	free(holder);
	free(by);
}

void describe_bound(struct record *record, const struct portres_reservation *reservation)
{
	struct range range = reservation_range(reservation);
	struct records bound = { 0 };
	struct socket_list list;
	size_t i;

	sockets_find(portres_reservation_protocol(reservation), &range, &list);
	sockets_drop_accepted(&list);
	for (i = 0; i < list.count; i++)
		describe_socket(records_add(&bound), &list.items[i]);
	sockets_free(&list);
	put_list(record, "bound", "bound", IN_DETAIL, &bound);
}
