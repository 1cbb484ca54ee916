/* SPDX-License-Identifier: GPL-2.0-only */
/* Rules for nft(8) that make source NAT keep off reserved ports. */
#ifndef PORTRES_FIREWALL_H
#define PORTRES_FIREWALL_H

#include "portset.h"

/* Prints a table, which replaces an earlier one when it is loaded. */
void print_firewall(const struct portset *udp, const struct portset *tcp);

#endif /* PORTRES_FIREWALL_H */
