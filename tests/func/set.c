// SPDX-License-Identifier: GPL-2.0-only
/*
 * PORTRES_CMD_SET: changes only what the request names; no other socket gets a port of both blocks,
 * whatever races with the change.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "client.h"
#include "env.h"
#include "sock.h"
#include "tap.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof(*(array)))

#define FIRST 5000
#define COUNT 10
#define LAST (FIRST + COUNT - 1)

static struct client client;
static uint64_t token;

static int set_with(const char *name, const char *grants, unsigned int first, unsigned int count,
		    struct answer *answer)
{
	struct request rq;

	request_init(&rq, PORTRES_CMD_SET, 0);
	request_u64(&rq, PORTRES_A_TOKEN, token);
	if (name)
		request_str(&rq, PORTRES_A_NAME, name);
	if (grants)
		request_grants(&rq, grants);
	if (count) {
		request_u16(&rq, PORTRES_A_FIRST, first);
		request_u16(&rq, PORTRES_A_COUNT, count);
	}
	return client_call(&client, &rq, answer);
}

static bool is(const char *name, const char *grants, unsigned int first, unsigned int count)
{
	struct resv resv;

	if (get_token(&client, token, &resv))
		return false;
	if (!strcmp(resv.name, name) && !strcmp(told_grants(), grants) && resv.first == first &&
	    resv.count == count)
		return true;
	tap_diag("%u, %u ports, \"%s\", for %s", resv.first, resv.count, resv.name, told_grants());
	return false;
}

static void each_by_itself(void)
{
	struct answer answer = { 0 };

	must(set_with("one", "user 4000; unit a.service of 7", 0, 0, NULL), "cannot set");
	tap_ok(is("one", "user 4000; unit a.service of 7", FIRST, COUNT), "name and grants");
	must(set_name(&client, token, "two"), "cannot set");
	tap_ok(is("two", "user 4000; unit a.service of 7", FIRST, COUNT), "name alone");
	must(set_grants(&client, token, "cgroup /a/b; kernel"), "cannot set");
	tap_ok(is("two", "cgroup /a/b; kernel", FIRST, COUNT), "grants alone");
	must(set_block(&client, token, FIRST - 5, COUNT), "cannot set");
	tap_ok(is("two", "cgroup /a/b; kernel", FIRST - 5, COUNT), "block alone");
	must(set_name(&client, token, ""), "cannot set");
	tap_ok(is("", "cgroup /a/b; kernel", FIRST - 5, COUNT), "no name");
	must(set_grants(&client, token, ""), "cannot set");
	tap_ok(is("", "", FIRST - 5, COUNT), "no grants");
	tap_errno(set_with("three", "user 1", FIRST, COUNT, &answer), 0, "all at once");
	tap_ok(is("three", "user 1", FIRST, COUNT), "is so");
	tap_ok(answer.cmd == PORTRES_CMD_SET && answer.resv.first == FIRST &&
	       answer.resv.count == COUNT && answer.resv.token == token &&
	       !strcmp(answer.resv.name, "three") && answer.resv.owner == 1,
	       "the answer tells it");
	must(set_with("", NULL, 0, 0, NULL) ?: set_grants(&client, token, ""), "cannot set");
}

static void ports_follow(void)
{
	static const struct { unsigned int first, last; } blocks[] = {
		{ FIRST, LAST + 300 }, { FIRST - 300, LAST + 300 }, { FIRST - 300, FIRST - 200 },
		{ FIRST - 200, FIRST - 200 }, { FIRST - 250, LAST + 400 }, { LAST, LAST + 5 },
		{ LAST + 5, LAST + 5 }, { FIRST, LAST + 5 }, { FIRST, LAST },
	};
	unsigned int port, wrong;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(blocks); i++) {
		must(set_block(&client, token, blocks[i].first,
			       blocks[i].last - blocks[i].first + 1), "cannot set");
		wrong = 0;
		for (port = FIRST - 310; port < LAST + 410; port++) {
			bool reserved = port >= blocks[i].first && port <= blocks[i].last;

			wrong += try_port(AF_INET6, port) != (reserved ? EADDRINUSE : 0);
			wrong += get_port(&client, port, NULL) != (reserved ? 0 : ENOENT);
		}
		tap_num(wrong, 0, "%u to %u", blocks[i].first, blocks[i].last);
	}
}

static void what_stays(void)
{
	int bound = udp_associated(AF_INET, token), early = udp_associated(AF_INET6, token);
	struct portres_association block;
	struct resv before, after;

	must(sock_bind_any(bound, LAST), "cannot bind");
	must(get_token(&client, token, &before), "no reservation");
	must(set_with("x", "user 4000", FIRST, COUNT - 1, NULL), "cannot set");
	must(get_token(&client, token, &after), "no reservation");
	tap_ok(after.token == token && after.refused >= before.refused && before.refused &&
	       after.sockets == 2, "token, refusals and sockets stay");
	tap_num(sock_port(bound), LAST, "a socket keeps a port that has left the block");
	tap_ok(!association(early, &block) && block.count == COUNT - 1 && !block.flags,
	       "an associated socket is told the new block");
	tap_errno(sock_bind_any(early, LAST), EADDRNOTAVAIL, "and confined to it");
	tap_errno(set_block(&client, token, FIRST, COUNT), EADDRINUSE,
		  "the port does not come back while it is in use");
	tap_errno(sock_bind_any(early, 0), 0, "port 0 is in the block");
	tap_ok(sock_port(early) >= FIRST && sock_port(early) < LAST, "as it is now");
	close(bound);
	tap_errno(set_block(&client, token, FIRST, COUNT), 0, "then it does");
	close(early);
	must(set_with("", NULL, 0, 0, NULL) ?: set_grants(&client, token, ""), "cannot set");
}

static void refused_changes(void)
{
	struct portres_association runtime;
	int holder = udp_open(AF_INET), user = udp_open(AF_INET);
	struct answer answer = { 0 };
	uint64_t own = token;

	must(acquire(holder, FIRST + 100, 2, &runtime), "cannot acquire");
	must(reserve(&client, FIRST + 50, 5, NULL, NO_OWNER, NULL), "cannot reserve");
	must(sock_bind_any(user, LAST + 3), "cannot bind");

	tap_errno(set_with(NULL, NULL, LAST + 1, 2, &answer), EINVAL,
		  "a block that does not overlap");
	tap_num(answer.bad_attr, PORTRES_A_FIRST, "it points to the first port");
	tap_errno(set_block(&client, token, FIRST - 2, 2), EINVAL, "nor on the other side");
	tap_errno(set_block(&client, token, FIRST, 65535), EINVAL, "a block beyond the last port");
	tap_errno(set_block(&client, token, FIRST, COUNT + 3), EADDRINUSE, "a port is in use");
	tap_errno(set_block(&client, token, FIRST - 2, 5 + COUNT), EADDRINUSE,
		  "a port is in use, and others are not");
	tap_errno(set_block(&client, token, FIRST, 51), EADDRINUSE, "in use and reserved");
	close(user);
	tap_errno(set_block(&client, token, FIRST, 51), EEXIST, "a port is reserved");
	tap_errno(set_block(&client, token, FIRST, 200), EEXIST, "several are");
	tap_ok(is("", "", FIRST, COUNT) && !try_port(AF_INET, LAST + 1) &&
	       !try_port(AF_INET, FIRST - 1), "all of it is as before");

	token = runtime.token;
	tap_errno(set_with("x", NULL, 0, 0, &answer), EOPNOTSUPP, "a runtime reservation");
	tap_ok(strstr(answer.text, "runtime"), "with a text: %s", answer.text);
	token = own ^ 1ULL << 40;
	tap_errno(set_with("x", NULL, 0, 0, &answer), ENOENT, "no such token");
	tap_num(answer.bad_attr, PORTRES_A_TOKEN, "it points to the token");
	token = own;
	tap_errno(set_with(NULL, NULL, 0, 0, &answer), EINVAL, "nothing to change");
	must(unreserve(&client, FIRST + 50, 5), "cannot delete");
	close(holder);
}

static int try_to_set(void *arg)
{
	struct client own;

	(void)arg;
	must(client_open(&own), "no client");
	return set_name(&own, token, "stranger");
}

static void privilege(void)
{
	must(set_grants(&client, token, "user 4000"), "cannot set");
	tap_errno(as_user(OWNER_UID, try_to_set, NULL), EPERM, "a grantee changes nothing");
	tap_errno(as_userns_root(false, try_to_set, NULL), EPERM, "nor root of a user namespace");
	must(set_grants(&client, token, ""), "cannot set");
}

static void notification(void)
{
	struct client everybody, admin;
	struct resv told = { 0 };
	int cmd = 0;

	must(client_open(&everybody) ?: client_subscribe(&everybody), "cannot listen");
	must(client_open(&admin) ?: client_subscribe_admin(&admin), "cannot listen");
	must(set_with("told", "user 7; cgroup /x", FIRST - 1, COUNT, NULL), "cannot set");
	tap_errno(client_event(&everybody, 1000, &cmd, &told), 0, "a change is told");
	tap_ok(cmd == PORTRES_CMD_CHANGED && told.first == FIRST - 1 && told.count == COUNT &&
	       told.was_first == FIRST && told.was_count == COUNT &&
	       !strcmp(told_grants(), "user 7; cgroup /x") && !strcmp(told.name, "told") &&
	       !(told.has & 1U << PORTRES_A_TOKEN), "with the block of before, without the token");
	cmd = 0;
	tap_errno(client_event(&admin, 1000, &cmd, &told), 0, "to the administrator as well");
	must(set_block(&client, token, FIRST, COUNT), "cannot set");
	must(client_event(&everybody, 1000, &cmd, &told), "not told");
	must(set_block(&client, token, FIRST, 65000) == EINVAL ? 0 : EBADE, "changed");
	tap_errno(client_event(&everybody, 100, &cmd, &told), ETIME, "a refused one is not");
	must(set_with("", NULL, 0, 0, NULL) ?: set_grants(&client, token, ""), "cannot set");
	client_close(&everybody);
	client_close(&admin);
}

/* A token finds its reservation after a move, also if another one has its old ports. */
static void token_after_moves(void)
{
	uint64_t second, mine = token;
	struct resv resv;

	must(set_block(&client, token, LAST, 5), "cannot set");
	must(reserve(&client, FIRST, COUNT - 1, NULL, NO_OWNER, &second), "cannot reserve");
	tap_ok(!get_token(&client, mine, &resv) && resv.first == LAST, "the one that moved");
	tap_ok(!get_token(&client, second, &resv) && resv.first == FIRST, "the one in its place");
	tap_ok(get_token(&client, mine ^ 1ULL << 50, &resv) == ENOENT, "and no other");
	must(unreserve(&client, FIRST, COUNT - 1), "cannot delete");
	must(set_block(&client, token, FIRST, COUNT), "cannot set");
}

