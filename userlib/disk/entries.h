/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Entries: lines of the store and of declarations, and what is wrong with them. */
#ifndef PORTRES_ENTRIES_H
#define PORTRES_ENTRIES_H

#include "kernel/handle.h"
#include "kernel/reservation.h"
#include "words.h"

struct portres_entry {
	char *file;
	unsigned int line;	/* 0: the error is about the file as a whole */
	bool stored;
	int error;		/* of an invalid entry; 0 with a reason: ignored */
	char *reason;
	struct portres_spec spec;
	uint16_t was_first;	/* the block that this one was to replace */
	uint16_t was_count;	/* 0: none */
	char name[PORTRES_NAME_MAX + 1];
};

struct portres_entries {
	struct portres *handle;
	struct portres_entry *items;
	size_t count;
	size_t room;
	const char *file;	/* that is being read, for display */
	bool stored;
	bool users;		/* look up names of users */
};

/* These return 0 or -ENOMEM. Any other error becomes an entry. */
int portres_entries_read_file(struct portres_entries *entries, int fd, const char *file);
int portres_entries_read_stream(struct portres_entries *entries, const char *path);
int portres_entries_read_text(struct portres_entries *entries, char *text, size_t len);

/* Adds an entry with an error of the file that is being read. */
int portres_entries_add_error(struct portres_entries *entries, unsigned int line, int error,
			      const char *reason);

/* Frees what belongs to an entry. */
void portres_entry_clear(struct portres_entry *entry);

/* Removes the last entries, so that count are left. */
void portres_entries_truncate(struct portres_entries *entries, size_t count);

void portres_entries_free(struct portres_entries *entries);

#endif /* PORTRES_ENTRIES_H */
