/* SPDX-License-Identifier: GPL-2.0-only */
/* Runs a command until none of its descendants is left. */
#ifndef PORTRES_SUPERVISE_H
#define PORTRES_SUPERVISE_H

/*
 * Runs a command and forwards signals to it. Closes all descriptors of this process except those
 * that are kept, in ascending order.
 * Once no descendant is left, returns the status of the command as a shell does: 128 + n for signal
 * n, 126 or 127 if it could not be run; 125 for an earlier failure.
 */
int supervise(const int *kept, unsigned int count, char **command);

#endif /* PORTRES_SUPERVISE_H */