/* Results of strangers and of a grantee, in shared memory. */
struct crowd {
	bool stop;
	unsigned long tries, stolen, held_reserved, grantee, grantee_refused;
	int grantee_error;
};

static struct crowd *crowd;

#define STAYS 8000	/* reserved all the time */
#define N_STAYS 20
#define AROUND 300	/* ports on each side that come and go */

static int any_family(void)
{
	return random() & 1 ? AF_INET : AF_INET6;
}

/* A stranger never gets a port that stays; a port that is in use does not become reserved. */
static void be_stranger(struct client *own)
{
	unsigned int port = STAYS - AROUND + random() % (2 * AROUND + N_STAYS);
	int fd = udp_open(any_family());

	__atomic_fetch_add(&crowd->tries, 1, __ATOMIC_RELAXED);
	if (random() & 1)
		port = STAYS + random() % N_STAYS;
	if (!sock_bind_any(fd, port)) {
		if (port >= STAYS && port < STAYS + N_STAYS)
			__atomic_fetch_add(&crowd->stolen, 1, __ATOMIC_RELAXED);
		else if (!(random() & 3) && !get_port(own, port, NULL))
			__atomic_fetch_add(&crowd->held_reserved, 1, __ATOMIC_RELAXED);
	}
	close(fd);
}

