// SPDX-License-Identifier: GPL-2.0-only
/* The owner of each port of a range. */
#include "ledger.h"

#include "tap.h"

static unsigned int index_of(const struct ledger *ledger, unsigned int first, unsigned int ports)
{
	if (first < ledger->low || first + ports > ledger->low + LEDGER_PORTS)
		tap_bail("ports %u to %u are outside of the range", first, first + ports - 1);
	return first - ledger->low;
}

void ledger_enter(struct ledger *ledger, unsigned int who, unsigned int first, unsigned int ports)
{
	atomic_int *owner = &ledger->owners[index_of(ledger, first, ports)];
	int nobody;

	for (; ports; ports--, owner++) {
		nobody = 0;
		if (!atomic_compare_exchange_strong(owner, &nobody, who + 1))
			atomic_fetch_add(&ledger->overlaps, 1);
	}
}

void ledger_strike(struct ledger *ledger, unsigned int first, unsigned int ports)
{
	atomic_int *owner = &ledger->owners[index_of(ledger, first, ports)];

	for (; ports; ports--)
		*owner++ = 0;
}
