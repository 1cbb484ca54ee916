/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hook in get_port of UDP's protos, see hook.c.
 */
#ifndef _PORTRES_UDP_HOOK_H
#define _PORTRES_UDP_HOOK_H

#include "core/protocol.h"

struct proto;
struct sock;

int portres_udp_hook_install(void);
void portres_udp_hook_remove(void);
struct proto *portres_udp_hook_proto(int *family);
portres_get_port_t portres_udp_hook_original(const struct sock *sk);

#endif /* _PORTRES_UDP_HOOK_H */
