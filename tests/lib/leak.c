// SPDX-License-Identifier: GPL-2.0-only
/* kmemleak of the kernel. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fault.h"
#include "tap.h"

#define KMEMLEAK "/sys/kernel/debug/kmemleak"
#define AGE 6		/* seconds; what is younger than five is not told */
#define LINES 60	/* shown at most */

static void scan(void)
{
	int fd = open(KMEMLEAK, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, "scan", 4) != 4)
		tap_bail("cannot write " KMEMLEAK ": %s", strerror(errno));
	close(fd);
}

size_t leaks(void)
{
	char line[512];
	int shown = 0;
	size_t found = 0;
	FILE *file;

	sleep(AGE);
	/* what has changed since it was made is only told by the second one */
	scan();
	scan();
	file = fopen(KMEMLEAK, "re");
	if (!file)
		tap_bail("cannot read " KMEMLEAK ": %s", strerror(errno));
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		found += !strncmp(line, "unreferenced object", 19);
		if (shown++ < LINES)
			tap_diag("%s", line);
	}
	fclose(file);
	return found;
}
