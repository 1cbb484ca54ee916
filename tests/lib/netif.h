/* SPDX-License-Identifier: GPL-2.0-only */
/* Network interfaces of a test. */
#ifndef PORTRES_TESTS_NETIF_H
#define PORTRES_TESTS_NETIF_H

/* Sets an interface up or down: a tunnel opens or closes its socket. Returns 0 or an errno. */
int netif_up(const char *name);
int netif_down(const char *name);

/*
 * Makes two network namespaces, joined by the interface "near" in the one and "far" in the other,
 * and enters the one of "near"; or bails. The interfaces are down and have no address.
 */
void netif_join(int *near_net, int *far_net);

#endif
