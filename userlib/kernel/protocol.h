/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The protocols whose ports can be reserved. The command is linked with this file as well. */
#ifndef PORTRES_PROTOCOL_H
#define PORTRES_PROTOCOL_H

#include <stdbool.h>
#include <stdint.h>

/* Most protocols of a block. */
#define PORTRES_HALVES 2

/*
 * Lists the protocols of a block: TCP and UDP for PORTRES_BOTH, else the protocol itself. TCP comes
 * first: more can be in the way of it. Returns how many there are.
 */
unsigned int portres_protocol_halves(uint8_t protocol, uint8_t halves[PORTRES_HALVES]);

/* Check whether blocks of the two protocols can have a port in common. */
bool portres_protocols_meet(uint8_t a, uint8_t b);

/* The word of a protocol: "udp", "tcp", "both"; "?" for any other. */
const char *portres_protocol_word(uint8_t protocol);

/* Finds a protocol by its word, of which len bytes are given. Returns false if there is none. */
bool portres_protocol_find(const char *word, unsigned int len, uint8_t *protocol);

#endif /* PORTRES_PROTOCOL_H */
