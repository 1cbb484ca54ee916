/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libportres: reserve blocks of UDP ports and use them. libportres(3) explains it
 * with examples; <linux/portres.h> says what the kernel does.
 *
 * Numbers are in host byte order. Functions that return an int return 0, or an
 * errno with a minus sign:
 *
 *   -EPERM            only who has CAP_NET_ADMIN over the network namespace may do it
 *   -EINVAL, -ERANGE  the kernel does not accept a value; the text tells which
 *   -EPROTONOSUPPORT  a protocol other than UDP
 *   -EEXIST           the block overlaps a reservation that stands
 *   -EADDRINUSE       a port of the block is in use by a socket
 *   -ESRCH            the process cannot be seen from here
 *   -ENOENT           no such reservation
 *   -ENOSYS           the kernel has no portres: the module is not there
 *   -EOPNOTSUPP       the module does not know the command
 *   -EAGAIN           reservations change too fast to list them
 *   -EPROTO           an answer of the kernel cannot be understood
 *   -ENOMEM, -ENOBUFS, -EMFILE, -ENFILE   no memory, no more files
 *   -ENOSPC, -EDQUOT, -EROFS, -EACCES, -EIO   the disk refuses to keep or to forget a
 *                     reservation; the text names the file
 *
 * A handle and what belongs to it is used by one thread at a time; threads with
 * a handle each do not meet. A handle speaks to the network namespace in which
 * it was opened.
 */
#ifndef PORTRES_PORTRES_H
#define PORTRES_PORTRES_H

#include <linux/portres.h>
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
 * Opens a handle, to be closed by the caller. It needs neither privilege nor the
 * module: the first request looks for that, and the kernel then loads the
 * module if it is installed.
 */
int portres_open(struct portres **handle);

/* Closes a handle. NULL is fine. */
void portres_close(struct portres *handle);

/*
 * Tells in a sentence why the last call with the handle failed: the kernel's own
 * text with the name of the value at fault in front ("count: integer out of
 * range"), else that of portres_strerror(). It is the handle's, until the next
 * call with it.
 */
const char *portres_error(const struct portres *handle);

/* A sentence for an error that a function of this library has returned. */
const char *portres_strerror(int error);

/*
 * What is to be reserved: count ports from first on, of a protocol (IPPROTO_UDP).
 * To be freed by the caller; NULL if there is no memory. The kernel checks the
 * values when the reservation is made.
 */
struct portres_spec *portres_spec_new(uint8_t protocol, uint16_t first, uint16_t count);
void portres_spec_free(struct portres_spec *spec);

/*
 * A name for people, up to PORTRES_NAME_MAX bytes; it is copied. NULL: no name.
 * Returns -EINVAL if it is too long.
 */
int portres_spec_set_name(struct portres_spec *spec, const char *name);

/* The user who may use the reservation without privilege. */
int portres_spec_set_owner(struct portres_spec *spec, uid_t owner);

/*
 * Makes a persistent reservation. Its token is stored in *token, unless that is
 * NULL; on failure *token is not touched, and nothing is reserved.
 *
 * On success it is on the disk, unless the network namespace has no name: see
 * portres_store_path().
 */
int portres_create(struct portres *handle, const struct portres_spec *spec, uint64_t *token);

/*
 * Ends a persistent reservation: the exact block that was created. A runtime reservation is
 * none (-ENOENT). On success it is forgotten on the disk as well. One that is only on the
 * disk, as it could not be restored, is ended in the same way.
 */
int portres_delete(struct portres *handle, uint8_t protocol, uint16_t first, uint16_t count);

/*
 * Tells the directory in which reservations of the handle's network namespace are kept.
 * *path is NULL if it is neither the machine's nor has a name: what is reserved there
 * ends with it. The path is the handle's, until the next call of this function.
 */
int portres_store_path(struct portres *handle, const char **path);

/*
 * Takes all files below root, as if it were /: the store, the declarations, the users in
 * etc/passwd. It is copied; NULL: none.
 */
