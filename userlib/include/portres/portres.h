/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libportres: reserve blocks of UDP and TCP ports and use them. libportres(3) explains it
 * with examples; <linux/portres.h> describes the interface of the kernel.
 *
 * Numbers are in host byte order. Functions that return an int return 0, or an
 * errno with a minus sign:
 *
 *   -EPERM            the caller lacks CAP_NET_ADMIN over the network namespace
 *   -EINVAL, -ERANGE  a value is invalid; the error message names it
 *   -EPROTONOSUPPORT  a protocol other than UDP and TCP; or TCP, and the module knows UDP alone
 *   -EEXIST           the block overlaps an existing reservation
 *   -EADDRINUSE       a port of the block is in use by a socket: bound, or of TCP also listening,
 *                     connected or in TIME_WAIT; the error message says which
 *   -EBUSY            the block is one half of a reservation in PORTRES_BOTH
 *   -E2BIG            more than PORTRES_GRANTS_MAX grants, or more than
 *                     PORTRES_GRANTS_TEXT_MAX bytes of text in them
 *   -ESRCH            the process cannot be seen from here
 *   -ENOENT           no such reservation
 *   -ENOSYS           the kernel has no portres: the module is not loaded
 *   -EOPNOTSUPP       the module does not support the command
 *   -EAGAIN           not possible within the time limit of portres_set_timeout(), as the module
 *                     was just loaded or reservations change; the error message says which
 *   -EINTR            a fatal signal ended a wait in the kernel
 *   -EPROTO           a reply of the kernel is invalid
 *   -ENOMEM, -ENOBUFS, -EMFILE, -ENFILE   no memory, too many open files
 *   -ENOSPC, -EDQUOT, -EROFS, -EACCES, -EIO   the store cannot be read or changed; the error
 *                     message names the file
 *
 * Only one thread at a time may use a handle and what belongs to it. Threads with a
 * handle each are independent. A handle works with the network namespace in which it
 * was opened.
 */
#ifndef PORTRES_PORTRES_H
#define PORTRES_PORTRES_H

#include <linux/portres.h>
#include <portres/grants.h>
#include <portres/refusals.h>
#include <portres/socket.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

struct portres;
struct portres_spec;
struct portres_reservation;
struct portres_monitor;
struct portres_entry;

/*
 * A block in UDP and TCP: two reservations that are made, changed and deleted together or not at
 * all, with one entry in the store or in a file of declarations. One of the two alone cannot be
 * changed or deleted (-EBUSY). A crash between the two requests to the kernel that this takes can
 * leave one of them: the next creation, change or deletion by the library deletes it. In a network
 * namespace without a store they are two reservations, once they were made. The kernel does not
 * know this value: only the functions that create, change, delete and restore reservations take it.
 */
#define PORTRES_BOTH 255

/*
 * Opens a handle, which the caller closes. This needs neither a privilege nor the
 * module, which the first request needs. The library never loads the module.
 */
int portres_open(struct portres **handle);

/* Closes a handle, which may be NULL. */
void portres_close(struct portres *handle);

/*
 * Sets how long a call with the handle retries a request that fails with EAGAIN: because the module
 * was just loaded and a task that was in the kernel before has not left it yet, or because an
 * overlapping reservation is being created. 0: no retry; -1: no limit. The default is 10000, ten
 * seconds. A try may take 50 ms itself. After the time limit, or when a signal handler has run
 * between two tries, the call fails with -EAGAIN and the error message of the kernel.
 */
void portres_set_timeout(struct portres *handle, int milliseconds);

/*
 * Returns the error message of the last call with the handle: the text of the kernel,
 * prefixed with the name of the invalid value ("count: integer out of range"), or that
 * of portres_strerror(). The handle owns it; the next call with it overwrites it.
 */
const char *portres_error(const struct portres *handle);

/* Returns a description of an error that a function of this library has returned. */
const char *portres_strerror(int error);

/*
 * Specifies a reservation: count ports from first on, of a protocol (IPPROTO_UDP, IPPROTO_TCP or
 * PORTRES_BOTH). The caller frees it. NULL: no memory. The kernel checks the values when the
 * reservation is created.
 */
