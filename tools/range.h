/* SPDX-License-Identifier: GPL-2.0-only */
/* Ranges of ports. */
#ifndef PORTRES_RANGE_H
#define PORTRES_RANGE_H

#include <stdbool.h>
#include <stdint.h>

struct range {
	uint16_t first;
	uint16_t count;
};

uint16_t range_last(const struct range *range);

bool range_has(const struct range *range, uint16_t port);

/* Whether two ranges share a port. */
bool range_overlaps(const struct range *a, const struct range *b);

/* "udp 5000-5009", or "both 5060". To be freed. */
char *block_ports_text(uint8_t protocol, const struct range *range);

/* "5000" or "5000-5009". To be freed. */
char *range_text(uint16_t first, uint16_t count);

#endif /* PORTRES_RANGE_H */
