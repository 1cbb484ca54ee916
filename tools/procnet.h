/* SPDX-License-Identifier: GPL-2.0-only */
/* The sockets of a protocol as /proc/net has them: less than sock_diag, but always there. */
#ifndef PORTRES_PROCNET_H
#define PORTRES_PROCNET_H

#include "diagsocket.h"

/*
 * Calls visit for each socket in /proc/net/udp, tcp or those of IPv6. Neither the device nor
 * only_v6 is known. Returns false if the file cannot be opened.
 */
bool procnet_for_each(const char *path,
		      void (*visit)(const struct diag_socket *socket, void *arg), void *arg);

#endif /* PORTRES_PROCNET_H */
