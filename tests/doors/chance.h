/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers that are the same each time for the same seed. */
#ifndef PORTRES_TESTS_DOORS_CHANCE_H
#define PORTRES_TESTS_DOORS_CHANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARRAY_SIZE(array) (sizeof(array) / sizeof(*(array)))

void chance_seed(uint64_t seed, uint64_t sequence);

uint64_t draw64(void);
/* 0 to @below - 1 */
unsigned int draw(unsigned int below);
/* @low to @high */
unsigned int draw_from(unsigned int low, unsigned int high);
/* once in @of */
bool once_in(unsigned int of);

/* A number near where something ends: of a byte, of a word, of ports, of a page. */
uint64_t draw_edge(void);

#endif
