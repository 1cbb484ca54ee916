// SPDX-License-Identifier: GPL-2.0-only
/*
 * Arguments of the socket options of runtime reservations: lengths, fields, memory, kinds of
 * sockets, tokens. After each error everything is as before.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "client.h"
#include "env.h"
#include "refusal.h"
#include "sock.h"
#include "tap.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof(*(array)))

#define FIRST 5000
#define COUNT 10
#define PERSISTENT 6000

static struct client client;
static uint64_t persistent_token, elsewhere_token;

static int get(int fd, void *buffer, socklen_t *len)
{
	return getsockopt(fd, SOL_IP, PORTRES_SO_ACQUIRE, buffer, len) ? errno : 0;
}

/* A row: refused, nothing has changed, and the caller's request is as it was. */
static void refuses(int fd, const struct portres_association *block, socklen_t len, int error,
		    const char *what)
{
	struct portres_association buffer = *block;
	uint64_t before = state_of(&client);
	int got = get(fd, &buffer, &len);

	tap_errno(got, error, "acquire: %s", what);
	if (state_of(&client) != before)
		tap_ok(false, "acquire: %s: the reservations have changed", what);
	if (memcmp(&buffer, block, sizeof(buffer)))
		tap_ok(false, "acquire: %s: the request has changed", what);
}

static const struct {
	const char *name;
	socklen_t len;
	struct portres_association block;
} malformed[] = {
	{ "a buffer of 0 bytes", 0, { .first = FIRST, .count = COUNT } },
	{ "a buffer of 8 bytes", 8, { .first = FIRST, .count = COUNT } },
	{ "a buffer of 15 bytes", 15, { .first = FIRST, .count = COUNT } },
	{ "a negative length", -1, { .first = FIRST, .count = COUNT } },
	{ "no port", 16, { .first = FIRST } },
	{ "no port anywhere", 16, { 0 } },
	{ "two ports from the last on", 16, { .first = 65535, .count = 2 } },
	{ "one port too many", 16, { .first = 65526, .count = 11 } },
	{ "all ports but from the second on", 16, { .first = 2, .count = 65535 } },
	{ "a sum that wraps", 16, { .first = 65535, .count = 65535 } },
	{ "a token", 16, { .token = 1, .first = FIRST, .count = COUNT } },
	{ "a token's upper half", 16, { .token = 1ULL << 63, .first = FIRST, .count = COUNT } },
	{ "the protocol TCP", 16, { .first = FIRST, .count = COUNT, .protocol = IPPROTO_TCP } },
	{ "the protocol UDP-Lite", 16,
	  { .first = FIRST, .count = COUNT, .protocol = IPPROTO_UDPLITE } },
	{ "the protocol 1", 16, { .first = FIRST, .count = COUNT, .protocol = 1 } },
	{ "a flag", 16, { .first = FIRST, .count = COUNT, .flags = PORTRES_ASSOCIATION_GONE } },
	{ "another flag", 16, { .first = FIRST, .count = COUNT, .flags = 0x80 } },
	{ "a reserved bit", 16, { .first = FIRST, .count = COUNT, .reserved = 0x8000 } },
};

static void malformed_requests(int fd)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(malformed); i++)
		refuses(fd, &malformed[i].block, malformed[i].len, EINVAL, malformed[i].name);
}

static const struct portres_association well_formed[] = {
	{ .first = 1, .count = 1 }, { .first = 65535, .count = 1 }, { .first = 65526, .count = 10 },
	{ .first = FIRST, .count = COUNT }, { .first = 7000, .count = 20000 },
	{ .first = FIRST, .count = 1, .protocol = IPPROTO_UDP },
};

static void well_formed_requests(int fd)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(well_formed); i++) {
		struct portres_association block = well_formed[i];
		socklen_t len = sizeof(block);

		tap_errno(get(fd, &block, &len), 0, "acquire: %u ports from %u on, protocol %u",
			  block.count, block.first, well_formed[i].protocol);
		tap_ok(len == sizeof(block) && block.token &&
		       block.first == well_formed[i].first && block.count == well_formed[i].count &&
		       block.protocol == IPPROTO_UDP && !block.flags && !block.reserved,
		       "it tells the block, a token and the protocol");
		tap_errno(release(fd, block.token), 0, "and is released");
	}
}

