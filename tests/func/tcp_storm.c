// SPDX-License-Identifier: GPL-2.0-only
/*
 * An associated listener in a storm: more connections than it accepts, with and without SYN
 * cookies, and a flood of SYNs to which nobody answers. It is closed in the middle. Connections
 * that have begun, that wait, and that were accepted come from a copy of it, and have nothing of
 * the module: it can be unloaded while they live, and they end when they like.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "client.h"
#include "crew.h"
#include "env.h"
#include "gauge.h"
#include "sock.h"
#include "tap.h"

#define COUNT 10
#define BACKLOG 16
#define LIVING 500	/* connections that live on */
#define CAUGHT 200	/* and what is left of those that the storm brought */
#define PROMPT 2000	/* milliseconds, in which what a closed listener leaves has to be gone */
#define SYN_RECV 3

static struct {
	atomic_int family;
	atomic_uint port;	/* of the listener; 0: no storm */
	atomic_ulong attempts;
	atomic_ulong packets;
} *shared;

static struct client client;
static int family;
static const char *loopback;
static unsigned int first = 5000;	/* of a block that no child of an earlier storm has */

static struct pair {
	int near, far;
} living[LIVING];
static int caught[CAUGHT];

/* Whether a connection comes about or not: it is reset, closed, or has data. */
static void attempt(unsigned int *seed)
{
	union sock_addr addr = sock_addr(shared->family, loopback, shared->port);
	struct pollfd connected = { .events = POLLOUT };
	int fd = tcp_socket(shared->family);

	connected.fd = fd;
	must(fcntl(fd, F_SETFL, O_NONBLOCK) ? errno : 0, "cannot be non-blocking");
	(void)!connect(fd, &addr.any,
		       addr.any.sa_family == AF_INET ? sizeof(addr.v4) : sizeof(addr.v6));
	if (rand_r(seed) % 4)
		poll(&connected, 1, 20);
	if (rand_r(seed) % 2)
		(void)!send(fd, "x", 1, MSG_NOSIGNAL);
	if (rand_r(seed) % 2)
		sock_drop(fd);
	else
		close(fd);
	atomic_fetch_add(&shared->attempts, 1);
}

static bool is_storming(void)
{
	if (!shared->port)
		usleep(10000);
	return shared->port;
}

static void play_client(unsigned int number, unsigned int *seed)
{
	(void)number;
	while (crew_goes_on())
		if (is_storming())
			attempt(seed);
}

struct packet {
	struct iphdr ip;
	struct tcphdr tcp;
};

/* Of the TCP header, behind what the sum has of the IP header. */
static uint16_t checksum(const struct packet *packet)
{
	uint32_t sum = htons(IPPROTO_TCP) + htons(sizeof(packet->tcp));
	uint16_t words[(8 + sizeof(packet->tcp)) / 2];
	size_t i;

	memcpy(words, &packet->ip.saddr, 8);
	memcpy(words + 4, &packet->tcp, sizeof(packet->tcp));
	for (i = 0; i < sizeof(words) / sizeof(*words); i++)
		sum += words[i];
	sum = (sum & 0xffff) + (sum >> 16);
	return ~(sum + (sum >> 16));
}

/* From addresses behind which there is nobody. */
static void flood(int fd, unsigned int *seed)
{
	union sock_addr to = sock_addr(AF_INET, "127.0.0.1", 0);
	struct packet packet = {
		.ip = {
			.version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_TCP,
			.tot_len = htons(sizeof(packet)),
			.saddr = htonl(0x0a000000 + rand_r(seed) % 0xffffff),
			.daddr = to.v4.sin_addr.s_addr,
		},
		.tcp = {
			.source = htons(1024 + rand_r(seed) % 60000),
			.dest = htons(shared->port), .seq = rand_r(seed),
			.doff = sizeof(packet.tcp) / 4, .syn = 1, .window = htons(1024),
		},
	};

	packet.tcp.check = checksum(&packet);
	if (sendto(fd, &packet, sizeof(packet), 0, &to.any, sizeof(to.v4)) == sizeof(packet))
		atomic_fetch_add(&shared->packets, 1);
}

