/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Waits for tasks that run code which nothing counts, see synchronize.c.
 */
#ifndef _PORTRES_SYNCHRONIZE_H
#define _PORTRES_SYNCHRONIZE_H

#include <linux/types.h>

void portres_synchronize_binds(void);
void portres_synchronize_entry_exit(void);
long portres_sum_counts(const long __percpu *count);
bool portres_has_tasks(const long __percpu *count);

#endif /* _PORTRES_SYNCHRONIZE_H */
