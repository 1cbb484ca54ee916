/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a target is: one file with these two. It is driven by libFuzzer, or by driver.c where the
 * inputs are to be the same each time.
 */
#ifndef PORTRES_TESTS_FUZZ_H
#define PORTRES_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

#include "disk/words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the program if what has to be true is not. */
#define REQUIRE(cond) fuzz_require(!!(cond), #cond, __func__)
void fuzz_require(int cond, const char *text, const char *where);

/* What was understood, written as the store writes it, is understood as the same. */
void fuzz_round_trip(const struct portres_words *words);

#endif
