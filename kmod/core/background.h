/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Work that any user can make longer, see background.c.
 */
#ifndef _PORTRES_BACKGROUND_H
#define _PORTRES_BACKGROUND_H

struct delayed_work;

int portres_background_init(void);
void portres_background_fini(void);
void portres_background_queue(struct delayed_work *work, unsigned long delay);

#endif /* _PORTRES_BACKGROUND_H */
