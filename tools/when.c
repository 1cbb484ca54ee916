// SPDX-License-Identifier: GPL-2.0-only
/* Times as text. */
#include "text.h"
#include "when.h"

#define SECOND 1000000000LL

char *time_text(time_t when)
{
	struct tm local;
	char offset[8];
	char text[64];

	localtime_r(&when, &local);
	strftime(text, sizeof(text), "%FT%T", &local);
	strftime(offset, sizeof(offset), "%z", &local);
	/* RFC 3339 has a colon in the offset. */
	return format_text("%s%.3s:%s", text, offset, offset + 3);
}

time_t time_of_boottime(uint64_t nanoseconds)
{
	struct timespec now;
	struct timespec up;
	long long begin;

	clock_gettime(CLOCK_REALTIME, &now);
	clock_gettime(CLOCK_BOOTTIME, &up);
	begin = (now.tv_sec - up.tv_sec) * SECOND + now.tv_nsec - up.tv_nsec;
	return (time_t)((begin + (long long)nanoseconds) / SECOND);
}
