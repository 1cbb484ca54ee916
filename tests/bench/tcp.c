// SPDX-License-Identifier: GPL-2.0-only
/*
 * What TCP pays: a bind and a connect without the module, with it and nothing reserved, and with
 * one, a thousand and thirty thousand reservations, here or elsewhere; with a third of the
 * ephemeral range reserved, or in ip_local_reserved_ports; and with all of it but for one port.
 */
#include <errno.h>
#include <netinet/in.h>
#include <unistd.h>

#include "binds.h"
#include "connects.h"
#include "env.h"
#include "sock.h"
#include "tap.h"

#define TIMES 501
#define LOW 32768	/* the range as the kernel has it by itself */
#define HIGH 60999
#define THIRD 9410
#define GAP 47000	/* what is left of it */
#define GAP_COUNT 100
#define LEFT (GAP + 37)	/* the port in it that nobody has */

static const int families[] = { AF_INET, AF_INET6 };
static const unsigned int counts[] = { 1, 1000, 30000 };

#define N(array) (sizeof(array) / sizeof((array)[0]))

/* Of ports that nobody has reserved. */
static void plain(const char *variant)
{
	unsigned int i;

	for (i = 0; i < N(families); i++) {
		struct bind_kind given = { .family = families[i], .tcp = true, .port = FREE_PORT };
		struct bind_kind any = { .family = families[i], .tcp = true };

		tell_bind(&given, TIMES, "tcp-given", variant);
		tell_bind(&any, TIMES, "tcp-any", variant);
		tell_connect(families[i], TIMES, "tcp-connect", variant);
	}
}

/* Where a port that is chosen may be reserved, or not allowed to be chosen. */
static void choices(const char *variant)
{
	unsigned int i;

	for (i = 0; i < N(families); i++) {
		struct bind_kind any = { .family = families[i], .tcp = true };

		tell_bind(&any, TIMES, "tcp-any-third", variant);
		tell_connect(families[i], TIMES, "tcp-connect-third", variant);
	}
}

static void last_port(const char *variant)
{
	int *below = take_tcp_ports(AF_INET6, GAP, LEFT - GAP);
	int *above = take_tcp_ports(AF_INET6, LEFT + 1, GAP_COUNT - 1 - (LEFT - GAP));
	unsigned int i;

	for (i = 0; i < N(families); i++) {
		struct bind_kind any = { .family = families[i], .tcp = true };

		tell_bind(&any, TIMES, "tcp-any-exhausted", variant);
		tell_connect(families[i], TIMES, "tcp-connect-exhausted", variant);
	}
	leave_ports(below, LEFT - GAP);
	leave_ports(above, GAP_COUNT - 1 - (LEFT - GAP));
}

static void set_range(unsigned int low, unsigned int high)
{
	must(set_sysctl("net/ipv4/ip_local_port_range", "%u %u", low, high),
	     "cannot set the range");
}

static void last_port_of_a_range(void)
{
	set_range(GAP, GAP + GAP_COUNT - 1);
	last_port("none");
	set_range(LOW, HIGH);
}

static void beside_local_reserved_ports(void)
{
	must(set_sysctl("net/ipv4/ip_local_reserved_ports", "%u-%u", LOW, LOW + THIRD - 1),
	     "cannot list ports");
	choices("listed");
	must(set_sysctl("net/ipv4/ip_local_reserved_ports", "\n"), "cannot empty the list");
}

static void owners(uint64_t token, const char *variant)
{
	unsigned int i;

	for (i = 0; i < N(families); i++) {
		struct bind_kind given = {
			.family = families[i], .tcp = true, .port = BLOCK_FIRST, .token = token,
		};
		struct bind_kind refused = {
			.family = families[i], .tcp = true, .port = BLOCK_FIRST,
			.error = EADDRINUSE,
		};

		tell_bind(&given, TIMES, "tcp-associated", variant);
		tell_bind(&refused, TIMES, "tcp-refused", variant);
	}
}

static void granted(struct client *c, uint64_t token, const char *variant)
{
	unsigned int i;

	must(set_grants(c, token, "user 0"), "cannot grant");
	for (i = 0; i < N(families); i++) {
		struct bind_kind given = {
			.family = families[i], .tcp = true, .port = BLOCK_FIRST,
		};

		tell_bind(&given, TIMES, "tcp-granted", variant);
	}
	must(set_grants(c, token, ""), "cannot end the grant");
}

static void taken(const char *variant)
{
	unsigned int i;

	for (i = 0; i < N(families); i++) {
		struct bind_kind kind = {
			.family = families[i], .tcp = true, .port = TAKEN_PORT, .error = EADDRINUSE,
		};
		int *holder = take_tcp_ports(AF_INET6, TAKEN_PORT, 1);

		tell_bind(&kind, TIMES, "tcp-taken", variant);
		leave_ports(holder, 1);
	}
}

static void beside_reservations(struct client *c, int elsewhere)
{
	unsigned int have = 1, i;
	int here = netns_get();
	uint64_t token;

	must(reserve(c, BLOCK_FIRST, BLOCK_COUNT, NULL, NO_OWNER, &token), "cannot reserve");
	for (i = 0; i < N(counts); i++) {
		reserve_singles(c, have, counts[i]);
		have = counts[i];
		plain(with_number("here", have));
		owners(token, with_number("here", have));
		granted(c, token, with_number("here", have));
		netns_enter(elsewhere);
		plain(with_number("other", have));
		netns_enter(here);
	}
	close(here);
}

static void a_third(struct client *c)
{
	must(reserve(c, LOW, THIRD, NULL, NO_OWNER, NULL), "cannot reserve");
	choices("here");
}

static void all_but_a_gap(struct client *c)
{
	must(reserve(c, LOW + THIRD, GAP - LOW - THIRD, NULL, NO_OWNER, NULL), "cannot reserve");
	must(reserve(c, GAP + GAP_COUNT, HIGH + 1 - GAP - GAP_COUNT, NULL, NO_OWNER, NULL),
	     "cannot reserve");
	last_port("here");
}

/* A namespace of its own, with loopback. */
static int another_netns(void)
{
	new_netns();
	return netns_get();
}

int main(void)
{
	struct client c;
	int other, here;

	raise_limit();
	run_alone();
	other = another_netns();
	here = another_netns();
	plain("none");
	taken("none");
	choices("none");
	beside_local_reserved_ports();
	last_port_of_a_range();

	module_load();
	plain("idle");
	must(client_open(&c), "no client");
	c.protocol = IPPROTO_TCP;
	beside_reservations(&c, other);
	client_close(&c);
	/* with the namespaces all reservations end */
	close(here);
	close(other);
	new_netns();
	plain("again");
	must(client_open(&c), "no client");
	c.protocol = IPPROTO_TCP;
	a_third(&c);
	all_but_a_gap(&c);
	client_close(&c);
	tap_ok(true, "binds and connects were measured");
	return tap_finish();
}
