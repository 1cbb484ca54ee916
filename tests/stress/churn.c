// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module comes and goes while processes create, delete, associate, acquire, bind, connect, list
 * and listen, each time for UDP or TCP, all of them interrupted by signals, and most of them killed
 * now and then.
 *
 * A process that has created a reservation claims it. While a claim holds, no stranger may have a
 * port of the block. If it holds during a whole bind of the owner, the owner must get a port. Ports
 * of acquired blocks are written down, and have one owner.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "claim.h"
#include "client.h"
#include "crew.h"
#include "env.h"
#include "ledger.h"
#include "sock.h"
#include "tap.h"
#include "tcp_server.h"

#define BLOCKS 2	/* each has a manager */
#define FIRST 5000
#define COUNT 10
#define LOW 40000	/* the ephemeral range */
#define SERVER 4000
#define LEAST 2	/* rounds, if it takes longer */

static struct {
	atomic_bool quiet;
	struct claim claims[BLOCKS];
	struct ledger udp, tcp;
	/* what was done */
	atomic_ulong creations, associations, in_block, acquisitions, binds, refusals, dumps,
		events;
	/* faults */
	atomic_ulong stolen, refused_owners, failed_binds, wrong_dumps, wrong_events;
} *shared;

static int any_protocol(unsigned int *seed)
{
	return rand_r(seed) % 2 ? IPPROTO_UDP : IPPROTO_TCP;
}

static int open_any_family(int protocol, unsigned int *seed)
{
	return socket_of(protocol, rand_r(seed) % 2 ? AF_INET : AF_INET6);
}

static struct ledger *ledger_of(int protocol)
{
	return protocol == IPPROTO_UDP ? &shared->udp : &shared->tcp;
}

static void forget(unsigned int number)
{
	claim_drop(&shared->claims[number % BLOCKS]);
}

/* Waits for the module. Returns false when it is time to stop. */
static bool open_client(struct client *c)
{
	while (crew_goes_on()) {
		if (module_loaded() && !client_open(c))
			return true;
		usleep(1000);
	}
	return false;
}

/* The module may go at any time, and the answer of a request get lost: then all over again. */
static void manager(unsigned int number, unsigned int *seed)
{
	unsigned int first = FIRST + number % BLOCKS * COUNT, epoch;
	struct claim *claim = &shared->claims[number % BLOCKS];
	struct client c;
	uint64_t token;

	while (open_client(&c)) {
		c.protocol = any_protocol(seed);
		unreserve(&c, first, COUNT);
		epoch = crew_epoch();
		if (!reserve(&c, first, COUNT, "churn", OWNER_UID, &token)) {
			claim_make(claim, epoch, c.protocol, token);
			atomic_fetch_add(&shared->creations, 1);
			usleep(rand_r(seed) % 20000);
			claim_drop(claim);
			unreserve(&c, first, COUNT);
		}
		client_close(&c);
		crew_rest();
	}
}

/* A socket that has a port while a claim on it holds has stolen it, whenever it got it. */
static void stranger(unsigned int number, unsigned int *seed)
{
	while (crew_goes_on()) {
		const struct claim *claim = &shared->claims[rand_r(seed) % BLOCKS];
		unsigned int first = FIRST + (claim - shared->claims) * COUNT;
		int protocol = any_protocol(seed), fd = open_any_family(protocol, seed), error;

		error = sock_bind_any(fd, first + rand_r(seed) % COUNT);
		if (!error && rand_r(seed) % 2)
			sched_yield();
		if (!error && claim_holds_now(claim, protocol))
			crew_fault(&shared->stolen, EEXIST);
		else if (error == EADDRINUSE)
			atomic_fetch_add(&shared->refusals, 1);
		else if (error)
			crew_fault(&shared->failed_binds, error);
		close(fd);
		crew_rest();
	}
	(void)number;
}

/*
 * In the first block each owner asks for a port that no other asks for, in the second for any.
 * A stranger whose bind began before the reservation was active may have one for a moment.
 */
static int bind_in_block(int fd, unsigned int first, unsigned int number)
{
	unsigned int port = first == FIRST ? first + number % COUNT : 0;
	int error, tries;

	for (tries = 0; tries < 5; tries++) {
		error = sock_bind_any(fd, port);
		if (error != EADDRINUSE)
			break;
		usleep(1000);
	}
	return error;
}

