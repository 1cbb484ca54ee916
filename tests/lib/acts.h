/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Parts of operations on the block of shortage.h, for the protocol of its test: what they need,
 * what they do, whether it is done, and what undoes it. Those that return an int answer an errno.
 */
#ifndef PORTRES_TESTS_ACTS_H
#define PORTRES_TESTS_ACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "client.h"
#include "shortage.h"

#define NAME "name"

/* What an operation works with: its client, its socket, and its block, by token or as acquired. */
struct scene {
	struct client client;
	int fd;
	uint64_t token;
	struct portres_association block;
};

extern struct scene scene;

/* Creation and deletion, by the client. Without an answer nothing was created. */
void open_client(void);
void close_client(void);
void open_and_create(void);
int creates(void);
bool is_created(void);
int deletes(void);
bool is_deleted(void);
void delete_block(void);

/* Association. The socket is of IPv6. */
void open_socket(void);
void close_socket(void);
void open_both(void);
void open_associated(void);
int associates(void);
bool is_associated(void);
void close_both(void);

/* Binds, of a socket without a reuse flag and with one. */
void open_reuseport(void);
void open_associated_reuseport(void);
int binds(void);
int binds_anywhere(void);
bool is_bound(void);
bool is_bound_in_block(void);

/* Acquisition and release. The first port of the ephemeral range is that of the block. */
int acquires(void);
int acquires_any(void);
bool is_acquired(void);
void open_and_acquire(void);
int releases(void);
bool is_released(void);
/* not by close(): that is told some time later */
void release_and_close(void);

#endif
