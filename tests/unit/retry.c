// SPDX-License-Identifier: GPL-2.0-only
/* For how long what cannot be done yet is tried again. */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <sys/time.h>
#include <time.h>

#include "kernel/retry.h"
#include "tap.h"

static long long now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000LL + time.tv_nsec / 1000000;
}

static void test_errors(void)
{
	static const int others[] = { 0, -EINTR, -EBUSY, -EADDRINUSE, -EEXIST, -ENOBUFS, EAGAIN };
	struct portres_retry retry;
	size_t i;

	portres_retry_begin(&retry, -1);
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		tap_ok(!portres_retry_again(&retry, others[i]), "%d is final", others[i]);
	tap_ok(portres_retry_again(&retry, -EAGAIN), "EAGAIN is not");
}

static void test_time(void)
{
	struct portres_retry retry;
	long long begin = now();
	int tries = 0;

	portres_retry_begin(&retry, 0);
	tap_ok(!portres_retry_again(&retry, -EAGAIN), "no time: no other try");
	portres_retry_begin(&retry, 100);
	while (portres_retry_again(&retry, -EAGAIN))
		tries++;
	tap_ok(now() - begin >= 100, "a time is used up");
	tap_ok(tries > 1 && tries <= 100, "by more than one try: %d", tries);
	portres_retry_begin(&retry, INT_MAX);
	tap_ok(portres_retry_again(&retry, -EAGAIN), "the longest time");
	portres_retry_begin(&retry, INT_MIN);
	tap_ok(portres_retry_again(&retry, -EAGAIN), "less than no time is for ever");
}

static void take_signal(int number)
{
	(void)number;
}

/* Without the signal it would be tried until the test is killed. */
static void test_signal(void)
{
	const struct sigaction action = { .sa_handler = take_signal, .sa_flags = SA_RESTART };
	const struct itimerval soon = { .it_value = { .tv_usec = 100000 } };
	struct portres_retry retry;

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &soon, NULL);
	portres_retry_begin(&retry, 5000);
	while (portres_retry_again(&retry, -EAGAIN))
		;
	tap_ok(retry.end - now() > 2000, "a signal handler ends it");
}

int main(void)
{
	test_errors();
	test_time();
	test_signal();
	return tap_finish();
}
