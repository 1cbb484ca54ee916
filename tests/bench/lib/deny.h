/* SPDX-License-Identifier: GPL-2.0-only */
/* A BPF program that refuses listed ports, as people would use it without portres. */
#ifndef PORTRES_BENCH_DENY_H
#define PORTRES_BENCH_DENY_H

/* A map that lists no port, and a program for each family at the root of the cgroups; or bails. */
struct deny *deny_start(const char *map);
void deny_port(struct deny *deny, unsigned int port);
void deny_stop(struct deny *deny);

#endif
