// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which socket gets which port: family x address x reuse flags x way x association x user. For UDP,
 * or for TCP if the argument is "tcp" (tcp_matrix.sh).
 * An outcome that the contract leaves open must be that of the same attempt before the module was
 * loaded; so must the outcome of an attempt that does not concern the contract.
 *
 * On a debug kernel, one set of reuse flags for each of the other combinations.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "attempt.h"
#include "client.h"
#include "env.h"
#include "sock.h"
#include "tap.h"
#include "bind_oracle.h"

static const uid_t uids[WHOS] = { 0, OWNER_UID, STRANGER_UID };

/* Outcomes from before the module was loaded. */
static struct outcome plain[KINDS][FAMILIES][ADDRESSES][REUSES][WHOS][HOWS];

static enum kind kind = UDP;	/* whose ports are reserved */
static struct client client;
static uint64_t right_token, wrong_token;
static unsigned long attempts;
static bool slow;

static enum way way_of(enum how how)
{
	static const enum way ways[HOWS] = {
		[AT_ZERO] = ZERO, [BY_CONNECT] = CONNECT, [BY_SENDTO] = SENDTO,
		[BY_LISTEN] = LISTEN
	};

	return ways[how];
}

/* Capabilities go and come with the effective user id. */
static void act_as(enum who who)
{
	if (seteuid(0) || (uids[who] && seteuid(uids[who])))
		tap_bail("cannot become user %d", (int)uids[who]);
}

static struct outcome attempt_as(enum who who, const struct attempt *attempt)
{
	struct outcome outcome;
	int fd;

	act_as(who);
	fd = attempt_open(attempt);
	outcome = attempt_make(fd, attempt);
	close(fd);
	act_as(ROOT);
	attempts++;
	return outcome;
}

/* The same, but for which ephemeral port it was. */
static bool same_outcome(struct outcome a, struct outcome b, enum how how)
{
	if (a.error != b.error || !a.port != !b.port)
		return false;
	if (how < AT_ZERO || !a.port)
		return a.port == b.port;
	return b.port >= EPHEMERAL_LOW && b.port <= EPHEMERAL_HIGH;
}

static bool is_left_out(const struct attempt *attempt, enum who who, enum how how)
{
	int others = attempt->kind + attempt->family + attempt->address + who + how;

	return slow && (unsigned int)others % REUSES != attempt->reuse;
}

/* Records the outcome (@when is NULL), or compares it with the record. */
static bool compare_one(const struct attempt *attempt, enum who who, enum how how, const char *when)
{
	struct outcome now = attempt_as(who, attempt), *before =
		&plain[attempt->kind][attempt->family][attempt->address][attempt->reuse][who][how];

	if (!when)
		*before = now;
	if (same_outcome(*before, now, how))
		return true;
	tap_diag("%s, %s, %s: was %s, port %u; is %s, port %u", address_names[attempt->address],
		 reuse_names[attempt->reuse], who_names[who], errno_name(before->error),
		 before->port, errno_name(now.error), now.port);
	return false;
}

static void compare_row(struct attempt attempt, enum how how, const char *when)
{
	int address, reuse, who, different = 0;

	for (address = 0; address < ADDRESSES; address++)
		for (reuse = 0; reuse < REUSES; reuse++)
			for (who = 0; who < WHOS; who++) {
				attempt.address = address;
				attempt.reuse = reuse;
				if (attempt_exists(&attempt) && !is_left_out(&attempt, who, how))
					different += !compare_one(&attempt, who, how, when);
			}
	if (when)
		tap_ok(!different, "%s %s, %s: as without the module, %s",
		       kind_names[attempt.kind], family_names[attempt.family], how_names[how],
		       when);
}

static bool how_exists(enum kind of, enum how how)
{
	return how != (of == TCP ? BY_SENDTO : BY_LISTEN);
}

static void compare(enum kind of, const char *when)
{
	struct attempt attempt = { .kind = of };
	int family, how;

	if (!attempt_kind_exists(of)) {
		if (when)
			tap_skip(NO_UDPLITE, "%s: as without the module, %s", kind_names[of],
				 when);
		return;
	}
	for (family = 0; family < FAMILIES; family++)
		for (how = 0; how < HOWS; how++) {
			if (!how_exists(of, how) || (how == BY_LISTEN && family == MAPPED))
				continue;
			attempt.family = family;
			attempt.way = way_of(how);
			attempt.port = port_of(RIGHT, how);
			compare_row(attempt, how, when);
		}
}

static void compare_all(const char *when)
{
	int of;

	for (of = 0; of < KINDS; of++)
		compare(of, when);
}

/* Other kinds of sockets have port spaces of their own, which the module must not touch. */
static void compare_others(void)
{
	enum kind of;

	for (of = 0; of < KINDS; of++)
		if (of != kind)
			compare(of, kind == TCP ? "its ports reserved for TCP" :
						  "its ports reserved for UDP");
}

static int protocol(void)
{
	return kind == TCP ? IPPROTO_TCP : IPPROTO_UDP;
}

static uint64_t must_reserve(unsigned int first)
{
	uint64_t token;

	must(reserve(&client, first, BLOCK_COUNT, NULL, OWNER_UID, &token), "cannot reserve");
	return token;
}

static void associate_as(enum who who, int fd, uint64_t token)
{
	int error, wanted = who == STRANGER ? EACCES : 0;

	act_as(who);
	error = associate(fd, token);
	act_as(ROOT);
	if (error != wanted)
		tap_bail("association as %s: %s", who_names[who], errno_name(error));
}

