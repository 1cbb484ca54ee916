/* SPDX-License-Identifier: GPL-2.0-only */
/* Completions of the command line. */
#ifndef PORTRES_COMPLETION_H
#define PORTRES_COMPLETION_H

/* Prints completions of the last word, one per line. */
int complete(int argc, char **argv);

#endif /* PORTRES_COMPLETION_H */
