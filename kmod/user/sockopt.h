/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The socket options, see sockopt.c.
 */
#ifndef _PORTRES_SOCKOPT_H
#define _PORTRES_SOCKOPT_H

int portres_sockopt_register(void);
void portres_sockopt_unregister(void);

#endif /* _PORTRES_SOCKOPT_H */
