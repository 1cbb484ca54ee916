/* SPDX-License-Identifier: GPL-2.0-only */
/* Protocols that have ports of their own: udp and tcp, but not both. */
#ifndef PORTRES_TRANSPORT_H
#define PORTRES_TRANSPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "parse.h"

/* Writes the number of the protocol. Returns false and writes reason if the word means none. */
bool parse_transport(const char *word, uint8_t *protocol, parse_reason reason);

/*
 * Takes a protocol off the words of a command, if the first word is one; else protocol is UDP.
 * Returns how many words that are: 0 or 1.
 */
int take_transport(int argc, char *const *argv, uint8_t *protocol);

#endif /* PORTRES_TRANSPORT_H */
