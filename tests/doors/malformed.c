// SPDX-License-Identifier: GPL-2.0-only
/* Socket options of any form on any socket. */
#include <errno.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "chance.h"
#include "env.h"
#include "option.h"
#include "sock.h"

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

#define READ_ONLY (arena + 3 * 4096)

static const struct {
	int family, type, protocol;
} strangers[] = {
	{ AF_INET, SOCK_RAW, IPPROTO_UDP }, { AF_INET6, SOCK_RAW, IPPROTO_UDP },
	{ AF_INET, SOCK_RAW, IPPROTO_TCP }, { AF_INET6, SOCK_RAW, IPPROTO_TCP },
	{ AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE }, { AF_INET6, SOCK_DGRAM, IPPROTO_UDPLITE },
	{ AF_INET, SOCK_STREAM, IPPROTO_MPTCP }, { AF_INET6, SOCK_STREAM, IPPROTO_MPTCP },
	{ AF_UNIX, SOCK_DGRAM, 0 }, { AF_UNIX, SOCK_STREAM, 0 },
	{ AF_NETLINK, SOCK_RAW, NETLINK_GENERIC },
};

/* What is wrong with a call, mostly one thing. */
enum { LEVEL, OPTION, LENGTH, POINTER, POINTER_TO_LENGTH, CONTENT, SOCKET, FAULTS };

static bool faulty[FAULTS];

static void draw_faults(void)
{
	int i, n = once_in(3) ? 2 : 1;

	for (i = 0; i < FAULTS; i++)
		faulty[i] = false;
	while (n--)
		faulty[draw(FAULTS)] = true;
}

/* A pointer to memory that is whole, whole but odd, cut off, to be read only, or none. */
static char *draw_pointer(void)
{
	switch (draw(5)) {
	case 0:
		return NULL;
	case 1:
		return arena + ARENA - draw(20);
	case 2:
		return READ_ONLY;
	case 3:
		return (char *)(uintptr_t)draw_edge();
	default:
		return arena + draw(8);
	}
}

/* No length is there, or 0. */
static char *draw_wrong_pointer(void)
{
	char *const pointers[] = { NULL, arena + ARENA + draw(8), READ_ONLY,
			(char *)(uintptr_t)draw_edge() };

	return pointers[draw(ARRAY_SIZE(pointers))];
}

static unsigned int draw_length(unsigned int right)
{
	if (!faulty[LENGTH])
		return right;
	return once_in(2) ? draw(2 * right) : draw_edge();
}

static int draw_level(void)
{
	static const int others[] = { SOL_IPV6, SOL_UDP, SOL_TCP, SOL_SOCKET };

	return faulty[LEVEL] ? others[draw(ARRAY_SIZE(others))] : SOL_IP;
}

static int draw_option(void)
{
	return PORTRES_SO_BASE + (faulty[OPTION] ? (int)draw(8) - 2 : (int)draw(3));
}

/* A block as it may be asked for, or a token. */
static void fill_buffer(const struct world *world)
{
	struct portres_association block = { 0 };
	uint64_t token = draw_token(world);
	unsigned int first, count;
	int protocol;

	draw_block(world, &protocol, &first, &count);
	block.protocol = once_in(2) ? protocol : 0;
	block.first = once_in(2) ? 0 : first;
	block.count = count;
	memcpy(arena, &block, sizeof(block));
	if (once_in(2))
		memcpy(arena, &token, TOKEN_LEN);
	if (faulty[CONTENT])
		arena[draw(sizeof(block))] ^= 1 << draw(8);
}

/* Success is right only for what is well-formed; then it has had its effect. */
static void judge_set(struct world *world, struct sock *sock, struct actor who, int option,
		      const char *pointer, unsigned int len)
{
	uint64_t token;

	memcpy(&token, pointer, TOKEN_LEN);
	if (len != TOKEN_LEN)
		return wrong("a length of %u is taken", len);
	if (option == PORTRES_SO_ASSOCIATE && !judge_associate(world, sock, who, token))
		associated(world, sock, token);
	else if (option == PORTRES_SO_RELEASE && !judge_release(world, sock, who, token))
		model_del(world, find_token(world, token));
	else
		wrong("what should be refused is done");
}

