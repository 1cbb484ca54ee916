// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a bind to port 0 pays where reservations take a part of the ephemeral range, or all of it
 * but for one port; and what each of ten thousand pays that fill a range or a block.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "binds.h"
#include "env.h"
#include "sock.h"
#include "tap.h"

#define TIMES 1001
#define LOW 32768	/* the range as the kernel has it by itself */
#define HIGH 60999
#define GAP 47000	/* what is left of it */
#define GAP_COUNT 100
#define LEFT (GAP + 37)	/* the port in it that nobody has */
#define FILLED 20000	/* a block that is filled */
#define FILLED_COUNT 10000

static const int families[] = { AF_INET, AF_INET6 };

#define FAMILIES (sizeof(families) / sizeof(families[0]))

static void set_range(unsigned int low, unsigned int high)
{
	must(set_sysctl("net/ipv4/ip_local_port_range", "%u %u", low, high),
	     "cannot set the range");
}

static void any_port(const char *row, const char *variant)
{
	unsigned int i;

	for (i = 0; i < FAMILIES; i++) {
		struct bind_kind any = { .family = families[i] };

		tell_bind(&any, TIMES, row, variant);
	}
}

static void last_port(const char *variant)
{
	int *below = take_ports(AF_INET6, GAP, LEFT - GAP);
	int *above = take_ports(AF_INET6, LEFT + 1, GAP_COUNT - 1 - (LEFT - GAP));

	any_port("any-exhausted", variant);
	leave_ports(below, LEFT - GAP);
	leave_ports(above, GAP_COUNT - 1 - (LEFT - GAP));
}

/* All of them stay until the last is bound. */
static void fill(uint64_t token, const char *variant)
{
	int *fds = calloc(FILLED_COUNT, sizeof(*fds));
	unsigned int i, n;

	must(fds ? 0 : ENOMEM, "no memory");
	for (i = 0; i < FAMILIES; i++) {
		union sock_addr addr = { .any.sa_family = families[i] };
		socklen_t len = families[i] == AF_INET ? sizeof(addr.v4) : sizeof(addr.v6);
		struct series series = series_new(FILLED_COUNT);

		for (n = 0; n < FILLED_COUNT; n++) {
			uint64_t begin;

			/* tables that grow with the number of sockets do so in the background */
			if (n % 100 == 0)
				breathe();
			fds[n] = token ? udp_associated(families[i], token) : udp_open(families[i]);
			begin = instructions();
			must(bind(fds[n], &addr.any, len) ? errno : 0, "cannot fill a range");
			series_add(&series, between(begin, instructions()));
		}
		for (n = 0; n < FILLED_COUNT; n++)
			close(fds[n]);
		series_tell(&series, "fill", families[i], variant);
	}
	free(fds);
}

static void without_module(void)
{
	any_port("any-third", "none");
	fill(0, "none");
	set_range(GAP, GAP + GAP_COUNT - 1);
	last_port("none");
	set_range(FILLED, FILLED + FILLED_COUNT - 1);
	fill(0, "none-exact");
	set_range(LOW, HIGH);
}

static void reserve_or_bail(struct client *c, unsigned int first, unsigned int last,
			    uint64_t *token)
{
	must(reserve(c, first, last - first + 1, NULL, NO_OWNER, token), "cannot reserve");
}

static void with_module(void)
{
	const unsigned int third = (HIGH - LOW + 1) / 3;
	struct client c;
	uint64_t token;

	must(client_open(&c), "no client");
	reserve_or_bail(&c, FILLED, FILLED + FILLED_COUNT - 1, &token);
	fill(token, "here");
	reserve_or_bail(&c, LOW, LOW + third - 1, NULL);
	any_port("any-third", "here");
	reserve_or_bail(&c, LOW + third, GAP - 1, NULL);
	reserve_or_bail(&c, GAP + GAP_COUNT, HIGH, NULL);
	last_port("here");
	client_close(&c);
}

int main(void)
{
	raise_limit();
	run_alone();
	new_netns();
	without_module();
	module_load();
	with_module();
	tap_ok(true, "binds to port 0 were measured");
	return tap_finish();
}
