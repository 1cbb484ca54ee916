// SPDX-License-Identifier: GPL-2.0-only
/*
 * Measures this machine's time-stamp counter, which is that of an emulated guest as well, and
 * prints its kHz. A guest on a busy machine measures wrong, and its clock then runs fast.
 */
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define PAUSE_US 50000
#define NARROW_NS 2000
#define ATTEMPTS 100000

struct instant {
	int64_t ns;
	uint64_t ticks;
};

static int64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC_RAW, &time);
	return time.tv_sec * 1000000000LL + time.tv_nsec;
}

/* Both clocks at once: not when something came between them. */
static struct instant look(void)
{
	struct instant instant = { 0 };

	for (int i = 0; i < ATTEMPTS; i++) {
		int64_t before = now();

		instant.ticks = __builtin_ia32_rdtsc();
		instant.ns = now();
		if (instant.ns - before < NARROW_NS)
			break;
	}
	return instant;
}

int main(void)
{
	struct instant first = look(), last;

	usleep(PAUSE_US);
	last = look();
	printf("%.0f\n", (last.ticks - first.ticks) * 1e6 / (last.ns - first.ns));
	return 0;
}
