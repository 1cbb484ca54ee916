// SPDX-License-Identifier: GPL-2.0-only
/* The door of the socket options: right, wrong in one thing, and of any form on any socket. */
#include <errno.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "chance.h"
#include "doors.h"
#include "env.h"
#include "sock.h"
#include "tap.h"

#define TOKEN_LEN sizeof(uint64_t)
#define ANSWER_LEN sizeof(struct portres_association)

/* arena: where the buffer is, and behind it the length. */
#define LENGTH (arena + 2048)
#define READ_ONLY (arena + 3 * 4096)

static const struct {
	int family, type, protocol;
} strangers[] = {
	{ AF_INET, SOCK_RAW, IPPROTO_UDP }, { AF_INET6, SOCK_RAW, IPPROTO_UDP },
	{ AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE }, { AF_INET6, SOCK_DGRAM, IPPROTO_UDPLITE },
	{ AF_UNIX, SOCK_DGRAM, 0 }, { AF_NETLINK, SOCK_RAW, NETLINK_GENERIC },
};

static int set(struct actor who, int fd, int option, uint64_t token)
{
	memcpy(arena, &token, TOKEN_LEN);
	return -call_as(who, SYS_setsockopt, fd, SOL_IP, option, (long)arena, TOKEN_LEN);
}

static int get(struct actor who, int fd, int option, struct portres_association *block,
	       socklen_t len)
{
	int error;

	memcpy(arena, block, sizeof(*block));
	memcpy(LENGTH, &len, sizeof(len));
	error = -call_as(who, SYS_getsockopt, fd, SOL_IP, option, (long)arena, (long)LENGTH);
	memcpy(block, arena, sizeof(*block));
	memcpy(&len, LENGTH, sizeof(len));
	if (!error && len != ANSWER_LEN)
		wrong("the answer has %u bytes", len);
	return error;
}

static int judge_associate(const struct world *world, const struct sock *sock, struct actor who,
			   uint64_t token)
{
	const struct block *block = find_token(world, token);

	if (!block)
		return EINVAL;
	if (!may_use(world, block, who))
		return EACCES;
	return sock->port ? EINVAL : 0;
}

static void associated(struct world *world, struct sock *sock, uint64_t token)
{
	sock->associated = true;
	sock->mine = *find_token(world, token);
}

static void associate_one(struct world *world, struct sock *sock)
{
	uint64_t token = draw_token(world);
	struct actor who = draw_actor();
	int error, wanted = judge_associate(world, sock, who, token);

	note("user %u of process %d associates socket %td with %#llx", who.uid, who.process,
	     sock - world->socks, (unsigned long long)token);
	error = set(who, sock->fd, PORTRES_SO_ASSOCIATE, token);
	expect(error, wanted, "associate");
	if (!error && !wanted)
		associated(world, sock, token);
}

static void ask_one(struct world *world, struct sock *sock)
{
	const struct block *mine = &sock->mine;
	struct portres_association told = { 0 };
	int error;

	note("ask for the association of socket %td", sock - world->socks);
	error = get(draw_actor(), sock->fd, PORTRES_SO_ASSOCIATE, &told, ANSWER_LEN + draw(9));
	expect(error, sock->associated ? 0 : ENOENT, "the association");
	if (!error && (told.token != mine->token || told.first != mine->first ||
		       told.count != mine->count || told.protocol != IPPROTO_UDP || told.reserved ||
		       told.flags != (find_token(world, mine->token) ? 0 :
				      PORTRES_ASSOCIATION_GONE)))
		wrong("the association is told wrong");
}

/* What @told says now stands, if it is what was asked for. */
static void acquired(struct world *world, struct sock *sock, struct actor who,
		     unsigned int first, unsigned int count, bool tree,
		     const struct portres_association *told)
{
	struct block block = {
		.first = told->first, .count = told->count, .token = told->token,
		.owner = who.uid, .runtime = true, .process = who.process,
		.holder = sock - world->socks, .charged = !is_admin(world, who.uid), .tree = tree,
	};

	if (told->count != count || told->first != (first ?: lowest_gap(world, count)) ||
	    told->protocol != IPPROTO_UDP || told->flags || told->reserved || !told->token)
		wrong("acquired are %u+%u, not %u+%u", told->first, told->count,
		      first ?: lowest_gap(world, count), count);
	else
		model_add(world, &block);
}

static bool is_full(const struct world *world)
{
	return world->n_blocks > BLOCKS - 8;
}

static void acquire_one(struct world *world, struct sock *sock)
{
	struct portres_association block = { .protocol = once_in(2) ? IPPROTO_UDP : 0 };
	struct actor who = { users[draw(USERS)], once_in(3) };
	unsigned int first, count;
	int error, wanted;

	draw_block(world, &first, &count);
	first = once_in(2) ? 0 : first;
	block.first = first;
	block.count = count;
	note("user %u of process %d acquires %u+%u on socket %td", who.uid, who.process, first,
	     count, sock - world->socks);
	wanted = first + count - 1 > 65535 && first ? EINVAL :
		 judge_acquire(world, who, first, count);
	if (is_full(world))
		return;
	error = get(who, sock->fd, PORTRES_SO_ACQUIRE, &block, ANSWER_LEN);
	expect(error, wanted, "acquire");
	if (!error && !wanted)
		acquired(world, sock, who, first, count, false, &block);
}

