/* SPDX-License-Identifier: GPL-2.0-only */
/* The options of the command line. */
#ifndef PORTRES_OPTIONS_H
#define PORTRES_OPTIONS_H

struct call;

enum option { NOT_ONE, UNKNOWN, NO_VALUE, JSON, PRETTY, DRY_RUN, JOURNAL, ROOT, UDP, TCP, HELP,
	      VERSION, END };

/*
 * Takes the options out of argv, which begins behind the name of the program and ends with NULL,
 * and leaves the other words in call. Returns the option that ends everything, if any; one that
 * is wrong is left in call->wrong.
 */
enum option take_options(int argc, char **argv, struct call *call);

/* Return the long name of an option by its number; NULL after the last one. */
const char *option_name(unsigned int number);

#endif /* PORTRES_OPTIONS_H */
