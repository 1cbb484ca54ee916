// SPDX-License-Identifier: GPL-2.0-only
/* Counts instructions, and tells what was counted. */
#include "measure.h"

#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "env.h"
#include "tap.h"

#define READINGS 1000

void run_alone(void)
{
	const struct sched_param param = { .sched_priority = 1 };

	must(set_sysctl("kernel/sched_rt_runtime_us", "-1"), "cannot run without a pause");
	must(sched_setscheduler(0, SCHED_FIFO, &param) ? errno : 0, "cannot run alone");
}

void breathe(void)
{
	usleep(50000);
}

static uint64_t cost_of_reading(void)
{
	uint64_t least = UINT64_MAX;
	int i;

	for (i = 0; i < READINGS; i++) {
		uint64_t begin = instructions();
		uint64_t cost = instructions() - begin;

		if (cost < least)
			least = cost;
	}
	return least;
}

uint64_t between(uint64_t begin, uint64_t end)
{
	static uint64_t reading;

	if (!reading)
		reading = cost_of_reading();
	return end - begin - reading;
}

struct series series_new(size_t room)
{
	struct series series = { .values = calloc(room, sizeof(uint64_t)), .room = room };

	if (!series.values)
		tap_bail("no memory for %zu values", room);
	return series;
}

void series_add(struct series *series, uint64_t value)
{
	if (series->n == series->room)
		tap_bail("more than %zu values", series->room);
	series->values[series->n++] = value;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void sort(struct series *series)
{
	if (!series->n)
		tap_bail("nothing was measured");
	qsort(series->values, series->n, sizeof(*series->values), compare);
}

uint64_t series_median(struct series *series)
{
	sort(series);
	return series->values[series->n / 2];
}

uint64_t series_min(struct series *series)
{
	sort(series);
	return series->values[0];
}

uint64_t series_max(struct series *series)
{
	sort(series);
	return series->values[series->n - 1];
}

uint64_t series_mean(const struct series *series)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < series->n; i++)
		sum += series->values[i];
	return series->n ? (sum + series->n / 2) / series->n : 0;
}

static const char *family_word(int family)
{
	return family == AF_INET ? "v4" : family == AF_INET6 ? "v6" : "-";
}

uint64_t series_tell(struct series *series, const char *row, int family, const char *variant)
{
	uint64_t median = series_median(series);

	tap_diag("measured: %s %s %s %zu %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64, row,
		 family_word(family), variant, series->n, series_min(series), median,
		 series_mean(series), series_max(series));
	free(series->values);
	*series = (struct series){ 0 };
	return median;
}

void tell(uint64_t value, const char *row, int family, const char *variant)
{
	struct series series = series_new(1);

	series_add(&series, value);
	series_tell(&series, row, family, variant);
}

const char *with_number(const char *text, unsigned long number)
{
	static char buffers[4][64];
	static int next;
	char *buffer = buffers[next++ % 4];

	snprintf(buffer, sizeof(buffers[0]), "%s-%lu", text, number);
	return buffer;
}
