// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table against its rules: what may stand beside what, what is found where, and
 * what becomes of a reservation that leaves. See table_model_kunit.c for the same
 * against a model.
 */
#include <kunit/test.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "fixture.h"
#include "portres.h"

static int add(struct portres_table *table, struct portres_reservation *resv)
{
	int err;

	err = portres_table_prepare(table);
	if (err)
		return err;
	spin_lock_bh(table->lock);
	err = portres_table_add(table, resv);
	spin_unlock_bh(table->lock);
	return err;
}

static void del(struct portres_table *table, struct portres_reservation *resv)
{
	spin_lock_bh(table->lock);
	portres_table_del(table, resv);
	spin_unlock_bh(table->lock);
}

static struct portres_reservation *alloc(struct kunit *test, u16 first, u16 last)
{
	const struct portres_spec spec = {
		.protocol = &portres_udp, .first = first, .last = last, .owner = INVALID_UID,
	};
	struct portres_reservation *resv = portres_reservation_alloc(&spec);

	KUNIT_ASSERT_NOT_NULL(test, resv);
	return resv;
}

static struct portres_reservation *add_block(struct kunit *test, struct portres_table *table,
					     u16 first, u16 last)
{
	struct portres_reservation *resv = alloc(test, first, last);

	KUNIT_ASSERT_EQ(test, add(table, resv), 0);
	return resv;
}

/* What may stand beside 1000 to 1009. */
static const struct neighbour_row {
	const char *name;
	u16 first;
	u16 last;
	int err;
} neighbours[] = {
	{ "equal", 1000, 1009, -EEXIST },
	{ "nested", 1003, 1006, -EEXIST },
	{ "nested at the left edge", 1000, 1004, -EEXIST },
	{ "nested at the right edge", 1005, 1009, -EEXIST },
	{ "one port inside", 1005, 1005, -EEXIST },
	{ "first port only", 1000, 1000, -EEXIST },
	{ "last port only", 1009, 1009, -EEXIST },
	{ "containing", 990, 1020, -EEXIST },
	{ "containing everything", 1, 65535, -EEXIST },
	{ "over the left edge", 995, 1000, -EEXIST },
	{ "over the right edge", 1009, 1015, -EEXIST },
	{ "adjacent on the left", 990, 999, 0 },
	{ "adjacent on the right", 1010, 1019, 0 },
	{ "everything before", 1, 999, 0 },
	{ "everything behind", 1010, 65535, 0 },
};

KUNIT_ARRAY_PARAM_DESC(neighbour, neighbours, name);

static void add_beside(struct kunit *test)
{
	struct portres_table *table = portres_test_table(test);
	struct portres_reservation *standing = add_block(test, table, 1000, 1009);
	const struct neighbour_row *row = test->param_value;
	struct portres_reservation *other = alloc(test, row->first, row->last);
	u32 generation = table->generation;
	int err;

	err = add(table, other);
	KUNIT_EXPECT_EQ(test, err, row->err);
	KUNIT_EXPECT_EQ(test, refcount_read(&other->refs), 1);
	KUNIT_EXPECT_EQ(test, table->generation != generation, !row->err);

	/* Whatever happened, the one that stood stands. */
	KUNIT_EXPECT_PTR_EQ(test, portres_test_find_block(table, 1000, 1009), standing);
	KUNIT_EXPECT_EQ(test, portres_table_reserved(table, 999), !err && row->last == 999);
	KUNIT_EXPECT_EQ(test, portres_table_reserved(table, 1010), !err && row->first == 1010);
	if (err)
		portres_reservation_put(other);
	else
		KUNIT_EXPECT_PTR_EQ(test, portres_test_find(table, row->first), other);
}

/* Blocks at the edges of the range and of the words of the bitmap. */
static const struct block_row {
	const char *name;
	u16 first;
	u16 last;
} blocks[] = {
	{ "the first port", 1, 1 },
	{ "the last port", 65535, 65535 },
	{ "all ports", 1, 65535 },
	{ "the first word", 1, 63 },
	{ "a whole word", 64, 127 },
	{ "the last word", 65472, 65535 },
	{ "from word to word", 127, 128 },
	{ "over several words", 100, 500 },
	{ "first bit of a word", 192, 192 },
	{ "last bit of a word", 191, 191 },
};