struct portres_spec *portres_spec_new(uint8_t protocol, uint16_t first, uint16_t count);
void portres_spec_free(struct portres_spec *spec);

/*
 * Sets a name for display, up to PORTRES_NAME_MAX bytes, which is copied. NULL: no name.
 * Returns -EINVAL if it is too long.
 */
int portres_spec_set_name(struct portres_spec *spec, const char *name);

/* One user grant, the first one; a second call replaces the user. See portres_spec_grant_user(). */
int portres_spec_set_owner(struct portres_spec *spec, uid_t owner);

/*
 * Sets whether ports may be in use: their sockets keep them, and no other socket gets one from then
 * on. It is stored, so that the reservation can be restored while ports are in use.
 */
int portres_spec_set_adopt(struct portres_spec *spec, int adopt);

/*
 * Creates a persistent reservation. Its token is stored in *token, unless that is
 * NULL; on failure *token is not touched, and nothing is reserved. In PORTRES_BOTH the
 * token is that of UDP; portres_get_block() has that of TCP.
 *
 * On success it is on the disk, unless the namespace has no name: see portres_store_path().
 */
int portres_create(struct portres *handle, const struct portres_spec *spec, uint64_t *token);

/* The parts of a spec that portres_set() uses. */
enum portres_set {
	PORTRES_SET_NAME = 1,	/* without a name in the spec: removes the name */
	PORTRES_SET_GRANTS = 2,	/* without grants in the spec: removes all grants */
	PORTRES_SET_BLOCK = 4,
	PORTRES_SET_ADOPT = 8	/* counts at the next restore */
};

/*
 * Changes the persistent reservation of exactly that block. what has the PORTRES_SET_ bits of the
 * parts of the spec to use; all else stays, also the token, associations and the number of refused
 * binds. The new block overlaps the old one; a port of both is reserved at every moment. On success
 * the change is on the disk as well, unless the reservation is declared in a file and not
 * stored. On failure nothing is changed. Errors are those of portres_create(), and
 *
 *   -ENOENT      no persistent reservation of exactly that block
 *   -EBUSY       one half of a reservation in PORTRES_BOTH
 *   -EOPNOTSUPP  the module does not know grants
 */
int portres_set(struct portres *handle, uint8_t protocol, uint16_t first, uint16_t count,
		const struct portres_spec *to, unsigned int what);

/*
 * Creates a persistent reservation, or changes the one of exactly that block to what the spec says:
 * a name or grants that the spec lacks are removed. *made, unless NULL, is set to 1 if the
 * reservation was created, else to 0.
 */
int portres_replace(struct portres *handle, const struct portres_spec *spec, uint64_t *token,
		    int *made);

/*
 * Deletes a persistent reservation of exactly this block from the kernel and the disk. Fails with
 * -ENOENT for a runtime reservation. Also deletes a reservation that is on the disk but could not
 * be restored. Fails with -EBUSY for one half of a reservation in PORTRES_BOTH, and with -ENOENT in
 * PORTRES_BOTH for two reservations with an entry for each.
 */
int portres_delete(struct portres *handle, uint8_t protocol, uint16_t first, uint16_t count);

/*
 * Deletes a runtime reservation of exactly this block, without consent of its process. Bound
 * sockets keep their ports; associated sockets report PORTRES_ASSOCIATION_GONE. Fails with -ENOENT
 * for a persistent reservation.
 */
int portres_delete_runtime(struct portres *handle, uint8_t protocol, uint16_t first,
			   uint16_t count);

/*
 * Returns the directory of the store of the handle's network namespace. *path is NULL for a
 * namespace that is neither the system namespace nor has a name: its reservations end with it.
 * The handle owns the path; the next call of this function frees it.
 */
int portres_store_path(struct portres *handle, const char **path);

/*
 * Uses all files below root, as if it were /: the store, the declarations, the users in
 * etc/passwd. The path is copied. NULL: no root.
 */
int portres_set_root(struct portres *handle, const char *root);

/*
 * Look up one reservation: by its exact block, by a port inside it, or by its token.
 * The caller frees the result.
 */