static void own(unsigned int number, unsigned int *seed)
{
	const struct claim *claim = &shared->claims[rand_r(seed) % BLOCKS];
	unsigned int first = FIRST + (claim - shared->claims) * COUNT;
	unsigned int epoch = claim->epoch;
	unsigned long long token = claim->token;
	bool held = claim_holds(claim, epoch, token);
	int fd = open_any_family(claim->protocol, seed), error = associate(fd, token);

	if (!error) {
		atomic_fetch_add(&shared->associations, 1);
		error = bind_in_block(fd, first, number);
	}
	if (!error && held && (sock_port(fd) < first || sock_port(fd) >= first + COUNT))
		crew_fault(&shared->refused_owners, ERANGE);
	else if (!error)
		atomic_fetch_add(&shared->in_block, 1);
	else if (held && claim_holds(claim, epoch, token))
		crew_fault(&shared->refused_owners, error);
	close(fd);
}

static void owner(unsigned int number, unsigned int *seed)
{
	while (crew_goes_on()) {
		if (shared->quiet || !module_loaded()) {
			usleep(1000);
			continue;
		}
		own(number, seed);
		crew_rest();
	}
}

static void acquirer(unsigned int number, unsigned int *seed)
{
	struct portres_association block;

	while (crew_goes_on()) {
		int protocol = any_protocol(seed), fd = open_any_family(protocol, seed);

		if (shared->quiet || acquire(fd, 0, 1 + rand_r(seed) % 20, &block)) {
			close(fd);
			crew_rest();
			continue;
		}
		atomic_fetch_add(&shared->acquisitions, 1);
		ledger_enter(ledger_of(protocol), number, block.first, block.count);
		if (rand_r(seed) % 2 && (associate(fd, block.token) || sock_bind_any(fd, 0)))
			crew_fault(&shared->refused_owners, EACCES);
		if (rand_r(seed) % 2)
			sched_yield();
		ledger_strike(ledger_of(protocol), block.first, block.count);
		if (rand_r(seed) % 2 && !sock_port(fd) && release(fd, block.token))
			crew_fault(&shared->refused_owners, EINVAL);
		close(fd);
		crew_rest();
	}
}

/* Acquires other ports than those that are written down, as it may be killed while it has them. */
static void mortal_acquirer(unsigned int number, unsigned int *seed)
{
	(void)number;
	while (crew_goes_on()) {
		int fd = open_any_family(any_protocol(seed), seed);

		if (!shared->quiet && !acquire(fd, 50000, 100, NULL)) {
			atomic_fetch_add(&shared->acquisitions, 1);
			sock_bind_any(fd, 0);
		}
		close(fd);
		crew_rest();
	}
}

/*
 * A connection does not wait for its end, as a signal would interrupt it. One that selected a port
 * too late for an acquisition is undone, and tries again. By two families, two share a port.
 */
static int connect_somewhere(int fd, int protocol)
{
	int error, tries;

	must(fcntl(fd, F_SETFL, O_NONBLOCK) ? errno : 0, "cannot be non-blocking");
	for (tries = 0; tries < 5; tries++) {
		error = sock_connect(fd, "127.0.0.1", SERVER);
		if (protocol == IPPROTO_UDP || error != EADDRNOTAVAIL)
			break;
	}
	return error == EINPROGRESS ? 0 : error;
}

static void binder(unsigned int number, unsigned int *seed)
{
	while (crew_goes_on()) {
		int protocol = any_protocol(seed), fd, error;
		bool connects = rand_r(seed) % 2;

		fd = connects ? socket_of(protocol, AF_INET) : open_any_family(protocol, seed);
		error = connects ? connect_somewhere(fd, protocol) : sock_bind_any(fd, 0);
		atomic_fetch_add(&shared->binds, 1);
		if (error)
			crew_fault(&shared->failed_binds, error);
		else
			ledger_enter(ledger_of(protocol), number, sock_port(fd), 1);
		if (!error)
			ledger_strike(ledger_of(protocol), sock_port(fd), 1);
		sock_drop(fd);
		crew_rest();
	}
}

static void dumper(unsigned int number, unsigned int *seed)
{
	struct resv resvs[64];
	struct client c;
	size_t n, i;

	(void)number;
	(void)seed;
	while (open_client(&c)) {
		while (crew_goes_on() && !dump(&c, resvs, 64, &n)) {
			atomic_fetch_add(&shared->dumps, 1);
			for (i = 1; i < n && i < 64; i++)
				if (resvs[i].protocol == resvs[i - 1].protocol &&
				    resvs[i].first < resvs[i - 1].first + resvs[i - 1].count)
					crew_fault(&shared->wrong_dumps, EEXIST);
			crew_rest();
		}
		client_close(&c);
	}
}

