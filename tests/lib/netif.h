/* SPDX-License-Identifier: GPL-2.0-only */
/* Network interfaces of a test. */
#ifndef PORTRES_TESTS_NETIF_H
#define PORTRES_TESTS_NETIF_H

/* Sets an interface up or down: a tunnel opens or closes its socket. Returns 0 or an errno. */
int netif_up(const char *name);
int netif_down(const char *name);

#endif