int portres_get_block(struct portres *handle, uint8_t protocol, uint16_t first,
		      uint16_t count, struct portres_reservation **reservation);
int portres_get_port(struct portres *handle, uint8_t protocol, uint16_t port,
		     struct portres_reservation **reservation);
int portres_get_token(struct portres *handle, uint64_t token,
		      struct portres_reservation **reservation);
void portres_reservation_free(struct portres_reservation *reservation);

/*
 * Calls visit for each reservation in ascending order of ports, of the same first port UDP before
 * TCP, until it returns nonzero, and returns that. The list is a consistent snapshot from before
 * the first call; visit may use the handle. A reservation is valid until visit returns.
 */
typedef int portres_visit_fn(const struct portres_reservation *reservation, void *arg);
int portres_for_each(struct portres *handle, portres_visit_fn *visit, void *arg);

/* The properties of a reservation. */
uint8_t portres_reservation_protocol(const struct portres_reservation *reservation);
uint16_t portres_reservation_first(const struct portres_reservation *reservation);
uint16_t portres_reservation_count(const struct portres_reservation *reservation);

/* Its name, or NULL. It may contain any bytes: escape it for a terminal. */
const char *portres_reservation_name(const struct portres_reservation *reservation);

/* Its first user grant, or the user that acquired it at runtime; -ENOENT if there is none. */
int portres_reservation_owner(const struct portres_reservation *reservation, uid_t *owner);

/* Its token; -EACCES if the kernel did not report it, as the caller may not use it. */
int portres_reservation_token(const struct portres_reservation *reservation,
			      uint64_t *token);

/*
 * portres_reservation_runtime() returns 1 for a runtime reservation, 0 for a persistent one. The
 * other functions return the process that acquired a runtime reservation, its command at that
 * time, and its start time in nanoseconds of CLOCK_BOOTTIME. The process may have ended since, if
 * another one has the socket; a process of the same number with another start time is another
 * process. The kernel reports them to the user of the process and to callers with CAP_NET_ADMIN.
 * A monitor reports the number in the pid namespace of the process. The command may contain any
 * bytes.
 *
 *   -ENOENT, NULL  a persistent reservation
 *   -EACCES, NULL  not reported to the caller
 *   -ESRCH         the process has no number in this pid namespace
 */
int portres_reservation_runtime(const struct portres_reservation *reservation);
int portres_reservation_process(const struct portres_reservation *reservation,
				pid_t *process);
const char *portres_reservation_command(const struct portres_reservation *reservation);
int portres_reservation_process_start(const struct portres_reservation *reservation,
				      uint64_t *nanoseconds);

/* Whether the descendants of the process may bind in it, 1 or 0: see portres_acquire_tree(). */
int portres_reservation_tree(const struct portres_reservation *reservation);

/*
 * The block before the change, with PORTRES_EVENT_CHANGED; may be the same. -ENOENT: not reported.
 */
int portres_reservation_was(const struct portres_reservation *reservation, uint16_t *first,
			    uint16_t *count);

/*
 * The user and the process that deleted or released a reservation, with PORTRES_EVENT_DELETED, for
 * a monitor with CAP_NET_ADMIN. The number is that in the pid namespace of the process; the command
 * may contain any bytes. -ENOENT, NULL: not reported, or the reservation ended with its holder
 * socket. -ESRCH: the process had ended before the notification.
 */
int portres_reservation_by_user(const struct portres_reservation *reservation, uid_t *user);
int portres_reservation_by_process(const struct portres_reservation *reservation,
				   pid_t *process);
const char *portres_reservation_by_command(const struct portres_reservation *reservation);

/*
 * The number of refused binds; of automatic selections of a port that would have taken one of the
 * block first, 0 if the module does not count them; and of associated sockets.
 */
uint64_t portres_reservation_refused(const struct portres_reservation *reservation);
uint64_t portres_reservation_avoided(const struct portres_reservation *reservation);
uint32_t portres_reservation_sockets(const struct portres_reservation *reservation);

