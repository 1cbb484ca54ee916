/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whether every bind in flight passes the hooks, see ready.c.
 */
#ifndef _PORTRES_READY_H
#define _PORTRES_READY_H

int portres_ready_init(void);
void portres_ready_fini(void);
int portres_ready_wait(unsigned int *epoch);
unsigned int portres_ready_epoch(void);
void portres_ready_begin(void);
void portres_ready_finish(void);

#endif /* _PORTRES_READY_H */
