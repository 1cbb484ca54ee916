// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs steps of a KUnit suite as another user, or in another process.
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/cred.h>
#include <linux/kthread.h>

#include "fixture.h"

/**
 * portres_test_become - go on as another user
 * @test: the test
 * @uid: the user
 * @privileged: has every capability; else none
 *
 * Return: the credentials of before, for revert_creds().
 */
const struct cred *portres_test_become(struct kunit *test, uid_t uid, bool privileged)
{
	struct cred *cred = prepare_creds();
	const struct cred *before;

	KUNIT_ASSERT_NOT_NULL(test, cred);
	cred->uid = KUIDT_INIT(uid);
	cred->euid = KUIDT_INIT(uid);
	if (!privileged)
		cred->cap_effective = (kernel_cap_t) {};
	before = override_creds(cred);
	put_cred(cred);
	return before;
}

struct question {
	int (*ask)(void *arg);
	void *arg;
	int answer;
	struct completion answered;
};

static int answer(void *arg)
{
	struct question *question = arg;

	question->answer = question->ask(question->arg);
	complete(&question->answered);
	return 0;
}

/**
 * portres_test_elsewhere - do something as another process
 * @test: the test
 * @ask: what is done there
 * @arg: its argument
 *
 * Return: what @ask returned.
 */
int portres_test_elsewhere(struct kunit *test, int (*ask)(void *arg), void *arg)
{
	struct question question = { .ask = ask, .arg = arg };

	init_completion(&question.answered);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, kthread_run(answer, &question, "portres-test"));
	wait_for_completion(&question.answered);
	return question.answer;
}
