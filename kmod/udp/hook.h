/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hook in get_port of UDP's protos, see hook.c.
 */
#ifndef _PORTRES_UDP_HOOK_H
#define _PORTRES_UDP_HOOK_H

#include "core/protocol.h"

struct sock;

int portres_udp_hook_install(void);
void portres_udp_hook_remove(void);
int portres_udp_hook_family(void);
portres_get_port_t portres_udp_hook_original(const struct sock *sk);

#endif /* _PORTRES_UDP_HOOK_H */
