// SPDX-License-Identifier: GPL-2.0-only
#include "crew.h"
#include "resets.h"
#include "tcp_server.h"

#define QUICK 10	/* milliseconds; no wait expires sooner, with any CONFIG_HZ */
#define ECHO 4000	/* milliseconds, until the reset of a connection that was undone */

void resets_begin(struct resets *resets)
{
	*resets = (struct resets){ .slow = crew_clock() - ECHO };
	resets->begin = tcp_server_resets();
	resets->seen = resets->begin;
}

void resets_judge(struct resets *resets, long taken)
{
	unsigned long now = tcp_server_resets();

	if (taken >= QUICK) {
		resets->slow = crew_clock();
	} else if (crew_clock() >= resets->slow + ECHO) {
		resets->baseless += now - resets->seen;
		resets->judged++;
	}
	resets->seen = now;
}

unsigned long resets_total(const struct resets *resets)
{
	return tcp_server_resets() - resets->begin;
}
