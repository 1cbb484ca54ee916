// SPDX-License-Identifier: GPL-2.0-only
/* Output and notes of the commands that create or change a reservation. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "describe.h"
#include "kernel/protocol.h"
#include "message.h"
#include "output.h"
#include "report.h"
#include "sockets.h"
#include "text.h"

/* Delay before the note that says what the command waits for. */
#define SILENT_MILLISECONDS 2000

/* Whether the reservation outlives the network namespace. */
static bool has_store(struct portres *handle)
{
	const char *path;

	return portres_store_path(handle, &path) || path;
}

void print_reservation(struct portres *handle, const struct portres_reservation *reservation,
		       bool json)
{
	struct records records = { 0 };
	struct record *record = records_add(&records);

	describe(record, reservation);
	put_flag(record, "kept", has_store(handle));
	print_line(record, json);
	print_flush();
	records_free(&records);
}

int print_block(struct portres *handle, uint8_t protocol, const struct range *range, bool json)
{
	struct portres_reservation *found[PORTRES_HALVES];
	uint8_t halves[PORTRES_HALVES];
	unsigned int count = portres_protocol_halves(protocol, halves);
	unsigned int got;
	int error = 0;

	for (got = 0; !error && got < count; got++)
		error = portres_get_block(handle, halves[got], range->first, range->count,
					  &found[got]);
	got -= error != 0;
	/* UDP first, as in a list. */
	while (got) {
		if (!error)
			print_reservation(handle, found[got - 1], json);
		portres_reservation_free(found[--got]);
	}
	return error;
}

/* The token is that of one of the protocols. */
static int print_token(struct portres *handle, uint8_t protocol, uint64_t token, bool json)
{
	struct portres_reservation *found;
	struct range range;
	int error = portres_get_token(handle, token, &found);

	if (error)
		return error;
	range = reservation_range(found);
	if (protocol != PORTRES_BOTH)
		print_reservation(handle, found, json);
	portres_reservation_free(found);
	return protocol == PORTRES_BOTH ? print_block(handle, protocol, &range, json) : 0;
}

void report_reservation(struct portres *handle, uint8_t protocol, uint64_t token, bool json)
{
	if (print_token(handle, protocol, token, json))
		print_note("the reservation is made but cannot be read back: %s; check with "
			   "\"portres show\"",
			   portres_error(handle));
	/* Print it even if the reservation cannot be read back. */
	if (!has_store(handle))
		print_note("this network namespace has no name: the reservation ends with it");
}

void note_adopted(uint8_t protocol, const struct range *range)
{
	struct socket_list list;
	size_t i;

	sockets_find(protocol, range, &list);
	sockets_drop_accepted(&list);
	for (i = 0; i < list.count; i++) {
		char *address = socket_address(&list.items[i]);
		char *holder = socket_holder(&list.items[i]);
		char *safe = safe_text(holder);

		/* What no process has open ends by itself. */
		if (list.items[i].inode)
			print_note("%s stays with %s until that closes the socket", address, safe);
		free(address);
		free(holder);
		free(safe);
	}
	sockets_free(&list);
}

struct declared {
	uint8_t protocol;
	const struct range *range;
	struct portres *handle;
	const char *consequence;
};

static int note_if_declared(const struct portres_entry *entry, void *arg)
{
	struct range range = entry_range(entry);
	const struct declared *declared = arg;
	char *place;

	if (portres_entry_error(entry) || portres_entry_protocol(entry) != declared->protocol ||
	    range.first != declared->range->first || range.count != declared->range->count)
		return 0;
	if (entry_is_stored(declared->handle, entry))
		return 0;
	place = entry_location(entry);
	print_note("the block is declared in %s: the next restore or boot %s", place,
		   declared->consequence);
	free(place);
	return 1;
}

bool note_declared(struct portres *handle, uint8_t protocol, const struct range *range,
		   const char *consequence)
{
	struct declared declared = { .protocol = protocol, .range = range, .handle = handle,
				     .consequence = consequence };

	return portres_for_each_entry(handle, note_if_declared, &declared) > 0;
}

int run_with_note(struct portres *handle, patient_fn *run, void *arg)
{
	char *reason;
	int error;

	portres_set_timeout(handle, SILENT_MILLISECONDS);
	error = run(handle, arg);
	if (error != -EAGAIN)
		return error;
	reason = safe_text(portres_error(handle));
	print_note("waiting until it can be done or is interrupted: %s", reason);
	free(reason);
	portres_set_timeout(handle, -1);
	return run(handle, arg);
}