static int judge_release(const struct world *world, struct actor who, uint64_t token)
{
	const struct block *block = find_token(world, token);

	if (!block || !block->runtime)
		return EINVAL;
	return block->process == who.process ? 0 : EACCES;
}

static void release_one(struct world *world, struct sock *sock)
{
	uint64_t token = draw_token(world);
	struct actor who = draw_actor();
	int error, wanted = judge_release(world, who, token);

	note("user %u of process %d releases %#llx", who.uid, who.process,
	     (unsigned long long)token);
	error = set(who, sock->fd, PORTRES_SO_RELEASE, token);
	expect(error, wanted, "release");
	if (!error && !wanted)
		model_del(world, find_token(world, token));
}

/* What is wrong with a call, mostly one thing. */
enum { LEVEL, OPTION, LENGTH_OF, POINTER, POINTER_TO_LENGTH, CONTENT, SOCKET, FAULTS };

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
	if (!faulty[LENGTH_OF])
		return right;
	return once_in(2) ? draw(2 * right) : draw_edge();
}

static int draw_level(void)
{
	static const int others[] = { SOL_IPV6, SOL_UDP, SOL_SOCKET };

	return faulty[LEVEL] ? others[draw(ARRAY_SIZE(others))] : SOL_IP;
}

static int draw_option(void)
{
	return PORTRES_SO_BASE + (faulty[OPTION] ? (int)draw(8) - 2 : (int)draw(3));
}

/* A block as it may be asked for, or a token. */
static void fill_buffer(const struct world *world)
{
	struct portres_association block = { .protocol = once_in(2) ? IPPROTO_UDP : 0 };
	uint64_t token = draw_token(world);
	unsigned int first, count;

	draw_block(world, &first, &count);
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
	else if (option == PORTRES_SO_RELEASE && !judge_release(world, who, token))
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
	int wanted = judge_acquire(world, who, wish->first, wish->count);
	struct portres_association told = { 0 };

	if (pointer == READ_ONLY) {
		expect(-result, wanted ?: EFAULT, "acquire in memory that can only be read");
		world->made += !wanted;
		world->ended += !wanted;
	} else {
		memcpy(&told, pointer, sizeof(told));
		expect(-result, wanted, "acquire");
		if (!wanted)
			acquired(world, sock, who, wish->first, wish->count,
				 wish->flags & PORTRES_ACQUIRE_TREE, &told);
	}
}

static bool makes_sense(const struct portres_association *wish)
{
	return !wish->token && !(wish->flags & ~PORTRES_ACQUIRE_TREE) && !wish->reserved &&
	       wish->count &&
	       (!wish->protocol || wish->protocol == IPPROTO_UDP) &&
	       wish->first + wish->count - 1 <= 65535;
}

static void get_any(struct world *world, struct sock *sock, int fd, struct actor who)
{
	int level = draw_level(), option = draw_option();
	socklen_t len = draw_length(ANSWER_LEN);
	char *pointer = faulty[POINTER] ? draw_pointer() : arena;
	char *len_at = faulty[POINTER_TO_LENGTH] ? draw_wrong_pointer() : LENGTH;
	struct portres_association wish = { 0 };
	bool there = pointer == READ_ONLY ||
		     (pointer >= arena && pointer <= arena + ARENA - ANSWER_LEN);
	long result;

	if (there)
		memcpy(&wish, pointer, sizeof(wish));
	memcpy(LENGTH, &len, sizeof(len));
	note("user %u gets option %#x of level %d, %u bytes at %p, the length at %p", who.uid,
	     option, level, len, pointer, len_at);
	if (is_full(world))
		return;
	result = call_as(who, SYS_getsockopt, fd, level, option, (long)pointer, (long)len_at);
	if (level != SOL_IP || option < PORTRES_SO_ASSOCIATE || option > PORTRES_SO_ACQUIRE ||
	    !sock || !there || len_at != LENGTH || (int)len < (int)ANSWER_LEN) {
		if (!result && (level == SOL_IP || !sock))
			wrong("what should be refused is answered");
	} else if (option == PORTRES_SO_ACQUIRE && makes_sense(&wish)) {
		judge_get(world, sock, who, result, &wish, pointer);
	} else if (option == PORTRES_SO_ACQUIRE) {
		expect(-result, EINVAL, "acquire what makes no sense");
	}
}

static void any(struct world *world)
{
	struct actor who = draw_actor();
	struct sock *sock;
	int fd, i = draw(ARRAY_SIZE(strangers) + 1);

	draw_faults();
	sock = faulty[SOCKET] ? NULL : draw_sock(world, true);
	fd = sock ? sock->fd : -1;
	mutants++;
	netns_enter(world->netns);
	if (!sock && i < (int)ARRAY_SIZE(strangers) && protocol_exists(strangers[i].protocol))
		fd = sock_open(strangers[i].family, strangers[i].type, strangers[i].protocol);
	fill_buffer(world);
	if (once_in(2))
		set_any(world, sock, fd, who);
	else
		get_any(world, sock, fd, who);
	if (!sock && fd >= 0)
		close(fd);
}

void option_input(struct world *world)
{
	struct sock *sock = draw_sock(world, true);
	unsigned int what = draw(100);

	if (!sock)
		return;
	if (what < 30)
		any(world);
	else if (what < 50)
		associate_one(world, sock);
	else if (what < 65)
		ask_one(world, sock);
	else if (what < 85)
		acquire_one(world, sock);
	else
		release_one(world, sock);
}
