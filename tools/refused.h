/* SPDX-License-Identifier: GPL-2.0-only */
/* Refused binds as records and as sentences. */
#ifndef PORTRES_REFUSED_H
#define PORTRES_REFUSED_H

#include <portres/portres.h>

#include "record.h"

/* Adds what an event reports: the port, the reservation, the process. */
void refused_describe(struct record *record, const struct portres_refusal *refusal);

/* Adds the processes that were refused a port of a reservation lately, as a list. */
void refused_describe_all(struct record *record, const struct portres_reservation *reservation);

/*
 * "stranger[812] of alice, in rtp.service, was refused udp port 5004 with EADDRINUSE"; safe to
 * print. To be freed.
 */
char *refused_text(const struct portres_refusal *refusal);

/* When that was, as text. To be freed. */
char *refused_time(const struct portres_refusal *refusal);

#endif /* PORTRES_REFUSED_H */
