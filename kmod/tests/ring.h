/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A ring of refused binds for the KUnit suites, see ring.c.
 */
#ifndef _PORTRES_TESTS_RING_H
#define _PORTRES_TESTS_RING_H

#include <kunit/test.h>
#include <linux/types.h>

#include "core/net.h"
#include "core/refusals.h"

/* Many more pairs than there are slots. */
#define PAIRS	200

/* A ring of no namespace, whose work tells nobody. */
struct portres_ring {
	struct portres_net pnet;
	struct portres_refusals *refusals;
};

/* What was put; as if there was room for @room pairs. */
struct portres_told {
	unsigned int room;
	unsigned int pairs;
	u64 unsent;
	struct portres_refusal last;
};

int portres_ring_init(struct kunit *test);
void portres_ring_exit(struct kunit *test);
bool portres_ring_queued(struct kunit *test);
int portres_ring_lost(struct kunit *test);
void portres_ring_refuse_as(struct kunit *test, u64 token, u16 port, int err);
void portres_ring_refuse(struct kunit *test, u64 token);
bool portres_ring_put(const struct portres_refusal *refusal, void *arg);
struct portres_told portres_ring_take(struct kunit *test, unsigned int room);
struct portres_told portres_ring_take_all(struct kunit *test);
void portres_ring_pass(struct kunit *test, unsigned int ticks);
void portres_ring_refuse_locked(struct kunit *test);

#endif /* _PORTRES_TESTS_RING_H */
