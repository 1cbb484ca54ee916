/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The store of one network namespace: a directory with a file for each reservation.
 *
 *   udp-5000-5009        a reservation; its one line is as in portres.conf(5)
 *                        "was 5005-5014" in it: replaces that one
 *   tcp-7000-7010        the same for TCP
 *   both-5060-5060       two reservations, one in each protocol, with one entry
 *   .add-both-5060-5060  the two are being created: a crash can leave one of them in the kernel
 *   .new-udp-5000-5009   one that is being written
 *   .old-udp-5000-5009   one that is being deleted or replaced
 *   .lock                locked from before the request to the kernel until the disk is flushed
 *   netns/NAME/          in the store of the system namespace: stores of named namespaces
 *
 * A file gets its final name after its content is on the disk, and names that begin with a dot are
 * ignored; so a crash leaves nothing to repair, but for one half of a reservation in both
 * protocols, which the next opening for a change deletes. Errors are negative errnos that are never
 * mistaken for those of the kernel module, with a message that names the file.
 */
#ifndef PORTRES_STORE_H
#define PORTRES_STORE_H

#include "home.h"
#include "kernel/reservation.h"

struct portres_store {
	struct portres *handle;
	char *path;	/* without the root */
	int dir;
	int lock;	/* -1: the disk is read-only, no lock needed */
};

#define PORTRES_LOCK ".lock"
#define PORTRES_EXPORTED ".exported"	/* what the command keeps there, no part of the store */
#define PORTRES_NEW ".new-"
#define PORTRES_OLD ".old-"
#define PORTRES_ADD ".add-"

/* The directory of the store of a namespace, without the root; to be freed. NULL: no memory. */
char *portres_store_directory(const struct portres_home *home);

/* Maps an errno of the disk to one that the kernel module does not return. */
int portres_disk_error(int error);

/* More than the size of ".new-both-65535-65535". */
#define PORTRES_STORED_MAX 32
typedef char portres_stored_name[PORTRES_STORED_MAX];

/* The prefix is PORTRES_NEW, PORTRES_OLD, PORTRES_ADD, or empty. */
void portres_stored_name_format(portres_stored_name name, const char *prefix,
				const struct portres_block *block);

/* Parses the name of a stored reservation. Returns false for any other file. */
bool portres_stored_name_parse(const char *name, struct portres_block *block);

/*
 * Check whether a file may be left from a crash between the two requests to the kernel that a
 * creation or deletion in both protocols needs, and parses its block.
 */
bool portres_stored_is_unfinished(const char *name, struct portres_block *block);

/* Check whether a file may be left from a crash. */
bool portres_stored_is_leftover(const char *name);

/* Check whether a file belongs to the store but is no reservation. */
bool portres_stored_is_internal(const char *name, const struct portres_home *home);

/* Opens and locks the store; creates it if it is missing. */
int portres_store_open(struct portres *handle, const struct portres_home *home,
		       struct portres_store *store);

/* The same, but creates nothing, so that a read-only disk works. -ENOENT: no store. */
int portres_store_open_existing(struct portres *handle, const struct portres_home *home,
				struct portres_store *store);
void portres_store_close(struct portres_store *store);

/* Writes the message of an error of a file. Returns the error as one of the disk. */
int portres_store_error(const struct portres_store *store, const char *name, int error);

/* Check whether a block is stored: 1, 0, or an error. */
int portres_store_has(const struct portres_store *store, const struct portres_block *block);

/*
 * Calls visit for each reservation that shares a port with the block, until visit returns nonzero,
 * and returns that. Also removes files that are left from a crash.
 */
typedef int portres_stored_fn(const struct portres_block *block, void *arg);
int portres_store_overlaps(const struct portres_store *store, const struct portres_block *block,
			   portres_stored_fn *visit, void *arg);

/* Saves a reservation; replaces one of the same block. On failure nothing changes. */
int portres_store_put(const struct portres_store *store, const struct portres_spec *spec);

/*
 * Stages the creation of a reservation in both protocols, before the kernel is asked. Then end it.
 */
int portres_store_stage_add(const struct portres_store *store, const struct portres_block *block);
void portres_store_end_add(const struct portres_store *store, const struct portres_block *block);

/*
 * Saves a reservation that replaces another block, was. Both files exist afterwards, but readers
 * ignore that of was. Then commit the change, or abort it.
 */
int portres_store_stage_change(const struct portres_store *store, const struct portres_spec *spec,
			       const struct portres_spec *was);
void portres_store_commit_change(const struct portres_store *store,
				 const struct portres_spec *spec, const struct portres_spec *was);
int portres_store_abort_change(const struct portres_store *store, const struct portres_spec *spec);

/*
 * Reads a stored reservation. On success it is the only one in entries, which the caller frees. Any
 * error but -ENOMEM: the file is missing or invalid.
 */
struct portres_entries;
int portres_store_load(const struct portres_store *store, const struct portres_block *block,
		       struct portres_entries *entries);

/*
 * Completes changes of blocks that a crash interrupted, as far as the disk allows; and deletes a
 * half that a creation or deletion in both protocols has left in the kernel.
 */
void portres_store_recover(const struct portres_store *store, const struct portres_home *home);

/* Stages the deletion of a stored reservation. Then commit it, or abort it. */
int portres_store_stage_delete(const struct portres_store *store,
			       const struct portres_block *block);
int portres_store_abort_delete(const struct portres_store *store,
			       const struct portres_block *block);
void portres_store_commit_delete(const struct portres_store *store,
				 const struct portres_block *block);

#endif /* PORTRES_STORE_H */
