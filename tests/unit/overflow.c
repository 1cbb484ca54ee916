// SPDX-License-Identifier: GPL-2.0-only
/* Users of grants that a user namespace does not have, and those that look like them. */
#include <sched.h>
#include <string.h>
#include <unistd.h>
#include <sys/wait.h>

#include "disk/overflow.h"
#include "tap.h"

#define OVERFLOW_UID 65534

static bool overflows(uint32_t user, bool has_user)
{
	const struct portres_grants grants = {
		.count = 2, .items = { { .kind = PORTRES_GRANT_KERNEL },
				       { .kind = PORTRES_GRANT_USER, .has_user = has_user,
					 .user = user } },
	};

	return portres_grants_overflow(&grants);
}

/* Return: 0, 1; 2 if there is no user namespace to be had. */
static int overflows_in_namespace(uint32_t user)
{
	pid_t child = fork();
	int status;

	if (child == 0)
		_exit(unshare(CLONE_NEWUSER) ? 2 : overflows(user, true));
	if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status))
		return 2;
	return WEXITSTATUS(status);
}

int main(void)
{
	if (overflows(OVERFLOW_UID, true))
		tap_skip("the test itself runs in a user namespace", "the overflow uid as a user");
	else
		tap_ok(true, "where there are all users, the overflow uid is one of them");
	tap_ok(!overflows(7, true), "another user");
	tap_ok(!overflows(OVERFLOW_UID, false), "a grant without a user");
	if (overflows_in_namespace(OVERFLOW_UID) == 2) {
		tap_skip("no user namespaces", "in a user namespace");
		return tap_finish();
	}
	tap_num(overflows_in_namespace(OVERFLOW_UID), 1, "in a user namespace: may be any user");
	tap_num(overflows_in_namespace(7), 0, "another user in it");
	return tap_finish();
}
