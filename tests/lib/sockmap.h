/* SPDX-License-Identifier: GPL-2.0-only */
/* BPF sockmaps, in which a socket has a copy of its proto. Functions bail where they fail. */
#ifndef PORTRES_TESTS_SOCKMAP_H
#define PORTRES_TESTS_SOCKMAP_H

#include <stdint.h>

/* Returns the descriptor of a new map. */
int sockmap_make(unsigned int slots);

/* The map takes sockets that have a port. */
void sockmap_put(int map, uint32_t slot, int fd);
void sockmap_take(int map, uint32_t slot);

/*
 * Give the map a program that lets all pass, for what its TCP sockets send or receive. It is for
 * sockets that are put there afterwards.
 */
void sockmap_judge_sent(int map);
void sockmap_judge_received(int map);

#endif