int portres_set_root(struct portres *handle, const char *root);

/*
 * Tell about one reservation: by its exact block, by a port inside it, by its
 * token. The answer is to be freed by the caller.
 */
int portres_get_block(struct portres *handle, uint8_t protocol, uint16_t first,
		      uint16_t count, struct portres_reservation **reservation);
int portres_get_port(struct portres *handle, uint8_t protocol, uint16_t port,
		     struct portres_reservation **reservation);
int portres_get_token(struct portres *handle, uint64_t token,
		      struct portres_reservation **reservation);
void portres_reservation_free(struct portres_reservation *reservation);

/*
 * Calls visit for each reservation, by ascending ports, until it returns something
 * other than 0, and returns that. They stood together at one moment, before the
 * first call; visit may use the handle. A reservation is valid until visit returns.
 */
typedef int portres_visit_fn(const struct portres_reservation *reservation, void *arg);
int portres_for_each(struct portres *handle, portres_visit_fn *visit, void *arg);

/* What is known of a reservation. */
uint8_t portres_reservation_protocol(const struct portres_reservation *reservation);
uint16_t portres_reservation_first(const struct portres_reservation *reservation);
uint16_t portres_reservation_count(const struct portres_reservation *reservation);

/* Its name, or NULL. Any bytes may be in it: escape what is shown on a terminal. */
const char *portres_reservation_name(const struct portres_reservation *reservation);

/* Its owner, or the user who acquired it at runtime; -ENOENT if it has none. */
int portres_reservation_owner(const struct portres_reservation *reservation, uid_t *owner);

/* Its token; -EACCES if the kernel did not tell it, as the caller may not use it. */
int portres_reservation_token(const struct portres_reservation *reservation,
			      uint64_t *token);

/*
 * Whether it is a runtime reservation: 1, or 0 for a persistent one. Then these tell the
 * process that acquired it, which may have ended since if another one has the socket, and
 * what it was called then. -ENOENT, NULL: it is a persistent one. -ESRCH: the process has no
 * number in this pid namespace. What a monitor tells is the number that the process itself
 * has. Any bytes may be in the command.
 */
int portres_reservation_runtime(const struct portres_reservation *reservation);
int portres_reservation_process(const struct portres_reservation *reservation,
				pid_t *process);
const char *portres_reservation_command(const struct portres_reservation *reservation);

/* How many binds were refused, and how many sockets are associated with it. */
uint64_t portres_reservation_refused(const struct portres_reservation *reservation);
uint32_t portres_reservation_sockets(const struct portres_reservation *reservation);

/*
 * Calls visit for each entry that there is for the handle's network namespace: what is
 * stored, by ascending ports, then what is declared, in the order of portres.conf(5); also
 * for lines and files that make no sense. visit may use the handle. An entry is valid until
 * visit returns; something other than 0 ends it and is returned. What the kernel
 * has plays no part.
 */
typedef int portres_entry_fn(const struct portres_entry *entry, void *arg);
int portres_for_each_entry(struct portres *handle, portres_entry_fn *visit, void *arg);

/* The same for one file of declarations. Names of users are not looked up: no owner. */
int portres_check_file(struct portres *handle, const char *path, portres_entry_fn *visit,
		       void *arg);

/*
 * Makes an entry stand; needs a handle of the network namespace that it is for. 0 if
 * it stood already, also by another name. *made (NULL is fine) tells whether it was made
 * now. Nothing is written to the disk.
 *
 *   -EINVAL  the entry makes no sense
 *   -EEXIST  it overlaps another one, also one that was acquired at runtime, or stands for
 *            another user
 */
int portres_restore(struct portres *handle, const struct portres_entry *entry, int *made);

/* Where it stands; line 0: the file as a whole. */
const char *portres_entry_file(const struct portres_entry *entry);
unsigned int portres_entry_line(const struct portres_entry *entry);

