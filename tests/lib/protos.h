/* SPDX-License-Identifier: GPL-2.0-only */
/* What stands in the way of a bind or connect, as the kernel's memory says. */
#ifndef PORTRES_TESTS_PROTOS_H
#define PORTRES_TESTS_PROTOS_H

#include <stdbool.h>

/*
 * get_port of UDP, UDP in a sockmap, UDPv6, UDPv6 in a sockmap; get_port and connect of TCP, TCP in
 * a sockmap, TCPv6
 */
#define PROTOS 10

/* Whether the kernel shows its memory, and where in it the protos are. */
bool protos_visible(void);

/* Bails where the protos cannot be found. The module is loaded, its hook in or out. */
void protos_find(void);

/* In how many of these the hook stands; the rest has the kernel's own function. */
int protos_hooked(void);

#endif
