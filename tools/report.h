/* SPDX-License-Identifier: GPL-2.0-only */
/* Output and notes of the commands that create or change a reservation. */
#ifndef PORTRES_REPORT_H
#define PORTRES_REPORT_H

#include <portres/portres.h>

#include "range.h"

/* Prints a reservation, and whether it outlives the network namespace. */
void print_reservation(struct portres *handle, const struct portres_reservation *reservation,
		       bool json);

/*
 * Prints the reservation with that token, as the kernel reports it; of a block in both protocols
 * also the other one. A failure is only a note.
 */
void report_reservation(struct portres *handle, uint8_t protocol, uint64_t token, bool json);

/* Prints the reservations of exactly that block. Returns an error if one cannot be read. */
int print_block(struct portres *handle, uint8_t protocol, const struct range *range, bool json);

/* Prints a note for each socket bound in the range, which keeps its port. */
void note_adopted(uint8_t protocol, const struct range *range);

/* Prints a note if a file declares the block, with the consequence. Returns whether one does. */
bool note_declared(struct portres *handle, uint8_t protocol, const struct range *range,
		   const char *consequence);

/* Calls run, which may retry for long; after two seconds prints a note that says why. */
typedef int patient_fn(struct portres *handle, void *arg);
int run_with_note(struct portres *handle, patient_fn *run, void *arg);

#endif /* PORTRES_REPORT_H */
