// SPDX-License-Identifier: GPL-2.0-only
/*
 * Takes the reports of data races out of the kernel's log, and tells those in which the module
 * has a part from the kernel's own, which are counted only.
 *
 * A report begins with "BUG: KCSAN:" and is between two lines of '='. Functions of a module are
 * followed by its name, in the title as in the two stack traces. Each trace begins with a line
 * without a space in front; what was interrupted is not at fault.
 */
#include <string.h>

#include "init.h"

#define BEGIN "BUG: KCSAN:"
#define RULE "====="
#define OURS "[portres]"

static char report[16 * 1024];
static size_t len;
static bool open, interrupted, ours;
static int others;

static void keep(const char *line)
{
	size_t more = strlen(line);

	if (len + more + 2 > sizeof(report))
		return;
	memcpy(report + len, line, more);
	len += more;
	report[len++] = '\n';
	report[len] = '\0';
}

enum race race_take(const char *line)
{
	if (strstr(line, BEGIN)) {
		open = true;
		ours = false;
		len = 0;
	} else if (!strncmp(line, RULE, strlen(RULE))) {
		if (!open)
			return RACE_NONE;
		open = false;
		if (ours)
			return RACE_OURS;
		others++;
		return RACE_PART;
	}
	if (!open)
		return RACE_NONE;
	keep(line);
	if (line[0] != ' ')
		interrupted = false;
	if (strstr(line, " asm_sysvec_") || strstr(line, " asm_common_interrupt"))
		interrupted = true;
	ours |= !interrupted && strstr(line, OURS);
	return RACE_PART;
}

char *race_report(void)
{
	return report;
}

int race_others(void)
{
	int n = others;

	others = 0;
	return n;
}
