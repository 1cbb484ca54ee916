/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whether the kernel has IPv6, see ipv6.c.
 */
#ifndef _PORTRES_IPV6_H
#define _PORTRES_IPV6_H

#include <linux/types.h>

bool portres_has_ipv6(void);

#endif /* _PORTRES_IPV6_H */