/* The kernel must not write behind the struct. */
static void long_buffer(int fd)
{
	struct {
		struct portres_association block;
		char behind[48];
	} buffer = { .block = { .first = FIRST, .count = COUNT } };
	socklen_t len = sizeof(buffer);
	char before[sizeof(buffer.behind)];

	memset(buffer.behind, 0xa5, sizeof(buffer.behind));
	memset(before, 0xa5, sizeof(before));
	tap_errno(get(fd, &buffer.block, &len), 0, "acquire: a buffer of %zu bytes",
		  sizeof(buffer));
	tap_num(len, sizeof(buffer.block), "it tells its length");
	tap_ok(!memcmp(buffer.behind, before, sizeof(before)), "what is behind it is as before");
	must(release(fd, buffer.block.token), "cannot release");
}

/* A caller that cannot be told the token must not be left with a block. */
static void bad_memory(int fd)
{
	struct portres_association *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
						MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct portres_association block = { .first = FIRST, .count = COUNT };
	socklen_t len = sizeof(block);
	uint64_t before = state_of(&client);

	tap_errno(get(fd, NULL, &len), EFAULT, "acquire: no buffer");
	tap_errno(get(fd, &block, NULL), EFAULT, "acquire: no length");
	*page = block;
	if (mprotect(page, 4096, PROT_READ))
		tap_bail("no page: %s", strerror(errno));
	tap_errno(get(fd, page, &len), EFAULT, "acquire: a buffer that cannot be written");
	tap_ok(state_of(&client) == before, "nothing is left of it");
	if (mprotect(page, 4096, PROT_READ | PROT_WRITE))
		tap_bail("no page: %s", strerror(errno));
	memcpy(page, &(socklen_t){ sizeof(block) }, sizeof(socklen_t));
	if (mprotect(page, 4096, PROT_READ))
		tap_bail("no page: %s", strerror(errno));
	/* the kernel writes the length last, when the block has been acquired */
	tap_errno(get(fd, &block, (socklen_t *)page), EFAULT,
		  "acquire: a length that cannot be written");
	tap_errno(release(fd, block.token), 0, "the token is told all the same");
	tap_ok(state_of(&client) == before, "nothing is left of it");
	munmap(page, 4096);
	tap_errno(setsockopt(fd, SOL_IP, PORTRES_SO_RELEASE, NULL, 8) ? errno : 0, EFAULT,
		  "release: no token to read");
}

static void wrong_direction(int fd)
{
	struct portres_association block = { .first = FIRST, .count = COUNT };
	uint64_t before = state_of(&client), token = persistent_token;
	socklen_t len = sizeof(block);

	tap_errno(setsockopt(fd, SOL_IP, PORTRES_SO_ACQUIRE, &block, sizeof(block)) ? errno : 0,
		  ENOPROTOOPT, "acquire by setsockopt");
	tap_errno(getsockopt(fd, SOL_IP, PORTRES_SO_RELEASE, &block, &len) ? errno : 0,
		  ENOPROTOOPT, "release by getsockopt");
	tap_errno(setsockopt(fd, SOL_IP, PORTRES_SO_RELEASE + 1, &token, sizeof(token)) ?
		  errno : 0, ENOPROTOOPT, "the option behind the last one, set");
	tap_errno(getsockopt(fd, SOL_IP, PORTRES_SO_RELEASE + 1, &block, &len) ? errno : 0,
		  ENOPROTOOPT, "the option behind the last one, got");
	tap_ok(state_of(&client) == before, "nothing has changed");
}

/* Keeps its namespace. */
static int acquired_elsewhere(uint64_t *token)
{
	int home = netns_get(), fd;

	new_netns();
	fd = udp_acquired(AF_INET, FIRST, COUNT, token);
	netns_enter(home);
	close(home);
	return fd;
}

static uint64_t stale_token(int fd)
{
	struct portres_association block;

	must(acquire(fd, 7000, 1, &block), "cannot acquire");
	must(release(fd, block.token), "cannot release");
	return block.token;
}

static void release_lengths(int fd)
{
	static const socklen_t lengths[] = { 0, 1, 4, 7, 9, 16 };
	struct portres_association block;
	uint64_t token[2] = { 0 };
	size_t i;

	must(acquire(fd, FIRST, COUNT, &block), "cannot acquire");
	token[0] = block.token;
	for (i = 0; i < ARRAY_SIZE(lengths); i++)
		tap_errno(setsockopt(fd, SOL_IP, PORTRES_SO_RELEASE, token, lengths[i]) ?
			  errno : 0, EINVAL, "release: a token of %u bytes", lengths[i]);
	tap_errno(get_block(&client, FIRST, COUNT, NULL), 0, "none of them released it");
	tap_errno(release(fd, block.token), 0, "one of 8 bytes does");
	tap_errno(release(fd, block.token), EINVAL, "but once");
}