static void set_any(struct world *world, struct sock *sock, int fd, struct actor who)
{
	int level = draw_level(), option = draw_option();
	unsigned int len = draw_length(TOKEN_LEN);
	char *pointer = faulty[POINTER] ? draw_pointer() : arena;
	long result;

	note("user %u sets option %#x of level %d, %u bytes at %p", who.uid, option, level, len,
	     pointer);
	result = call_as(who, SYS_setsockopt, fd, level, option, (long)pointer, len);
	if (!result && (!sock || level != SOL_IP))
		wrong("a socket takes an option that it does not have");
	else if (!result)
		judge_set(world, sock, who, option, pointer, len);
}

/* Where nobody can be told, what was acquired is released again. */
static void judge_get(struct world *world, struct sock *sock, struct actor who, long result,
		      const struct portres_association *wish, char *pointer)
{
	int wanted = judge_acquire(world, who, sock->protocol, wish->first, wish->count);
	struct tally *tally = tally_of(world, sock->protocol);
	struct portres_association told = { 0 };

	if (pointer == READ_ONLY) {
		expect(-result, wanted ?: EFAULT, "acquire in memory that can only be read");
		tally->made += !wanted;
		tally->ended += !wanted;
	} else {
		memcpy(&told, pointer, sizeof(told));
		expect(-result, wanted, "acquire");
		if (!wanted)
			acquired(world, sock, who, wish->first, wish->count,
				 wish->flags & PORTRES_ACQUIRE_TREE, &told);
	}
}

static bool makes_sense(const struct sock *sock, const struct portres_association *wish)
{
	return !wish->token && !(wish->flags & ~PORTRES_ACQUIRE_TREE) && !wish->reserved &&
	       wish->count &&
	       (!wish->protocol || wish->protocol == sock->protocol) &&
	       wish->first + wish->count - 1 <= 65535;
}

static void get_any(struct world *world, struct sock *sock, int fd, struct actor who)
{
	int level = draw_level(), option = draw_option();
	socklen_t len = draw_length(ANSWER_LEN);
	char *pointer = faulty[POINTER] ? draw_pointer() : arena;
	char *len_at = faulty[POINTER_TO_LENGTH] ? draw_wrong_pointer() : LENGTH_AT;
	struct portres_association wish = { 0 };
	bool there = pointer == READ_ONLY ||
		     (pointer >= arena && pointer <= arena + ARENA - ANSWER_LEN);
	long result;

	if (there)
		memcpy(&wish, pointer, sizeof(wish));
	memcpy(LENGTH_AT, &len, sizeof(len));
	note("user %u gets option %#x of level %d, %u bytes at %p, the length at %p", who.uid,
	     option, level, len, pointer, len_at);
	if (is_full(world))
		return;
	result = call_as(who, SYS_getsockopt, fd, level, option, (long)pointer, (long)len_at);
	if (level != SOL_IP || option < PORTRES_SO_ASSOCIATE || option > PORTRES_SO_ACQUIRE ||
	    !sock || !there || len_at != LENGTH_AT || (int)len < (int)ANSWER_LEN) {
		if (!result && (level == SOL_IP || !sock))
			wrong("what should be refused is answered");
	} else if (option == PORTRES_SO_ACQUIRE && makes_sense(sock, &wish)) {
		judge_get(world, sock, who, result, &wish, pointer);
	} else if (option == PORTRES_SO_ACQUIRE) {
		expect(-result, EINVAL, "acquire what makes no sense");
	}
}

/* A stranger, of which there may be none in this kernel, or no descriptor. */
static int draw_stranger(void)
{
	size_t i = draw(ARRAY_SIZE(strangers) + 1);

	if (i == ARRAY_SIZE(strangers) || !protocol_exists(strangers[i].protocol))
		return -1;
	return socket(strangers[i].family, strangers[i].type | SOCK_CLOEXEC,
		      strangers[i].protocol);
}

void malformed_option(struct world *world)
{
	struct actor who = draw_actor();
	struct sock *sock;
	int fd;

	draw_faults();
	sock = faulty[SOCKET] ? NULL : draw_sock(world, 0);
	mutants++;
	netns_enter(world->netns);
	fd = sock ? sock->fd : draw_stranger();
	fill_buffer(world);
	if (once_in(2))
		set_any(world, sock, fd, who);
	else
		get_any(world, sock, fd, who);
	if (!sock && fd >= 0)
		close(fd);
}