/* An association with a reservation that was deleted gives no right, even to reserved ports. */
static void associate_dead(enum who who, int fd)
{
	associate_as(who, fd, must_reserve(DEAD_FIRST));
	must(unreserve(&client, DEAD_FIRST, BLOCK_COUNT), "cannot delete");
	must_reserve(DEAD_FIRST);
}

static void give_right(enum right right, enum who who, int fd)
{
	switch (right) {
	case DEAD:
	case DEAD_THEN_RIGHT:
		associate_dead(who, fd);
		if (right == DEAD)
			return;
		break;
	case WRONG:
	case WRONG_THEN_RIGHT:
		associate_as(who, fd, wrong_token);
		if (right == WRONG)
			return;
		break;
	case NOTHING:
		return;
	default:
		break;
	}
	associate_as(who, fd, right_token);
	if (right == RIGHT_THEN_WRONG)
		associate_as(who, fd, wrong_token);
}

/*
 * An explicit bind fails for its address before it comes to the port. An implicit bind has come to
 * the port before the address is checked.
 */
static bool as_ruled(const struct attempt *attempt, enum right right, enum who who, enum how how,
		     struct outcome now)
{
	struct outcome before =
		plain[kind][attempt->family][attempt->address][attempt->reuse][who][how];
	int ruled = verdict(kind == TCP, right, who, how);
	int error = ruled;

	if (before.error && (!ruled || how <= AT_ZERO))
		error = before.error;
	if (now.error == error &&
	    (ruled || !before.port ? !now.port : port_fits(right, who, how, now.port)))
		return true;
	tap_diag("%s, %s: is %s, port %u; wanted %s", address_names[attempt->address],
		 reuse_names[attempt->reuse], errno_name(now.error), now.port, errno_name(error));
	return false;
}

static void matrix_row(struct attempt attempt, enum right right, enum who who, enum how how)
{
	int reuse, wrong = 0;

	for (reuse = 0; reuse < REUSES; reuse++) {
		struct outcome now;
		int fd;

		attempt.reuse = reuse;
		if (!attempt_exists(&attempt) || is_left_out(&attempt, who, how))
			continue;
		act_as(who);
		fd = attempt_open(&attempt);
		act_as(ROOT);
		give_right(right, who, fd);
		act_as(who);
		now = attempt_make(fd, &attempt);
		act_as(ROOT);
		close(fd);
		if (right == DEAD || right == DEAD_THEN_RIGHT)
			must(unreserve(&client, DEAD_FIRST, BLOCK_COUNT), "cannot delete");
		wrong += !as_ruled(&attempt, right, who, how, now);
		attempts++;
	}
	tap_ok(!wrong, "%s %s, %s, %s, %s: %s", family_names[attempt.family],
	       address_names[attempt.address], right_names[right], who_names[who], how_names[how],
	       errno_name(verdict(kind == TCP, right, who, how)));
}

static void matrix(struct attempt attempt)
{
	int right, who, how;

	for (right = 0; right < RIGHTS; right++)
		for (who = 0; who < WHOS; who++)
			for (how = 0; how < HOWS; how++) {
				attempt.way = way_of(how);
				attempt.port = port_of(right, how);
				if (how_exists(kind, how) && attempt_exists(&attempt))
					matrix_row(attempt, right, who, how);
			}
}

/* All of the ports of the matrix reserved in another network namespace, and other ports here. */
static void reserve_elsewhere(void)
{
	struct client other;
	int home = netns_get();

	must_reserve(WRONG_FIRST);
	new_netns();
	must(client_open(&other), "no client in another namespace");
	other.protocol = protocol();
	must(reserve(&other, 1, 65535, NULL, NO_OWNER, NULL), "cannot reserve all ports");
	client_close(&other);
	netns_enter(home);
	close(home);
}

int main(int argc, char **argv)
{
	struct attempt attempt = { .way = EXPLICIT };
	struct resv resv;
	int family, address;

	if (argc > 1 && !strcmp(argv[1], "tcp"))
		kind = TCP;
	attempt.kind = kind;
	if (module_loaded())
		tap_bail("the module is loaded already");
	slow = kernel_is_slow();
	new_netns();
	attempt_network();
	must(set_sysctl("net/ipv4/ip_local_port_range", "%d %d", EPHEMERAL_LOW, EPHEMERAL_HIGH),
	     "cannot set the ephemeral range");
	compare_all(NULL);
	module_load();
	compare_all("nothing reserved");

	must(client_open(&client), "no client");
	client.protocol = protocol();
	reserve_elsewhere();
	compare_all("other ports reserved");
	must(get_block(&client, WRONG_FIRST, BLOCK_COUNT, &resv), "no reservation");
	tap_num(resv.refused, 0, "a reservation of other ports refused nobody");

	right_token = must_reserve(RIGHT_FIRST);
	must(unreserve(&client, WRONG_FIRST, BLOCK_COUNT), "cannot delete");
	wrong_token = must_reserve(WRONG_FIRST);
	compare_others();

	for (family = 0; family < FAMILIES; family++)
		for (address = 0; address < ADDRESSES; address++) {
			attempt.family = family;
			attempt.address = address;
			if (attempt_exists(&attempt))
				matrix(attempt);
		}
	tap_diag("covered: %lu attempts to get a port", attempts);
	tap_ok(module_unloads(), "the module can be unloaded");
	return tap_finish();
}
