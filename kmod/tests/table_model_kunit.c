// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table against a model so simple that it needs no test: for each port, the
 * reservation on it. Random additions and deletions, the same ones in every run.
 */
#include <kunit/test.h>
#include <linux/prandom.h>
#include <linux/slab.h>

#include "fixture.h"

#define OPERATIONS	3000
#define PORTS		(U16_MAX + 1)

/* Ports come from both ends of the range: a crowd, where blocks meet often. */
#define CROWD		2048

struct model {
	struct portres_table *table;
	struct portres_reservation **on;
	struct rnd_state rnd;
};

static u32 below(struct model *model, u32 ceil)
{
	return prandom_u32_state(&model->rnd) % ceil;
}

static u16 random_port(struct model *model)
{
	u32 offset = below(model, CROWD);

	return below(model, 2) ? 1 + offset : U16_MAX - offset;
}

static u16 random_last(struct model *model, u16 first)
{
	/* Few are long, now and then one goes from crowd to crowd. */
	static const u16 lengths[] = { 1, 1, 2, 8, 64, 65, 300, 65000 };
	u32 last = first + below(model, lengths[below(model, ARRAY_SIZE(lengths))]);

	return min_t(u32, last, U16_MAX);
}

static void fill(struct model *model, u16 first, u16 last, struct portres_reservation *resv)
{
	unsigned int port;

	for (port = first; port <= last; port++)
		model->on[port] = resv;
}

static struct portres_reservation *next_in(const struct model *model, unsigned int port)
{
	for (; port < PORTS; port++)
		if (model->on[port])
			return model->on[port];
	return NULL;
}

static unsigned int next_free_in(const struct model *model, u16 first, u16 last)
{
	unsigned int port;

	for (port = first; port <= last; port++)
		if (!model->on[port])
			return port;
	return 0;
}

static bool try_add(struct kunit *test, struct model *model)
{
	struct portres_spec spec = { .protocol = &portres_udp, .owner = INVALID_UID };
	struct portres_reservation *resv, *hit;
	int err;

	spec.first = random_port(model);
	spec.last = random_last(model, spec.first);
	resv = portres_reservation_alloc(&spec);
	KUNIT_ASSERT_NOT_NULL(test, resv);
	hit = next_in(model, spec.first);
	KUNIT_ASSERT_EQ(test, portres_table_prepare(model->table), 0);

	spin_lock_bh(model->table->lock);
	err = portres_table_add(model->table, resv);
	spin_unlock_bh(model->table->lock);
	if (err)
		portres_reservation_put(resv);
	else
		fill(model, spec.first, spec.last, resv);
	return err == (hit && hit->first <= spec.last ? -EEXIST : 0);
}

static bool try_del(struct model *model)
{
	struct portres_reservation *resv = next_in(model, random_port(model));

	if (!resv)
		return true;
	fill(model, resv->first, resv->last, NULL);
	spin_lock_bh(model->table->lock);
	portres_table_del(model->table, resv);
	spin_unlock_bh(model->table->lock);
	return true;
}

/* The block of one is changed in the two steps of a change, and may come back to where it was. */
static bool try_change(struct kunit *test, struct model *model)
{
	struct portres_reservation *resv = next_in(model, random_port(model));
	unsigned int first, last, port;

	if (!resv)
		return true;
	first = resv->first - min(below(model, 40), resv->first - 1U);
	last = first + below(model, 200);
	if (last < resv->first)
		last = resv->first;
	last = min(last, PORTS - 1U);
	for (port = first; port <= last; port++)
		if (model->on[port] && model->on[port] != resv)
			return true;
	KUNIT_ASSERT_EQ(test, portres_moved_prepare(model->table), 0);
	fill(model, resv->first, resv->last, NULL);
	spin_lock_bh(model->table->lock);
	portres_table_extend(model->table, resv, min_t(u16, first, resv->first),
			     max_t(u16, last, resv->last));
	KUNIT_EXPECT_EQ(test, portres_moved_add(model->table, resv, first, last), 0);
	portres_table_change(model->table, resv, first, last, NULL);
	spin_unlock_bh(model->table->lock);
	fill(model, first, last, resv);
	return true;
}

static bool agree_on_port(struct model *model, u16 port)
{
	struct portres_reservation *on = model->on[port];
	bool found;

	rcu_read_lock();
	found = portres_table_find(model->table, port) == on &&
		portres_table_next(model->table, port) == next_in(model, port);
	if (on)
		found = found &&
			portres_table_find_block(model->table, on->first, on->last) == on &&
			portres_table_find_token(model->table, on->token) == on;
	rcu_read_unlock();
	return found && portres_table_reserved(model->table, port) == !!on;
}

static bool agree_on_range(struct model *model, u16 first, u16 last)
{
	struct portres_reservation *next = next_in(model, first);

	return portres_table_overlaps(model->table, first, last) ==
	       (next && next->first <= last) &&
	       portres_test_next_free(model->table, first, last) ==
	       next_free_in(model, first, last);
}

static bool agree_on_all_bits(struct model *model)
{
	unsigned int port;

	for (port = 0; port < PORTS; port++)
		if (portres_table_reserved(model->table, port) != !!model->on[port] ||
		    portres_test_find(model->table, port) != model->on[port])
			return false;
	return true;
}

static bool agree(struct model *model)
{
	int i;

	for (i = 0; i < 4; i++) {
		u16 port = random_port(model);

		if (!agree_on_port(model, port) ||
		    !agree_on_range(model, port, random_last(model, port)))
			return false;
	}
	return true;
}

static void random_operations(struct kunit *test)
{
	struct model *model = kunit_kzalloc(test, sizeof(*model), GFP_KERNEL);
	int i;

	KUNIT_ASSERT_NOT_NULL(test, model);
	model->on = kunit_kcalloc(test, PORTS, sizeof(*model->on), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, model->on);
	model->table = portres_test_table(test);
	prandom_seed_state(&model->rnd, 1723);

	for (i = 0; i < OPERATIONS; i++) {
		u32 what = below(model, 7);
		bool right = what < 3 ? try_add(test, model) :
			     what < 5 ? try_del(model) : try_change(test, model);

		KUNIT_ASSERT_TRUE_MSG(test, right, "operation %d: wrong answer", i);
		KUNIT_ASSERT_TRUE_MSG(test, agree(model), "after operation %d", i);
		if (i % 100 == 0)
			KUNIT_ASSERT_TRUE_MSG(test, agree_on_all_bits(model),
					      "after operation %d", i);
	}
}

static struct kunit_case model_cases[] = {
	KUNIT_CASE(random_operations),
	{}
};

static struct kunit_suite model_suite = {
	.name = "portres_table_model",
	.test_cases = model_cases,
};

kunit_test_suite(model_suite);
