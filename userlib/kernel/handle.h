/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The handle of the library. */
#ifndef PORTRES_HANDLE_H
#define PORTRES_HANDLE_H

#include <portres/portres.h>

#include "error.h"
#include "netns.h"

struct portres_link;

struct portres {
	struct portres_link *link;
	struct portres_netns netns;
	char *root;	/* prefix of the names of all files, or NULL */
	char *place;	/* last result of portres_store_path() */
	int timeout;	/* of retries, see portres_set_timeout() */
	char text[PORTRES_TEXT_MAX];
};

#endif /* PORTRES_HANDLE_H */