KUNIT_ARRAY_PARAM_DESC(block, blocks, name);

static void expect_port(struct kunit *test, struct portres_table *table, unsigned int port,
			struct portres_reservation *resv)
{
	if (port > U16_MAX)
		return;
	KUNIT_EXPECT_PTR_EQ_MSG(test, portres_test_find(table, port), resv, "port %u", port);
	KUNIT_EXPECT_EQ_MSG(test, portres_table_reserved(table, port), !!resv, "port %u", port);
	KUNIT_EXPECT_EQ_MSG(test, portres_table_overlaps(table, port, port), !!resv,
			    "port %u", port);
}

static void edges(struct kunit *test)
{
	struct portres_table *table = portres_test_table(test);
	const struct block_row *row = test->param_value;
	struct portres_reservation *resv = add_block(test, table, row->first, row->last);
	unsigned int port;

	for (port = row->first; port <= row->last; port++)
		expect_port(test, table, port, resv);
	expect_port(test, table, row->first - 1, NULL);
	expect_port(test, table, row->last + 1, NULL);
	KUNIT_EXPECT_EQ(test, portres_reservation_count(resv), row->last - row->first + 1);
	KUNIT_EXPECT_EQ(test, portres_test_next_free(table, row->first, row->last), 0);
	KUNIT_EXPECT_EQ(test, portres_test_next_free(table, row->first, 65535),
			row->last == 65535 ? 0 : row->last + 1);

	del(table, resv);
	for (port = row->first; port <= row->last; port++)
		expect_port(test, table, port, NULL);
	KUNIT_EXPECT_FALSE(test, portres_table_overlaps(table, 1, 65535));
}

static void empty(struct kunit *test)
{
	struct portres_table *table = portres_test_table(test);

	expect_port(test, table, 1, NULL);
	expect_port(test, table, 65535, NULL);
	KUNIT_EXPECT_NULL(test, portres_table_next(table, 0));
	KUNIT_EXPECT_NULL(test, portres_table_next(table, 65535));
	KUNIT_EXPECT_NULL(test, portres_test_find_token(table, 0));
	KUNIT_EXPECT_FALSE(test, portres_table_overlaps(table, 1, 65535));
	KUNIT_EXPECT_EQ(test, portres_test_next_free(table, 7, 65535), 7);
	KUNIT_EXPECT_TRUE_MSG(test, rcu_access_pointer(table->bits) ==
			      rcu_access_pointer(portres_test_table(test)->bits),
			      "a namespace without reservations pays for a bitmap");
}

static void next_in_order(struct kunit *test)
{
	struct portres_table *table = portres_test_table(test);
	struct portres_reservation *high = add_block(test, table, 65535, 65535);
	struct portres_reservation *low = add_block(test, table, 1, 10);
	struct portres_reservation *mid = add_block(test, table, 500, 599);

	KUNIT_EXPECT_PTR_EQ(test, portres_table_next(table, 0), low);
	KUNIT_EXPECT_PTR_EQ(test, portres_table_next(table, 10), low);
	KUNIT_EXPECT_PTR_EQ(test, portres_table_next(table, 11), mid);
	KUNIT_EXPECT_PTR_EQ(test, portres_table_next(table, 599), mid);
	KUNIT_EXPECT_PTR_EQ(test, portres_table_next(table, 600), high);
	KUNIT_EXPECT_PTR_EQ(test, portres_table_next(table, 65535), high);
	KUNIT_EXPECT_NULL(test, portres_table_next(table, 65536));
}

