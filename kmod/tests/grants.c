// SPDX-License-Identifier: GPL-2.0-only
/*
 * Grants for the KUnit suites.
 */
#include <kunit/test.h>

#include "core/terms.h"
#include "fixture.h"

static void free_terms(void *terms)
{
	kfree(terms);
}

/**
 * portres_test_grant - one grant that needs no text
 * @test: the test
 * @kind: PORTRES_GRANT_KERNEL, or another one to be filled in
 */
struct portres_terms *portres_test_grant(struct kunit *test, enum portres_grant_kind kind)
{
	struct portres_terms *terms = portres_terms_alloc(1, 0);

	KUNIT_ASSERT_NOT_NULL(test, terms);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, free_terms, terms), 0);
	terms->grants[0].kind = kind;
	terms->grants[0].user = INVALID_UID;
	terms->by_kernel = kind == PORTRES_GRANT_KERNEL;
	return terms;
}

/**
 * portres_test_grant_user - one grant of a user
 * @test: the test
 * @uid: the user
 */
struct portres_terms *portres_test_grant_user(struct kunit *test, uid_t uid)
{
	struct portres_terms *terms = portres_test_grant(test, PORTRES_GRANT_USER);

	terms->grants[0].user = KUIDT_INIT(uid);
	return terms;
}
