/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of the library share: the objects behind the public header. */
#ifndef PORTRES_INTERNAL_H
#define PORTRES_INTERNAL_H

#include <errno.h>
#include <portres/portres.h>
#include <stdbool.h>
#include <stddef.h>

/* A system call that a signal does not end. */
#define RETRY(call) ({						\
	__typeof__(call) _result;				\
								\
	do {							\
		_result = (call);				\
	} while (_result == -1 && errno == EINTR);		\
	_result;						\
})

/* Room for the name of a file, and what is wrong with it. */
#define PORTRES_TEXT_MAX 1024

/* More than any kernel's TASK_COMM_LEN. */
#define PORTRES_COMMAND_MAX 63

struct portres_link;

/* A network namespace as the system names it. */
struct portres_netns {
	dev_t device;
	ino_t inode;
	int error;	/* why that is not known, or 0 */
};

struct portres {
	struct portres_link *link;
	struct portres_netns netns;
	char *root;	/* what stands before the names of all files, or NULL */
	char *place;	/* what portres_store_path() has told */
	char text[PORTRES_TEXT_MAX];
};

struct portres_spec {
	uint8_t protocol;
	uint16_t first;
	uint16_t count;
	bool has_owner;
	uint32_t owner;
	char *name;
};

struct portres_reservation {
	uint32_t has;	/* a bit for each attribute that was told */
	uint8_t protocol;
	uint16_t first;
	uint16_t count;
	uint32_t owner;
	uint32_t sockets;
	uint32_t process;
	uint64_t refused;
	uint64_t token;
	char name[PORTRES_NAME_MAX + 1];
	char command[PORTRES_COMMAND_MAX + 1];
};

#define PORTRES_HAS(reservation, attr) ((reservation)->has & (1U << (attr)))

/* Leaves the text of an error in text; a NULL format: the usual one. Returns error. */
int portres_explain(char text[PORTRES_TEXT_MAX], int error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The plain words for an errno, as of the disk. */
const char *portres_errno_text(int error);

/* What the kernel alone does, in create, delete. */
int portres_kernel_create(struct portres *handle, const struct portres_spec *spec,
			  uint64_t *token);
int portres_kernel_delete(struct portres *handle, uint8_t protocol, uint16_t first,
			  uint16_t count);

/* As portres_get_block(), but a runtime reservation of that block is -ENOENT, too. */
int portres_get_persistent(struct portres *handle, uint8_t protocol, uint16_t first,
			   uint16_t count, struct portres_reservation **reservation);

/*
 * Asks for the privilege to create and delete, and nothing else: 0 or -EPERM, or
 * why that cannot be known.
 */
int portres_may_create(struct portres *handle);

#endif /* PORTRES_INTERNAL_H */
