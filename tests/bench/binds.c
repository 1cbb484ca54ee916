// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a bind pays: without the module, with a BPF program in its stead, with the module and
 * nothing reserved, and with one, a thousand and thirty thousand reservations, here or elsewhere;
 * and what it pays on a reserved port, with an association or a grant, or refused.
 */
#include <errno.h>
#include <unistd.h>

#include "binds.h"
#include "deny.h"
#include "env.h"
#include "group.h"
#include "sock.h"
#include "tap.h"

#define TIMES 101
#define GROUP "/bench.slice/bench.service"

static const int families[] = { AF_INET, AF_INET6 };
static const unsigned int counts[] = { 1, 1000, 30000 };

#define N(array) (sizeof(array) / sizeof((array)[0]))

/*
 * Binds to unreserved ports. The kernel mixes the namespace into the number of a hash slot at
 * random, so any other bound socket, even in another namespace, may share the slot and lengthen the
 * bind. So no other socket is bound, except where a port in use is measured.
 */
static void plain_binds(const char *variant)
{
	unsigned int i;
	int *holder;

	for (i = 0; i < N(families); i++) {
		struct bind_kind given = { .family = families[i], .port = FREE_PORT };
		struct bind_kind any = { .family = families[i] };
		struct bind_kind taken = {
			.family = families[i], .port = TAKEN_PORT, .error = EADDRINUSE,
		};

		tell_bind(&given, TIMES, "given", variant);
		tell_bind(&any, TIMES, "any", variant);
		holder = take_ports(AF_INET6, TAKEN_PORT, 1);
		tell_bind(&taken, TIMES, "taken", variant);
		leave_ports(holder, 1);
	}
}

static void owners_binds(uint64_t token, const char *variant)
{
	unsigned int i;

	for (i = 0; i < N(families); i++) {
		struct bind_kind given = {
			.family = families[i], .port = BLOCK_FIRST, .token = token,
		};
		struct bind_kind any = { .family = families[i], .token = token };
		struct bind_kind refused = {
			.family = families[i], .port = BLOCK_FIRST, .error = EADDRINUSE,
		};

		tell_bind(&given, TIMES, "associated-given", variant);
		tell_bind(&any, TIMES, "associated-any", variant);
		tell_bind(&refused, TIMES, "refused", variant);
	}
}

/* Unassociated sockets, by the first grant. For a cgroup the second bind: its result is cached. */
static void granted_binds(struct client *c, uint64_t token, const char *variant)
{
	static const struct {
		const char *row, *grants;
	} rows[] = {
		{ "granted-user", "user 0; kernel" },
		{ "granted-unit", "unit bench.service; kernel" },
		{ "granted-cgroup", "cgroup " GROUP "; kernel" },
	};
	unsigned int i, j;

	must(group_enter(GROUP), "cannot enter the cgroup");
	for (i = 0; i < N(rows); i++) {
		must(set_grants(c, token, rows[i].grants), "cannot grant");
		for (j = 0; j < N(families); j++) {
			struct bind_kind given = { .family = families[j], .port = BLOCK_FIRST };

			tell_bind(&given, TIMES, rows[i].row, variant);
		}
	}
	must(set_grants(c, token, ""), "cannot end the grants");
	must(group_enter("/"), "cannot leave the cgroup");
}

static void beside_bpf(const char *map)
{
	struct deny *deny = deny_start(map);
	unsigned int have = 0, i, j;

	for (i = 0; i < N(counts); i++) {
		for (; have < counts[i]; have++)
			deny_port(deny, SINGLE_FIRST + have);
		for (j = 0; j < N(families); j++) {
			struct bind_kind given = { .family = families[j], .port = FREE_PORT };
			struct bind_kind refused = {
				.family = families[j], .port = SINGLE_FIRST, .error = EPERM,
			};

			tell_bind(&given, TIMES, "given", with_number(map, counts[i]));
			tell_bind(&refused, TIMES, "refused", with_number(map, counts[i]));
		}
	}
	deny_stop(deny);
}

/* One of the reservations is a block, whose owner binds as well. */
static void beside_reservations(int elsewhere)
{
	unsigned int have = 1, i;
	int here = netns_get();
	struct client c;
	uint64_t token;

	must(client_open(&c), "no client");
	must(reserve(&c, BLOCK_FIRST, BLOCK_COUNT, NULL, NO_OWNER, &token), "cannot reserve");
	for (i = 0; i < N(counts); i++) {
		reserve_singles(&c, have, counts[i]);
		have = counts[i];
		plain_binds(with_number("here", have));
		owners_binds(token, with_number("here", have));
		granted_binds(&c, token, with_number("here", have));
		netns_enter(elsewhere);
		plain_binds(with_number("other", have));
		netns_enter(here);
	}
	client_close(&c);
	close(here);
}

static int another_netns(void)
{
	new_netns();
	return netns_get();
}

/* Deleting the namespaces removes all reservations. */
static void afterwards(int here, int other)
{
	close(here);
	close(other);
	new_netns();
	plain_binds("again");
}

int main(void)
{
	int other, here;

	must(set_sysctl("net/core/bpf_jit_enable", "1"), "cannot have BPF compiled");
	group_make(GROUP);
	run_alone();
	other = another_netns();
	here = another_netns();
	plain_binds("none");
	beside_bpf("hash");
	beside_bpf("array");

	module_load();
	plain_binds("idle");
	beside_reservations(other);
	afterwards(here, other);
	group_remove(GROUP);
	tap_ok(true, "binds were measured");
	return tap_finish();
}
