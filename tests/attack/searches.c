// SPDX-License-Identifier: GPL-2.0-only
/*
 * Acquisitions by a crowd: those that search the whole ephemeral range for a gap that there is
 * not, which costs no quota; and blocks that are as large as may be, acquired and released.
 */
#include <errno.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "attack.h"
#include "env.h"
#include "sock.h"
#include "tap.h"

#define LOW 32768	/* of the ephemeral range */
#define HIGH 60999
#define BLOCK 4096	/* as much as a user may have */
#define BLOCKS 13	/* that there are above the one of the administrator */
#define LOWEST 10000
#define USERS 5000
#define SEARCHERS 512	/* the short form is an eighth of it */
#define ACQUIRERS 32

static __thread int own;	/* a socket, 0: none yet */

/* All of a process open files at the same table: in turn, and once. */
static int own_socket(void)
{
	if (!own)
		own = udp_open(AF_INET);
	return own;
}

/* Every gap has a port less than it would take. */
static void leave_no_gap(void)
{
	unsigned int port;

	for (port = LOW + BLOCK - 1; port <= HIGH; port += BLOCK)
		must(sock_bind(udp_open(AF_INET), "127.0.0.1", port), "cannot bind");
}

static void search_in_vain(unsigned int number)
{
	int error = acquire(own_socket(), 0, BLOCK, NULL);

	(void)number;
	if (error != EADDRINUSE && error != EAGAIN)
		tap_bail("a search in vain answers %s", errno_name(error));
}

static void searchers(bool attacking)
{
	attack_become_stranger();
	leave_no_gap();
	attack_threads(attack_is_full() ? SEARCHERS : SEARCHERS / 8,
		       attacking ? search_in_vain : attack_no_harm);
}

/* A user of its own, as one has many by a range of subordinate ids. */
static void acquire_and_release(unsigned int number)
{
	struct portres_association block;
	int error;

	if (!own)
		must(syscall(SYS_setresuid, USERS + number, USERS + number, USERS + number) ?
		     errno : 0, "cannot become another user");
	error = acquire(own_socket(), LOWEST + number % BLOCKS * BLOCK, BLOCK, &block);
	if (!error)
		release(own, block.token);
}

static void acquirers(bool attacking)
{
	attack_threads(ACQUIRERS, attacking ? acquire_and_release : attack_no_harm);
}

static const struct attack attacks[] = {
	{ .name = "threads that search in vain", .crowd = searchers },
	{ .name = "32 users that acquire and release 4096 ports", .crowd = acquirers },
};

int main(int argc, char **argv)
{
	unsigned int i;

	attack_arguments(argc, argv);
	new_netns();
	module_load();
	for (i = 0; i < sizeof(attacks) / sizeof(*attacks); i++)
		attack_rows(&attacks[i]);
	tap_ok(module_unloads(), "the module can be unloaded");
	return tap_finish();
}