static void release_tokens(int fd)
{
	const struct {
		const char *name;
		uint64_t token;
	} rows[] = {
		{ "zero", 0 }, { "an unknown token", 0x123456789abcdef },
		{ "all ones", UINT64_MAX },
		{ "a stale token", stale_token(fd) },
		{ "another namespace's token", elsewhere_token },
		{ "a persistent reservation's token", persistent_token },
	};
	struct portres_association block;
	uint64_t before;
	size_t i;

	must(acquire(fd, FIRST, COUNT, &block), "cannot acquire");
	before = state_of(&client);
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		tap_errno(release(fd, rows[i].token), EINVAL, "release: %s", rows[i].name);
	tap_ok(state_of(&client) == before, "none of them released anything");
	must(release(fd, block.token), "cannot release");
}

/* Sockets that have no business with the options, but on which the kernel knows SOL_IP. */
static const struct {
	const char *name;
	int family, type, protocol;
} foreign[] = {
	{ "UDP-Lite v4", AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE },
	{ "UDP-Lite v6", AF_INET6, SOCK_DGRAM, IPPROTO_UDPLITE },
	{ "raw UDP v4", AF_INET, SOCK_RAW, IPPROTO_UDP },
	{ "raw ICMP v4", AF_INET, SOCK_RAW, IPPROTO_ICMP },
	{ "ping v4", AF_INET, SOCK_DGRAM, IPPROTO_ICMP },
	{ "ping v6", AF_INET6, SOCK_DGRAM, IPPROTO_ICMPV6 },
};

static void foreign_sockets(void)
{
	struct portres_association mine;
	int fd = udp_open(AF_INET);
	uint64_t before;
	size_t i;

	must(set_sysctl("net/ipv4/ping_group_range", "0 0"), "cannot allow ping sockets");
	must(acquire(fd, 7000, 1, &mine), "cannot acquire");
	before = state_of(&client);
	for (i = 0; i < ARRAY_SIZE(foreign); i++) {
		int other;

		if (!protocol_exists(foreign[i].protocol)) {
			tap_skip(NO_UDPLITE, "acquire and release on %s", foreign[i].name);
			continue;
		}
		other = sock_open(foreign[i].family, foreign[i].type, foreign[i].protocol);
		tap_errno(acquire(other, FIRST, COUNT, NULL), EOPNOTSUPP, "acquire on %s",
			  foreign[i].name);
		tap_errno(release(other, mine.token), EOPNOTSUPP, "release on %s",
			  foreign[i].name);
		close(other);
	}
	tap_ok(state_of(&client) == before, "nothing has changed");
	close(fd);
}

static void without_module(void)
{
	int fd = udp_open(AF_INET);

	tap_errno(acquire(fd, FIRST, COUNT, NULL), ENOPROTOOPT, "acquire without the module");
	tap_errno(release(fd, 1), ENOPROTOOPT, "release without the module");
	close(fd);
}

int main(void)
{
	static const int families[] = { AF_INET, AF_INET6 };
	int elsewhere;
	size_t i;

	new_netns();
	without_module();
	module_load();
	must(client_open(&client), "no client");
	must(reserve(&client, PERSISTENT, COUNT, "persistent", NO_OWNER, &persistent_token),
	     "cannot reserve");
	elsewhere = acquired_elsewhere(&elsewhere_token);
	foreign_sockets();
	for (i = 0; i < ARRAY_SIZE(families) * 2; i++) {
		int family = families[i / 2], bound = i % 2, fd = udp_open(family);

		tap_diag("%s, %s", family == AF_INET ? "v4" : "v6", bound ? "bound" : "unbound");
		must(bound ? sock_bind(fd, family == AF_INET ? "127.0.0.1" : "::1", 4000) : 0,
		     "cannot bind");
		malformed_requests(fd);
		well_formed_requests(fd);
		long_buffer(fd);
		bad_memory(fd);
		wrong_direction(fd);
		release_lengths(fd);
		release_tokens(fd);
		close(fd);
	}
	close(elsewhere);
	tap_ok(module_unloads(), "the module can be unloaded");
	without_module();
	return tap_finish();
}