static void play_flood(unsigned int number, unsigned int *seed)
{
	int fd = sock_open(AF_INET, SOCK_RAW, IPPROTO_RAW);

	(void)number;
	while (crew_goes_on()) {
		if (!is_storming())
			continue;
		flood(fd, seed);
		usleep(500);
	}
	close(fd);
}

static const struct player crew[] = {
	{ .play = play_client }, { .play = play_client }, { .play = play_client },
	{ .play = play_client }, { .play = play_flood },
};

/* A counter of the network namespace. */
static unsigned long counter(const char *wanted)
{
	FILE *file = fopen("/proc/net/netstat", "re");
	static char names[16384], values[16384];
	char *name_at, *value_at, *name, *value;

	if (!file || !fgets(names, sizeof(names), file) || !fgets(values, sizeof(values), file))
		tap_bail("no counters");
	fclose(file);
	name = strtok_r(names, "\n ", &name_at);
	value = strtok_r(values, "\n ", &value_at);
	while (name && value && strcmp(name, wanted)) {
		name = strtok_r(NULL, "\n ", &name_at);
		value = strtok_r(NULL, "\n ", &value_at);
	}
	if (!name || !value)
		tap_bail("no counter %s", wanted);
	return strtoul(value, NULL, 10);
}

static unsigned int requests_of(const char *path)
{
	FILE *file = fopen(path, "re");
	unsigned int state, found = 0;
	char line[512];

	if (!file)
		tap_bail("no %s", path);
	while (fgets(line, sizeof(line), file))
		found += sscanf(line, "%*s %*s %*s %x", &state) == 1 && state == SYN_RECV;
	fclose(file);
	return found;
}

/* Connections that have begun, which are sockets of a kind of their own. */
static bool has_requests(void *arg)
{
	(void)arg;
	return requests_of("/proc/net/tcp") + requests_of("/proc/net/tcp6") > 0;
}

static int open_listener(uint64_t token)
{
	int fd = tcp_socket(family);

	must(associate(fd, token), "cannot associate");
	must(sock_bind_any(fd, first), "cannot bind the listener");
	must(listen(fd, BACKLOG) ? errno : 0, "cannot listen");
	return fd;
}

static void connect_living(int listener)
{
	int i;

	for (i = 0; i < LIVING; i++) {
		living[i].near = tcp_socket(family);
		must(sock_connect(living[i].near, loopback, first), "cannot connect");
		living[i].far = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		must(living[i].far < 0 ? errno : 0, "cannot accept");
	}
}

static unsigned int associated_children(void)
{
	struct portres_association block;
	unsigned int i, found = 0;

	for (i = 0; i < LIVING; i++)
		found += association(living[i].far, &block) != ENOENT;
	for (i = 0; i < CAUGHT; i++)
		found += association(caught[i], &block) != ENOENT;
	return found;
}

static unsigned int dead_children(void)
{
	unsigned int i, found = 0;
	char byte;

	for (i = 0; i < LIVING; i++)
		found += send(living[i].far, "x", 1, MSG_NOSIGNAL) != 1 ||
			 recv(living[i].near, &byte, 1, 0) != 1;
	return found;
}

static void children_live(const char *when)
{
	unsigned int dead = dead_children();

	if (dead)
		tap_bail("%u children do not live on %s", dead, when);
}

static void drop_children(void)
{
	int i;

	for (i = 0; i < CAUGHT; i++)
		sock_drop(caught[i]);
	for (i = 0; i < LIVING; i++) {
		sock_drop(living[i].far);
		sock_drop(living[i].near);
	}
}

