/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The store of one network namespace: a directory with a file for each reservation.
 *
 *   udp-5000-5009        a reservation; its one line is as in portres.conf(5)
 *   .new-udp-5000-5009   one that is being written
 *   .old-udp-5000-5009   one that is being forgotten or replaced
 *   .lock                held from before the kernel is asked until the disk agrees
 *   netns/NAME/          in the machine's: the stores of named namespaces
 *
 * A file gets its name only when its content is on the disk, and what begins with a dot does not
 * count; so at no instant there is anything to repair. Errors are negative errnos that cannot
 * be taken for the kernel's, with a text that names the file.
 */
#ifndef PORTRES_STORE_H
#define PORTRES_STORE_H

#include "netns.h"

struct portres_store {
	struct portres *handle;
	char *path;	/* without the root */
	int dir;
	int lock;	/* -1: nobody can write, so nobody locks */
};

#define PORTRES_LOCK ".lock"
#define PORTRES_NEW ".new-"
#define PORTRES_OLD ".old-"

/* Where the store of a namespace is, without the root. NULL: no memory. To be freed. */
char *portres_store_directory(const struct portres_home *home);

/* What the disk says in a form that cannot be taken for a word of the kernel module. */
int portres_disk_error(int error);

/* ".new-udp-65535-65535" and more than that */
#define PORTRES_STORED_MAX 32
typedef char portres_stored_name[PORTRES_STORED_MAX];

/* The prefix is PORTRES_NEW, PORTRES_OLD, or empty. */
void portres_stored_name_of(portres_stored_name name, const char *prefix, uint16_t first,
			    uint16_t count);

/* Whether it is the name of a stored reservation. */
bool portres_stored_block(const char *name, uint16_t *first, uint16_t *count);

/* Whether a file is what a crash can leave. */
bool portres_stored_leftover(const char *name);

/* Whether a file belongs to the store without being a reservation. */
bool portres_stored_aside(const char *name, const struct portres_home *home);

/* Opens and locks the store, and makes it if there is none. */
int portres_store_open(struct portres *handle, const struct portres_home *home,
		       struct portres_store *store);

/* The same, but leaves a disk alone that cannot be written. -ENOENT: there is no store. */
int portres_store_open_old(struct portres *handle, const struct portres_home *home,
			   struct portres_store *store);
void portres_store_close(struct portres_store *store);

/* 1, 0, or an error */
int portres_store_has(const struct portres_store *store, uint16_t first, uint16_t count);

/*
 * Calls visit for each reservation that shares a port with the block, and removes what a crash
 * has left. What visit returns ends it, if that is not 0.
 */
typedef int portres_stored_fn(uint16_t first, uint16_t count, void *arg);
int portres_store_overlaps(const struct portres_store *store, uint16_t first, uint16_t count,
			   portres_stored_fn *visit, void *arg);

/* Writes a reservation, in the place of one of the same block. On failure all is as before. */
int portres_store_put(const struct portres_store *store, const struct portres_spec *spec);

/* Forgets a reservation that it has. Until it is dropped it can be brought back. */
int portres_store_forget(const struct portres_store *store, uint16_t first, uint16_t count);
int portres_store_bring_back(const struct portres_store *store, uint16_t first,
			     uint16_t count);
void portres_store_drop(const struct portres_store *store, uint16_t first, uint16_t count);

#endif /* PORTRES_STORE_H */
