/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Repeats an operation of the module, each time with another of its allocations failing. Checks
 * that it was done wholly or not at all, and that it works afterwards.
 *
 * Each operation works on the block BLOCK, in a network namespace whose ephemeral port range begins
 * with BLOCK. Another reservation in the namespace must stay as it is.
 */
#ifndef PORTRES_TESTS_SHORTAGE_H
#define PORTRES_TESTS_SHORTAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "client.h"

#define BLOCK 5000
#define COUNT 10

/**
 * struct operation - what is done without memory
 * @furnish: once for each namespace, or NULL
 * @prepare: what it needs
 * @act: the operation and nothing else; returns an errno
 * @again: to do it once more, now with memory; NULL for @act
 * @done: is the effect of @act there, or the right answer?
 * @intact: of an @act that was not done, is there nothing that a dump does not show? Or NULL
 * @undo: ends what @prepare and @act have made
 * @other: what it may answer besides ENOMEM, an errno, or 0
 * @first: it is the first in a namespace, each time
 * @frugal: the module needs no memory for it
 * @user: an unprivileged user does it, with a limit of one block
 * @event: the notification that it causes, PORTRES_CMD_...
 */
struct operation {
	const char *name;
	void (*furnish)(void);
	void (*prepare)(void);
	int (*act)(void);
	int (*again)(void);
	bool (*done)(void);
	bool (*intact)(void);
	void (*undo)(void);
	int other;
	bool first;
	bool frugal;
	bool user;
	int event;
};

#define OPERATION(name_, prepare_, act_, done_, undo_)			\
	.name = name_, .prepare = prepare_, .act = act_, .done = done_, .undo = undo_

/*
 * Asks the module in the namespace where the operation is, for the protocol of the test, and never
 * goes without memory.
 */
extern struct client watcher;

/*
 * Opens the client of an operation, for ten seconds at a time: an answer that is lost without an
 * error would be waited for in vain. Or bails.
 */
void open_impatient(struct client *c);

/*
 * What a creation has done that answered @error. ENOBUFS says no more than that a message was lost:
 * then what was created has been told, and the token comes from there. Returns an errno.
 */
int take_created(struct client *c, int error, uint64_t *token);

/* As @user, or as root if it is not set. */
int act_as(const struct operation *op, int (*act)(void));

/*
 * What a test of @n operations on ports of @protocol does: a row for each, those of @more() if
 * there is one, that no memory is lost while the module is there and when it has gone, and how many
 * allocations have failed. Returns the exit status.
 */
int shortage_test(int protocol, const struct operation *ops, size_t n, void (*more)(void));

#endif