/*
 * Calls visit for each entry of the handle's network namespace: first stored ones in ascending
 * order of ports, then declared ones in the order of portres.conf(5), until visit returns nonzero,
 * and returns that. Invalid lines and files are entries with an error, as are files that users
 * other than root and the caller can have written. visit may use the handle. An entry is valid
 * until visit returns. The reservations in the kernel do not matter.
 */
typedef int portres_entry_fn(const struct portres_entry *entry, void *arg);
int portres_for_each_entry(struct portres *handle, portres_entry_fn *visit, void *arg);

/*
 * The same for one file of declarations, a pipe or a device; "-" is standard input. The file is
 * read to its end. A FIFO that no process opens for writing within some seconds is an entry with an
 * error. Names of users are not looked up: such an entry has no owner.
 */
int portres_check_file(struct portres *handle, const char *path, portres_entry_fn *visit,
		       void *arg);

/*
 * Restores an entry, with a handle of its network namespace. An active reservation of that block
 * with another name or other grants is changed to what the entry says, as by portres_set(); so is
 * one of the block that an interrupted change was to replace. *made, unless NULL, is set to an enum
 * portres_restored. Writes nothing to the disk.
 *   -EINVAL  the entry is invalid
 *   -EEXIST  it overlaps another reservation, persistent or runtime
 */
enum portres_restored {
	PORTRES_STOOD = 0,
	PORTRES_MADE = 1,
	PORTRES_CHANGED = 2
};

int portres_restore(struct portres *handle, const struct portres_entry *entry, int *made);

/* Its location; line 0: the file as a whole. */
const char *portres_entry_file(const struct portres_entry *entry);
unsigned int portres_entry_line(const struct portres_entry *entry);

/* Why it is invalid, or NULL. It may contain any bytes. The other properties are 0 then. */
const char *portres_entry_error(const struct portres_entry *entry);

/*
 * Returns 1 for a file in the directory of the store that is no part of it, as lost+found: an entry
 * with a portres_entry_error() that is no failure. portres_restore() returns 0 for it. Else 0.
 */
int portres_entry_ignored(const struct portres_entry *entry);

/* The specified reservation; -ENOENT: no owner, NULL: no name. The protocol may be PORTRES_BOTH. */
uint8_t portres_entry_protocol(const struct portres_entry *entry);
uint16_t portres_entry_first(const struct portres_entry *entry);
uint16_t portres_entry_count(const struct portres_entry *entry);
const char *portres_entry_name(const struct portres_entry *entry);
int portres_entry_owner(const struct portres_entry *entry, uid_t *owner);

/* Whether ports may be in use, 1 or 0. */
int portres_entry_adopt(const struct portres_entry *entry);

/*
 * A monitor receives an event for each reservation that is created, changed or removed, from the
 * time when it is opened, in the network namespace of the calling thread: open it first,
 * then list the reservations. handle only gets the error message if opening fails. Any
 * user may open a monitor; with CAP_NET_ADMIN over the namespace it also reports processes, and
 * after portres_monitor_refusals() refused binds.
 */
int portres_monitor_open(struct portres *handle, struct portres_monitor **monitor);
void portres_monitor_close(struct portres_monitor *monitor);

/* A descriptor to poll for input; with input, call portres_monitor_receive(). */
int portres_monitor_fd(const struct portres_monitor *monitor);

/*
 * PORTRES_EVENT_MISSED: notifications were lost, list again. PORTRES_EVENT_CHANGED: name, grants or
 * block were changed; the reservation is described as it is after the change.
 */
enum portres_event {
	PORTRES_EVENT_CREATED = 1,
	PORTRES_EVENT_DELETED = 2,
	PORTRES_EVENT_MISSED = 3,
	PORTRES_EVENT_CHANGED = 4
};

/*
 * Calls tell for each queued event, and does not wait for more. The reservation (NULL
 * with PORTRES_EVENT_MISSED) is valid until tell returns. It has no token.
 */
typedef void portres_event_fn(enum portres_event event,
			      const struct portres_reservation *reservation, void *arg);
int portres_monitor_receive(struct portres_monitor *monitor, portres_event_fn *tell,
			    void *arg);

/* The error message of the last call with the monitor. */
const char *portres_monitor_error(const struct portres_monitor *monitor);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif /* PORTRES_PORTRES_H */
