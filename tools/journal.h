/* SPDX-License-Identifier: GPL-2.0-only */
/* Entries of the journal of systemd, by its native protocol. */
#ifndef PORTRES_JOURNAL_H
#define PORTRES_JOURNAL_H

#include "record.h"

/* Returns a socket, or -1 with errno. */
int journal_open(void);

/*
 * Sends an entry with a message, and each fact of the record that has a key as the field
 * PORTRES_KEY. Returns 0, or -1 with errno.
 */
int journal_send(int fd, const char *message, const struct record *record);

/* The entry as it is sent: *len bytes, to be freed. */
char *journal_entry(const char *message, const struct record *record, size_t *len);

#endif /* PORTRES_JOURNAL_H */
