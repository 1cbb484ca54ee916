/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stands in for rpcbind, where services of the kernel register themselves when they start: it says
 * yes to everything and remembers nothing.
 */
#ifndef PORTRES_TESTS_RPCBIND_H
#define PORTRES_TESTS_RPCBIND_H

#include <sys/types.h>

/* A child process that serves until it is killed. Bails where there is one already. */
pid_t rpcbind_start(void);

#endif
