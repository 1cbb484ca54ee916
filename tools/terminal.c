// SPDX-License-Identifier: GPL-2.0-only
/* Asks the terminal how wide it is, and the environment what it can show. */
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "terminal.h"

#define NARROWEST 20
#define WIDEST 500
#define USUAL 80

unsigned int terminal_width(void)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size = { 0 };
	unsigned long width = 0;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
		width = size.ws_col;
	if (!width && columns)
		width = strtoul(columns, NULL, 10);
	if (!width)
		return USUAL;
	return width < NARROWEST ? NARROWEST : width > WIDEST ? WIDEST : (unsigned int)width;
}

bool terminal_has_colours(void)
{
	const char *terminal = getenv("TERM");
	const char *no_colour = getenv("NO_COLOR");

	return isatty(STDOUT_FILENO) && terminal && *terminal && strcmp(terminal, "dumb") != 0 &&
	       !(no_colour && *no_colour);
}