/* Less is accepted than comes. Every other child that is accepted is kept, as long as it fits. */
static void weather(int listener, unsigned long attempts)
{
	struct pollfd incoming = { .fd = listener, .events = POLLIN };
	unsigned int accepted = 0, kept = 0;
	double begin = milliseconds();

	while (shared->attempts < attempts || kept < CAUGHT) {
		int fd = -1;

		if (milliseconds() - begin > 120000)
			tap_bail("%lu attempts, %u accepted: no storm", shared->attempts, accepted);
		if (poll(&incoming, 1, 1000) == 1)
			fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (fd >= 0 && accepted++ % 2 && kept < CAUGHT)
			caught[kept++] = fd;
		else if (fd >= 0)
			sock_drop(fd);
		usleep(5000);
	}
	tap_diag("%lu attempts, %u accepted, %lu packets", shared->attempts, accepted,
		 shared->packets);
}

/* Of what tells that it was a storm. With cookies for all there are no requests. */
static void must_be_one(int cookies, unsigned long overflows, unsigned long sent)
{
	if (counter("ListenOverflows") == overflows)
		tap_bail("all connections found a place: no storm");
	if (counter("SyncookiesSent") == sent)
		tap_bail("no cookies were sent: no storm");
	if (cookies == 1 && !wait_until(has_requests, NULL, 10000))
		tap_bail("no request waits for its answer: no storm");
}

static void ends_in_the_middle(int listener)
{
	double begin;

	tap_num(module_unload(), EAGAIN, "it listens: the module stays");
	must(unreserve(&client, first, COUNT), "cannot delete");
	client_close(&client);
	begin = milliseconds();
	close(listener);
	tap_ok(wait_until(module_try_unload, NULL, kernel_is_slow() ? 5 * PROMPT : PROMPT),
	       "it is closed beside %d children: the module can be unloaded within two seconds",
	       LIVING + CAUGHT);
	tap_diag("after %.0f ms", milliseconds() - begin);
}

static bool can_reserve(void *arg)
{
	(void)arg;
	return !reserve(&client, first, COUNT, NULL, NO_OWNER, NULL);
}

static void open_client(void)
{
	module_load();
	must(client_open(&client), "no client");
	client.protocol = IPPROTO_TCP;
}

static void storm(int cookies)
{
	unsigned long overflows, sent;
	uint64_t token;
	int listener;

	tap_diag("net.ipv4.tcp_syncookies=%d", cookies);
	must(set_sysctl("net/ipv4/tcp_syncookies", "%d", cookies), "no sysctl");
	shared->attempts = 0;
	shared->packets = 0;
	shared->port = 0;
	crew_start(crew, sizeof(crew) / sizeof(*crew));
	open_client();
	must(reserve(&client, first, COUNT, NULL, NO_OWNER, &token), "cannot reserve");
	listener = open_listener(token);
	overflows = counter("ListenOverflows");
	sent = counter("SyncookiesSent");
	connect_living(listener);
	shared->port = first;
	weather(listener, kernel_is_slow() ? 1000 : 2000);
	must_be_one(cookies, overflows, sent);
	tap_num(associated_children(), 0, "children that are associated");
	ends_in_the_middle(listener);
	/* what is left of the module in one would be the end of the guest */
	children_live("without the module");
	open_client();
	children_live("when it is loaded again");
	crew_end();
	drop_children();
	if (!wait_until(can_reserve, NULL, 10000))
		tap_bail("they are closed, and the port is in use");
	must(unreserve(&client, first, COUNT), "cannot delete");
	client_close(&client);
	tap_ok(module_unloads(), "the module can be unloaded again");
	first += COUNT;
}

static void for_family(int number, const char *address)
{
	tap_diag("family %s", number == AF_INET ? "v4" : "v6");
	family = number;
	loopback = address;
	shared->family = number;
	storm(1);
	storm(2);
}

int main(void)
{
	const struct rlimit files = { 4 * (LIVING + CAUGHT), 4 * (LIVING + CAUGHT) };

	must(setrlimit(RLIMIT_NOFILE, &files) ? errno : 0, "no descriptors");
	shared = shared_memory(sizeof(*shared));
	new_netns();
	/* what is sent there comes to nobody, and is not refused */
	must(run("ip route add 10.0.0.0/8 dev lo"), "no route");
	for_family(AF_INET, "127.0.0.1");
	for_family(AF_INET6, "::1");
	return tap_finish();
}