/* The grantee can always bind its port, as its grant stays in every change. */
static void be_grantee(void)
{
	int fd = udp_open(any_family());
	int error = sock_bind_any(fd, STAYS + N_STAYS);

	__atomic_fetch_add(&crowd->grantee, 1, __ATOMIC_RELAXED);
	if (error) {
		__atomic_fetch_add(&crowd->grantee_refused, 1, __ATOMIC_RELAXED);
		crowd->grantee_error = error;
	}
	close(fd);
}

static pid_t start(int number)
{
	struct client own;
	pid_t pid = fork();

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	srandom(number);
	must(client_open(&own), "no client");
	must(setresuid(number ? STRANGER_UID : OWNER_UID, number ? STRANGER_UID : OWNER_UID,
		       number ? STRANGER_UID : OWNER_UID) ? errno : 0, "cannot change users");
	while (!__atomic_load_n(&crowd->stop, __ATOMIC_RELAXED)) {
		if (number)
			be_stranger(&own);
		else
			be_grantee();
	}
	_exit(0);
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

static bool is_enough(unsigned long done)
{
	return done >= 5 && __atomic_load_n(&crowd->tries, __ATOMIC_RELAXED) >= 20 &&
	       __atomic_load_n(&crowd->grantee, __ATOMIC_RELAXED) >= 5;
}

static void beside_binds(void)
{
	unsigned long done = 0, in_use = 0, other = 0;
	double end;
	uint64_t own = token;
	pid_t pids[5];
	size_t i;

	crowd = shared_memory(sizeof(*crowd));
	must(create_for(&client, STAYS, N_STAYS + 1, "user 4000", 0, &token), "cannot reserve");
	for (i = 0; i < ARRAY_SIZE(pids); i++)
		pids[i] = start(i);
	/* a debug kernel may be slow */
	end = now() + 5;
	while (now() < end || (!is_enough(done) && now() < end + 100)) {
		unsigned int before = random() % AROUND, behind = random() % AROUND;
		int error;

		error = set_with(random() & 1 ? "a" : "", random() & 1 ?
				 "user 4000" : "cgroup /none; user 4000; kernel", STAYS - before,
				 before + N_STAYS + 1 + behind, NULL);
		done += !error;
		in_use += error == EADDRINUSE;
		other += error && error != EADDRINUSE;
	}
	crowd->stop = true;
	for (i = 0; i < ARRAY_SIZE(pids); i++)
		waitpid(pids[i], NULL, 0);
	tap_diag("%lu changes, %lu met a port in use; %lu binds of strangers, %lu of the grantee",
		 done, in_use, crowd->tries, crowd->grantee);
	tap_ok(is_enough(done), "changes beside binds");
	tap_num(other, 0, "no change failed for another reason than a port in use");
	tap_num(crowd->stolen, 0, "no stranger had a port that stays");
	tap_num(crowd->held_reserved, 0, "no port was reserved that a stranger held");
	tap_num(crowd->grantee_refused, 0, "the grantee was never refused");
	if (crowd->grantee_refused)
		tap_diag("the last time with %s", errno_name(crowd->grantee_error));
	must(set_block(&client, token, STAYS, N_STAYS + 1), "cannot set");
	must(unreserve(&client, STAYS, N_STAYS + 1), "cannot delete");
	token = own;
}

int main(void)
{
	new_netns();
	module_load();
	must(client_open(&client), "no client");
	must(reserve(&client, FIRST, COUNT, NULL, NO_OWNER, &token), "cannot reserve");
	each_by_itself();
	ports_follow();
	what_stays();
	refused_changes();
	privilege();
	notification();
	token_after_moves();
	beside_binds();
	client_close(&client);
	tap_ok(module_unloads(), "the module can be unloaded");
	return tap_finish();
}
