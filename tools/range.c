// SPDX-License-Identifier: GPL-2.0-only
/* Ranges of ports. */
#include <stdlib.h>

#include "kernel/protocol.h"
#include "range.h"
#include "text.h"

uint16_t range_last(const struct range *range)
{
	return (uint16_t)(range->first + range->count - 1);
}

bool range_has(const struct range *range, uint16_t port)
{
	return port >= range->first && port <= range_last(range);
}

bool range_overlaps(const struct range *a, const struct range *b)
{
	return a->first <= range_last(b) && b->first <= range_last(a);
}

char *range_text(uint16_t first, uint16_t count)
{
	char number[NUMBER_TEXT_MAX];

	if (count == 1)
		return join_text(number_text(number, first), "");
	return format_text("%u-%u", first, first + count - 1U);
}

char *block_ports_text(uint8_t protocol, const struct range *range)
{
	char *ports = range_text(range->first, range->count);
	char *text = format_text("%s %s", portres_protocol_word(protocol), ports);

	free(ports);
	return text;
}
