/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The sysctls of a network namespace, see sysctl.c.
 */
#ifndef _PORTRES_SYSCTL_H
#define _PORTRES_SYSCTL_H

struct portres_net;

int portres_sysctl_register(struct portres_net *pnet);
void portres_sysctl_unregister(struct portres_net *pnet);

#endif /* _PORTRES_SYSCTL_H */
