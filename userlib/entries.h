/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What stands in the files: entries, each from one line of the store or of declarations. */
#ifndef PORTRES_ENTRIES_H
#define PORTRES_ENTRIES_H

#include "files.h"
#include "words.h"

struct portres_entry {
	char *file;
	unsigned int line;	/* 0: the file itself is at fault */
	bool stored;
	int error;		/* if it makes no sense, with why */
	char *why;
	struct portres_spec spec;
	char name[PORTRES_NAME_MAX + 1];
};

struct portres_entries {
	struct portres *handle;
	struct portres_entry *items;
	size_t count;
	size_t room;
	const char *file;	/* that is being read, as people know it */
	bool stored;
	bool users;		/* whether names of users are looked up */
};

/* These return 0, or an error that ends everything: no memory. */
int portres_entries_read_file(struct portres_entries *entries, int fd, const char *file);
int portres_entries_read_text(struct portres_entries *entries, char *text, size_t len);
int portres_entries_read_store(struct portres_entries *entries,
			       const struct portres_home *home);
int portres_entries_read_declared(struct portres_entries *entries,
				  const struct portres_home *home);

/* Adds an entry that says what is wrong with the file that is read. */
int portres_entries_fault(struct portres_entries *entries, unsigned int line, int error,
			  const char *why);

void portres_entries_free(struct portres_entries *entries);

#endif /* PORTRES_ENTRIES_H */
