/* SPDX-License-Identifier: GPL-2.0-only */
/* Reservations, and those who are in their way, in words. */
#ifndef PORTRES_DESCRIBE_H
#define PORTRES_DESCRIBE_H

#include "command.h"
#include "output.h"
#include "parse.h"

/* Puts all that is known of a reservation into a record. */
void describe(struct record *record, const struct portres_reservation *reservation);

/* The same for an entry of a file. */
void describe_entry(struct record *record, const struct portres_entry *entry);

/* Adds the sockets that are bound in its block. */
void describe_bound(struct record *record, const struct portres_reservation *reservation);

struct range reservation_range(const struct portres_reservation *reservation);

/* "named[812]" for a runtime reservation, as it came; NULL for another. To be freed. */
char *reservation_process(const struct portres_reservation *reservation);

/*
 * "5005-5014 (asterisk)", or of a runtime reservation "5005-5014 (acquired by named[812])";
 * safe to print. To be freed.
 */
char *reservation_text(const struct portres_reservation *reservation);

/* Why the kernel refused to make or to end a reservation, and what to do about it. */
int refuse_add(struct portres *handle, const struct wish *wish, int error);
int refuse_del(struct portres *handle, const struct wish *wish, int error);

/* The same for anything else: privilege, a missing module, the kernel's own text. */
int refuse_error(int error, const char *text);

/* Opens a handle or says why not. */
bool open_handle(const struct call *call, struct portres **handle);

#endif /* PORTRES_DESCRIBE_H */