/* Why it makes no sense, or NULL. Any bytes may be in it. The rest is 0 then. */
const char *portres_entry_error(const struct portres_entry *entry);

/* What is to be reserved; -ENOENT if there is no owner, NULL if there is no name. */
uint8_t portres_entry_protocol(const struct portres_entry *entry);
uint16_t portres_entry_first(const struct portres_entry *entry);
uint16_t portres_entry_count(const struct portres_entry *entry);
const char *portres_entry_name(const struct portres_entry *entry);
int portres_entry_owner(const struct portres_entry *entry, uid_t *owner);

/*
 * A monitor hears of reservations that are made and ended in the network namespace
 * in which it is opened, from then on: open it first, then list what there is.
 * handle only serves to open it, and holds the text if that fails.
 */
int portres_monitor_open(struct portres *handle, struct portres_monitor **monitor);
void portres_monitor_close(struct portres_monitor *monitor);

/* To be polled for input; when there is some, call portres_monitor_receive(). */
int portres_monitor_fd(const struct portres_monitor *monitor);

/* PORTRES_EVENT_MISSED: some changes were not heard of, list again. */
enum portres_event {
	PORTRES_EVENT_CREATED = 1,
	PORTRES_EVENT_DELETED = 2,
	PORTRES_EVENT_MISSED = 3
};

/*
 * Calls tell for each event that waits, and does not wait for more. The
 * reservation (NULL with PORTRES_EVENT_MISSED) is valid until tell returns. It
 * has no token.
 */
typedef void portres_event_fn(enum portres_event event,
			      const struct portres_reservation *reservation, void *arg);
int portres_monitor_receive(struct portres_monitor *monitor, portres_event_fn *tell,
			    void *arg);

/* As portres_error(). */
const char *portres_monitor_error(const struct portres_monitor *monitor);

/*
 * Associates an unbound UDP socket with a reservation: its bind then gets a port of
 * the block. Needs no handle, but the module must be there already. Any thread.
 *
 *   -EINVAL      the socket is bound; no such token in its network namespace
 *   -EACCES      the caller may not use the reservation: see portres(7)
 *   -EOPNOTSUPP  not a UDP socket
 *   -ENOSYS      the kernel has no portres
 *   -EBADF, -ENOTSOCK, -ENOMEM
 */
int portres_associate(int fd, uint64_t token);

/*
 * Makes a runtime reservation of count ports from first on, or, with first 0, of the lowest
 * ports of the ephemeral range that are free. It lasts until it is released or the socket is
 * closed for the last time; only the calling process can use its token. The socket, a UDP
 * socket, bound or not, is not associated by it. *acquired is written on success. Needs no
 * handle, loads the module, any thread.
 *
 *   -EINVAL      count is 0, or the block would reach beyond port 65535
 *   -EACCES      ports below net.ipv4.ip_unprivileged_port_start need CAP_NET_BIND_SERVICE
 *   -EADDRINUSE  a port is in use or reserved; with first 0: there is no such gap
 *   -EDQUOT      more than net.portres.user_max_ports or user_max_reservations
 *   -EOPNOTSUPP  not a UDP socket
 *   -ENOSYS      the kernel has no portres
 *   -EBADF, -ENOTSOCK, -ENOMEM
 */
int portres_acquire(int fd, uint16_t first, uint16_t count,
		    struct portres_association *acquired);

/*
 * Ends a runtime reservation of the calling process, by any UDP socket of its network
 * namespace. Sockets that are bound keep their ports. Any thread.
 *
 *   -EINVAL  no runtime reservation there has that token
 *   -EACCES  another process has acquired it
 *   -EOPNOTSUPP, -ENOSYS, -EBADF, -ENOTSOCK   as above
 */
int portres_release(int fd, uint64_t token);

/*
 * Tells what a socket is associated with; -ENOENT if with nothing. Otherwise the
 * errors of portres_associate().
 */
int portres_get_association(int fd, struct portres_association *association);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif /* PORTRES_PORTRES_H */
