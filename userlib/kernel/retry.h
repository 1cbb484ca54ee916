/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Retries of requests that fail with EAGAIN, with a time limit. */
#ifndef PORTRES_RETRY_H
#define PORTRES_RETRY_H

#include <stdbool.h>
#include <stdint.h>

/* Milliseconds, unless the caller sets another limit. */
#define PORTRES_TIMEOUT 10000

struct portres_retry {
	bool forever;
	int64_t end;	/* in milliseconds of CLOCK_MONOTONIC */
};

/* Starts the time limit. milliseconds as in portres_set_timeout(). */
void portres_retry_begin(struct portres_retry *retry, int milliseconds);

/*
 * If error is -EAGAIN and time is left, sleep until the next try and return true. False if a signal
 * handler runs meanwhile: the caller may have been told to end.
 */
bool portres_retry_again(const struct portres_retry *retry, int error);

#endif /* PORTRES_RETRY_H */
