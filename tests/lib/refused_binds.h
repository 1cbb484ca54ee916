/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Refused binds as the kernel tells them, in the notification or reply that a client read last.
 */
#ifndef PORTRES_TESTS_REFUSED_BINDS_H
#define PORTRES_TESTS_REFUSED_BINDS_H

#include <stddef.h>
#include <stdint.h>

#define REFUSALS_MAX 64

struct client;

struct told_refusal {
	uint32_t has;		/* bits: 1 << PORTRES_REFUSAL_A_... */
	uint8_t protocol;
	uint16_t first;
	uint16_t count;
	char name[64];
	uint16_t port;
	uint16_t error;
	uint64_t times;
	uint64_t time;
	uint32_t user;
	uint32_t process;
	char command[16];
	uint64_t process_start;
	uint64_t cgroup;
};

/* For client.c. */
void refusals_take(const void *data, size_t len);
void refusals_forget(void);

/* What the last message told; @n is set to the number. */
const struct told_refusal *told_refusals(size_t *n);

/* The next message to a listener to refusals, or NULL. @lost may be NULL. */
const struct told_refusal *hear_refusals(struct client *listener, int milliseconds, size_t *n,
					 uint32_t *lost);

#endif
