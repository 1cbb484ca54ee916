/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The probe of UDP, see probe.c.
 */
#ifndef _PORTRES_UDP_PROBE_H
#define _PORTRES_UDP_PROBE_H

#include <linux/types.h>

struct net;
struct portres_probe;

int portres_udp_probe_open(struct portres_probe *probe, struct net *net);
u16 portres_udp_probe_look(struct portres_probe *probe, u16 first, u16 last);
void portres_udp_probe_close(struct portres_probe *probe);

#endif /* _PORTRES_UDP_PROBE_H */
