/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Users that the caller's user namespace does not have. */
#ifndef PORTRES_OVERFLOW_H
#define PORTRES_OVERFLOW_H

#include <stdbool.h>

#include "kernel/grants.h"

/*
 * Whether grants that the kernel has reported may name a user that the caller's user namespace does
 * not have: the kernel reports the overflow uid instead. In a namespace that has all users, that
 * uid is a user as any other.
 */
bool portres_grants_overflow(const struct portres_grants *grants);

#endif /* PORTRES_OVERFLOW_H */
