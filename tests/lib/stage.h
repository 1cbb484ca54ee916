/* SPDX-License-Identifier: GPL-2.0-only */
/* A store of one's own, for tests in the machine's network namespace. */
#ifndef PORTRES_TESTS_STAGE_H
#define PORTRES_TESTS_STAGE_H

#include <stddef.h>
#include <stdint.h>

#define STATE_DIR "/var/lib/portres"

/*
 * Enters a mount namespace in which the store is a file system of its own, or bails. TCP ports can
 * be reserved in the network namespace from then on: see mptcp_leave_out().
 */
void new_store(const char *options);

/* Mounts it again with other options, or bails. */
void change_store(const char *options);

/* Marks the ports of each block that is stored; returns how many blocks there are. */
size_t stored_ports(uint8_t ports[65536]);

#endif