static void listener(unsigned int number, unsigned int *seed)
{
	struct resv resv;
	struct client c;
	int cmd, i, error;

	(void)number;
	(void)seed;
	while (open_client(&c)) {
		if (!client_subscribe(&c)) {
			for (i = 0; i < 100 && crew_goes_on(); i++) {
				error = client_event(&c, 20, &cmd, &resv);
				if (!error && (!resv.first || !resv.count))
					crew_fault(&shared->wrong_events, EBADMSG);
				atomic_fetch_add(&shared->events, !error);
			}
		}
		client_close(&c);
	}
}

static void nothing(unsigned int number)
{
	(void)number;
}

/* The managers come first: their number is that of their block. */
static const struct player players[] = {
	{ manager, forget }, { manager, forget },
	{ owner, nothing }, { owner, nothing }, { owner, nothing },
	{ stranger, nothing }, { stranger, nothing },
	{ acquirer, NULL }, { acquirer, NULL }, { mortal_acquirer, nothing },
	{ binder, NULL }, { binder, NULL },
	{ dumper, nothing }, { listener, nothing }, { listener, nothing },
};

struct use {
	unsigned long creations, in_block, dumps;
};

static struct use use_so_far(void)
{
	return (struct use){ shared->creations, shared->in_block, shared->dumps };
}

/* Checks that the module has been used since @arg: unloading sooner would disturb nothing. */
static bool used(void *arg)
{
	const struct use *before = arg, now = use_so_far();

	return now.creations != before->creations && now.in_block != before->in_block &&
	       now.dumps != before->dumps;
}

/* Tries to unload beside processes that hold the module now and then; at last without them. */
static void come_and_go(void)
{
	struct use before = use_so_far();

	module_load();
	wait_until(used, &before, 5000);
	crew_next_epoch();
	if (!wait_until(module_try_unload, NULL, 200)) {
		shared->quiet = true;
		if (!wait_until(module_try_unload, NULL, 30000))
			tap_bail("somebody holds the module for good");
	}
	crew_next_epoch();
	shared->quiet = false;
}

static unsigned long run_for(long seconds)
{
	long begin = crew_clock();
	unsigned long rounds;

	for (rounds = 0; rounds < LEAST || crew_clock() < begin + 1000 * seconds; rounds++)
		come_and_go();
	return rounds;
}

static void judge(unsigned long rounds, struct toll toll)
{
	tap_diag("covered: %lu loads and unloads, %lu signals, %lu processes killed", rounds,
		 toll.signals, toll.kills);
	tap_diag("covered: %lu creations, %lu associations, %lu ports of blocks, %lu acquisitions,"
		 " %lu other binds, %lu refused, %lu dumps, %lu events", shared->creations,
		 shared->associations, shared->in_block, shared->acquisitions, shared->binds,
		 shared->refusals, shared->dumps, shared->events);
	tap_num(shared->stolen, 0, "no stranger gets a reserved port");
	tap_num(shared->refused_owners, 0, "no owner is refused");
	tap_num(shared->udp.overlaps + shared->tcp.overlaps, 0, "no port has two owners");
	tap_num(shared->failed_binds, 0, "no other bind fails");
	tap_num(shared->wrong_dumps + shared->wrong_events, 0, "dumps and events make sense");
	tap_ok(shared->creations && shared->in_block && shared->acquisitions && shared->refusals &&
	       shared->dumps && shared->events && toll.kills, "all had their turn");
}

int main(int argc, char **argv)
{
	long seconds = argc > 1 && !strcmp(argv[1], "--full") ? 60 : 7;
	unsigned long rounds;
	pid_t server;

	shared = shared_memory(sizeof(*shared));
	shared->udp.low = LOW;
	shared->tcp.low = LOW;
	new_netns();
	must(set_sysctl("net/ipv4/ip_local_port_range", "%d %d", LOW, LOW + LEDGER_PORTS - 1),
	     "cannot set the range");
	server = tcp_server_start(SERVER);
	tcp_connect_first();
	crew_start(players, sizeof(players) / sizeof(*players));
	rounds = run_for(seconds);
	judge(rounds, crew_end());
	tcp_server_stop(server);
	/* a late look-up of the family may have loaded it once more */
	tap_ok(!module_loaded() || wait_until(module_try_unload, NULL, 10000),
	       "the module can be unloaded at last");
	return tap_finish();
}
