/* SPDX-License-Identifier: GPL-2.0-only */
/* Reservations, entries and bound sockets as records and as texts. */
#ifndef PORTRES_DESCRIBE_H
#define PORTRES_DESCRIBE_H

#include <portres/portres.h>

#include "cgroup.h"
#include "range.h"
#include "record.h"

/* Adds all facts about a reservation to a record. */
void describe(struct record *record, const struct portres_reservation *reservation);

/* The same for an entry of a file. */
void describe_entry(struct record *record, const struct portres_entry *entry);

/* Adds the sockets that are bound to ports of its block. */
void describe_bound(struct record *record, const struct portres_reservation *reservation);

/* "named[812]"; "?" for an unknown command (NULL, "") or process (0). To be freed. */
char *process_text(const char *command, pid_t process);

/*
 * Adds the unit of a process, NULL: none is known; in JSON its user is apart, as in a grant. It has
 * the label "unit" in words.
 */
void put_unit(struct record *record, const struct unit *unit);

struct range reservation_range(const struct portres_reservation *reservation);

/* Adds the user and process that deleted or released it, as far as an event reports them. */
void describe_end(struct record *record, const struct portres_reservation *reservation);

/*
 * "named[812]" for a runtime reservation, not escaped; "?" if the kernel does not report the
 * process to the caller. NULL for a persistent reservation. To be freed.
 */
char *reservation_process(const struct portres_reservation *reservation);

/* The same for a message: "a process of alice" if only the user is known. */
char *reservation_acquirer(const struct portres_reservation *reservation);

/*
 * "udp 5005-5014 (asterisk)", or of a runtime one "udp 5005-5014 (acquired by named[812])";
 * safe to print. To be freed.
 */
char *reservation_text(const struct portres_reservation *reservation);

/*
 * The same for a block with a name (or NULL), acquired by process (NULL: persistent). To be freed.
 */
char *block_text(uint8_t protocol, const struct range *range, const char *name,
		 const char *process);

struct range entry_range(const struct portres_entry *entry);

/* "FILE:LINE", or "FILE" if line is 0, safe to print. To be freed. */
char *location_text(const char *file, unsigned int line);
char *entry_location(const struct portres_entry *entry);

/* Whether its file is in the store of the network namespace. */
bool entry_is_stored(struct portres *handle, const struct portres_entry *entry);

#endif /* PORTRES_DESCRIBE_H */
