/* SPDX-License-Identifier: GPL-2.0-only */
/* What stands in the way of a bind, as the kernel's memory says. */
#ifndef PORTRES_TESTS_PROTOS_H
#define PORTRES_TESTS_PROTOS_H

#include <stdbool.h>

/* UDP, UDP in a sockmap, UDPv6, UDPv6 in a sockmap */
#define PROTOS 4

/* Whether the kernel shows its memory, and where in it the protos are. */
bool protos_visible(void);

/* Bails where the protos cannot be found. The module is loaded, its hook in or out. */
void protos_find(void);

/* In how many of the protos the hook stands; the rest has the kernel's own function. */
int protos_hooked(void);

#endif