static void find_exact_block_only(struct kunit *test)
{
	struct portres_table *table = portres_test_table(test);
	struct portres_reservation *resv = add_block(test, table, 100, 200);

	KUNIT_EXPECT_PTR_EQ(test, portres_test_find_block(table, 100, 200), resv);
	KUNIT_EXPECT_NULL(test, portres_test_find_block(table, 100, 199));
	KUNIT_EXPECT_NULL(test, portres_test_find_block(table, 101, 200));
	KUNIT_EXPECT_NULL(test, portres_test_find_block(table, 100, 201));
	KUNIT_EXPECT_NULL(test, portres_test_find_block(table, 99, 200));
}

static void find_by_token(struct kunit *test)
{
	struct portres_table *table = portres_test_table(test);
	struct portres_reservation *resv = add_block(test, table, 100, 200);
	u64 token = resv->token;

	KUNIT_EXPECT_NE(test, token, 0);
	KUNIT_EXPECT_PTR_EQ(test, portres_test_find_token(table, token), resv);
	KUNIT_EXPECT_NULL(test, portres_test_find_token(table, token ^ BIT_ULL(63)));
	KUNIT_EXPECT_NULL(test, portres_test_find_token(table, token ^ BIT_ULL(16)));
	KUNIT_EXPECT_NULL_MSG(test, portres_test_find_token(table, token + 1),
			      "another port of the block is another name");

	del(table, resv);
	KUNIT_EXPECT_NULL(test, portres_test_find_token(table, token));
	resv = add_block(test, table, 100, 200);
	KUNIT_EXPECT_NE_MSG(test, resv->token, token, "a new reservation has the old token");
}

static void generation_changes(struct kunit *test)
{
	struct portres_table *table = portres_test_table(test);
	struct portres_reservation *resv;
	u32 before = table->generation;

	KUNIT_EXPECT_NE(test, before, 0);
	resv = add_block(test, table, 100, 200);
	KUNIT_EXPECT_NE(test, table->generation, before);
	before = table->generation;
	del(table, resv);
	KUNIT_EXPECT_NE(test, table->generation, before);

	table->generation = U32_MAX;
	add_block(test, table, 100, 200);
	KUNIT_EXPECT_NE_MSG(test, table->generation, 0, "0 means nothing to a dump");
}

static void deleted_is_dead(struct kunit *test)
{
	struct portres_table *table = portres_test_table(test);
	struct portres_reservation *resv = add_block(test, table, 100, 200);

	KUNIT_EXPECT_FALSE(test, resv->dead);
	refcount_inc(&resv->refs);
	del(table, resv);
	KUNIT_EXPECT_TRUE(test, resv->dead);
	KUNIT_EXPECT_EQ_MSG(test, refcount_read(&resv->refs), 1,
			    "the table has one reference to drop");
	portres_reservation_put(resv);
}

static DEFINE_SPINLOCK(closed_lock);

static void closed_guards_nothing(struct kunit *test)
{
	struct portres_table *table = kunit_kzalloc(test, sizeof(*table), GFP_KERNEL);
	struct portres_reservation *resv[2];
	int i;

	KUNIT_ASSERT_NOT_NULL(test, table);
	portres_table_init(table, &closed_lock);
	resv[0] = add_block(test, table, 100, 200);
	resv[1] = add_block(test, table, 65535, 65535);
	for (i = 0; i < ARRAY_SIZE(resv); i++)
		refcount_inc(&resv[i]->refs);

	portres_table_close(table);
	KUNIT_EXPECT_FALSE(test, portres_table_reserved(table, 100));
	KUNIT_EXPECT_FALSE(test, portres_table_overlaps(table, 1, 65535));
	KUNIT_EXPECT_EQ(test, portres_test_next_free(table, 100, 200), 100);
	for (i = 0; i < ARRAY_SIZE(resv); i++) {
		KUNIT_EXPECT_TRUE(test, resv[i]->dead);
		KUNIT_EXPECT_EQ(test, refcount_read(&resv[i]->refs), 2);
	}

	synchronize_rcu();
	portres_table_fini(table);
	for (i = 0; i < ARRAY_SIZE(resv); i++) {
		KUNIT_EXPECT_EQ(test, refcount_read(&resv[i]->refs), 1);
		portres_reservation_put(resv[i]);
	}
}

