/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Waits for tasks in the middle of a bind or connect, see wait.c.
 */
#ifndef _PORTRES_WAIT_H
#define _PORTRES_WAIT_H

#include <linux/types.h>

struct portres_probe;
struct portres_protocol;

bool portres_wait_choices(const struct portres_protocol *protocol);
void portres_wait_leavers(struct portres_probe *probe, u16 first, u16 last);

#endif /* _PORTRES_WAIT_H */
