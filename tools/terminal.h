/* SPDX-License-Identifier: GPL-2.0-only */
/* What standard output is shown on. */
#ifndef PORTRES_TERMINAL_H
#define PORTRES_TERMINAL_H

#include <stdbool.h>

/* Return its width in columns: of the terminal, else of $COLUMNS, else 80. */
unsigned int terminal_width(void);

/* Whether it is a terminal with colours, and $NO_COLOR is not set. */
bool terminal_has_colours(void);

#endif /* PORTRES_TERMINAL_H */