static void alloc_keeps_the_spec(struct kunit *test)
{
	char name[PORTRES_NAME_MAX + 1];
	const struct portres_spec spec = {
		.protocol = &portres_udp, .first = 7, .last = 9, .owner = KUIDT_INIT(1000),
		.name = name,
	};
	struct portres_reservation *resv;

	memset(name, 'x', PORTRES_NAME_MAX);
	name[PORTRES_NAME_MAX] = '\0';
	resv = portres_reservation_alloc(&spec);
	KUNIT_ASSERT_NOT_NULL(test, resv);
	KUNIT_EXPECT_STREQ(test, rcu_access_pointer(resv->terms)->name, name);
	KUNIT_EXPECT_TRUE(test, uid_eq(resv->owner, spec.owner));
	KUNIT_EXPECT_EQ(test, resv->first, 7);
	KUNIT_EXPECT_EQ(test, resv->last, 9);
	KUNIT_EXPECT_EQ(test, resv->block, portres_block_pack(7, 9));
	KUNIT_EXPECT_FALSE(test, resv->dead);
	portres_reservation_put(resv);
}

/* A walk that found a reservation which then moves away goes on where it was. */
static void walk_goes_on(struct kunit *test)
{
	struct portres_table *table = portres_test_table(test);
	struct portres_reservation *resv = add_block(test, table, 100, 200);

	KUNIT_EXPECT_EQ(test, portres_reservation_next_port(resv, 100), 201);
	KUNIT_EXPECT_EQ(test, portres_reservation_next_port(resv, 0), 201);
	KUNIT_EXPECT_EQ(test, portres_reservation_next_port(resv, 201), 201);
	KUNIT_EXPECT_EQ(test, portres_reservation_next_port(resv, 300), 300);
	del(table, resv);
	resv = add_block(test, table, 65000, 65535);
	KUNIT_EXPECT_EQ(test, portres_reservation_next_port(resv, 65535), 65536);
}

/* What is free around a port, also if the port was reserved since somebody found it free. */
static const struct around_row {
	const char *name;
	u16 port, from, to;
	u16 first, last;	/* last is less than first: nothing */
} arounds[] = {
	{ "free", 1015, 1000, 1031, 1010, 1019 },
	{ "cut by the range", 1015, 1012, 1017, 1012, 1017 },
	{ "reserved, the last of a block", 1009, 1000, 1031, 1009, 1008 },
	{ "reserved, the first of a block", 1020, 1000, 1031, 1010, 1019 },
	{ "reserved, the first of the range", 1020, 1020, 1031, 1020, 1019 },
};

KUNIT_ARRAY_PARAM_DESC(around, arounds, name);

static void gap_around(struct kunit *test)
{
	const struct around_row *row = test->param_value;
	struct portres_table *table = portres_test_table(test);
	u16 first = row->from, last = row->to;

	add_block(test, table, 1000, 1009);
	add_block(test, table, 1020, 1029);
	portres_table_gap_around(table, row->port, &first, &last);
	KUNIT_EXPECT_EQ(test, first, row->first);
	KUNIT_EXPECT_EQ(test, last, row->last);
}

static struct kunit_case table_cases[] = {
	KUNIT_CASE_PARAM(add_beside, neighbour_gen_params),
	KUNIT_CASE_PARAM(edges, block_gen_params),
	KUNIT_CASE(empty),
	KUNIT_CASE(next_in_order),
	KUNIT_CASE(walk_goes_on),
	KUNIT_CASE_PARAM(gap_around, around_gen_params),
	KUNIT_CASE(find_exact_block_only),
	KUNIT_CASE(find_by_token),
	KUNIT_CASE(generation_changes),
	KUNIT_CASE(deleted_is_dead),
	KUNIT_CASE(closed_guards_nothing),
	KUNIT_CASE(alloc_keeps_the_spec),
	{}
};

static struct kunit_suite table_suite = {
	.name = "portres_table",
	.test_cases = table_cases,
};

kunit_test_suite(table_suite);
