/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Listings of directories whose files are read one by one. */
#ifndef PORTRES_LISTING_H
#define PORTRES_LISTING_H

#include <dirent.h>
#include <stdbool.h>

#include "entries.h"

/* A directory with files to read. */
struct portres_source {
	const char *path;
	int fd;			/* negative: not open */
};

/* A file in a listing. */
struct portres_found {
	char *name;
	const struct portres_source *source;
};

struct portres_listing {
	struct portres_found *items;
	size_t count;
};

/* A file that is open, or the error of opening it. */
struct portres_opened {
	int fd;			/* or a negative errno */
	const char *file;	/* path for display */
	const char *name;
	portres_reason reason;	/* empty: the default text of the error */
};

/* Reads an open file and closes its descriptor. */
typedef int portres_opened_fn(struct portres_entries *entries, struct portres_opened *opened);

typedef bool portres_choose_fn(const struct dirent *entry);

/*
 * Adds the files for which choose returns true to the listing, except names that another directory
 * has added. An error of reading the directory becomes an entry.
 */
int portres_source_list(struct portres_entries *entries, struct portres_source *source,
			portres_choose_fn *choose, struct portres_listing *listing);
void portres_source_close(struct portres_source *source);

/* Opens each file of the listing and calls read_opened for it. */
int portres_listing_read(struct portres_entries *entries, const struct portres_listing *listing,
			 int flags, portres_opened_fn *read_opened);
void portres_listing_free(struct portres_listing *listing);

#endif /* PORTRES_LISTING_H */
