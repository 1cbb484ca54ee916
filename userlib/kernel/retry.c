// SPDX-License-Identifier: LGPL-2.1-or-later
/* Retries of requests that fail with EAGAIN. */
#include <errno.h>
#include <time.h>

#include "retry.h"

/* Milliseconds between two tries. The kernel itself may wait before it returns EAGAIN. */
#define RETRY_PAUSE 20

static int64_t retry_now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* Return: whether no signal handler has run meanwhile. */
static bool retry_sleep(int64_t milliseconds)
{
	struct timespec time = { .tv_nsec = (long)milliseconds * 1000000 };

	return !nanosleep(&time, NULL);
}

void portres_retry_begin(struct portres_retry *retry, int milliseconds)
{
	retry->forever = milliseconds < 0;
	retry->end = retry->forever ? 0 : retry_now() + milliseconds;
}

bool portres_retry_again(const struct portres_retry *retry, int error)
{
	int64_t left = RETRY_PAUSE;

	if (error != -EAGAIN)
		return false;
	if (!retry->forever)
		left = retry->end - retry_now();
	if (left <= 0)
		return false;
	return retry_sleep(left < RETRY_PAUSE ? left : RETRY_PAUSE);
}
