/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The protos of one family, see family.c.
 */
#ifndef _PORTRES_TCP_FAMILY_H
#define _PORTRES_TCP_FAMILY_H

#include <linux/types.h>

int portres_tcp_family_install(int which, bool guard_mptcp);
bool portres_tcp_family_guards_mptcp(int which);
void portres_tcp_family_withdraw(int which);
bool portres_tcp_family_met_stranger(void);

#endif /* _PORTRES_TCP_FAMILY_H */
