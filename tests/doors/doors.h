/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the parts of the fuzzer know of each other.
 *
 * Two worlds, each a network namespace, are worked on by a few users in two processes, through
 * the three doors of the module: netlink, socket options, sysctls. A model knows from the
 * contract what each input has to answer, or, of those that are malformed, what it may have done.
 */
#ifndef PORTRES_TESTS_DOORS_H
#define PORTRES_TESTS_DOORS_H

#include <linux/portres.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "client.h"

#define WORLDS 2
#define USERS 3
#define PROCESSES 2
#define BLOCKS 80	/* that stand at a time */
#define SOCKS 24
#define NOBODY ((uid_t)-1)
#define GRANTS_SIZE 1024

/* Where things happen, so that they meet; and the ephemeral range in it. */
#define FIRST_PORT 5000
#define LAST_PORT 5159
#define LOW 5060
#define HIGH 5075
/* The first port that every user may bind. */
#define UNPRIVILEGED 1024

enum { DENIED_ERRNO, USER_MAX_PORTS, USER_MAX_RESERVATIONS, SYSCTLS };

/* Who does something: with an effective user id, in one of the processes. */
struct actor {
	uid_t uid;
	int process;
};

struct block {
	unsigned int first, count;
	uint64_t token;
	char name[PORTRES_NAME_MAX + 1];
	char grants[GRANTS_SIZE];	/* as told_grants() has them */
	uid_t owner;		/* that acquired it */
	bool runtime;
	int process;		/* that acquired it */
	int holder;		/* its socket */
	bool charged;
	bool tree;		/* for those below that process as well */
};

/* A UDP socket. */
struct sock {
	int fd;			/* -1: there is none */
	int family;
	unsigned int port;
	bool locked;		/* the port was asked for by number */
	bool connected;
	bool shut;		/* for sending, maybe */
	bool associated;
	struct block mine;	/* as it was when the socket was associated */
};

struct world {
	int number;
	int netns;
	struct client clients[USERS + 1];	/* one for each user; root of the user namespace */
	int ways;		/* how many of them there are */
	struct client listener;
	struct client deaf;	/* listens, but never reads */
	int sysctls[SYSCTLS];
	unsigned int values[SYSCTLS];
	struct block blocks[BLOCKS];
	size_t n_blocks;
	struct sock socks[SOCKS];
	unsigned long made, ended;	/* reservations */
	unsigned long told_made, told_ended;
	bool overrun;		/* the listener has missed something */
};

extern const uid_t users[USERS];
extern unsigned long inputs, refusals, mutants;

/* world.c */
void processes_start(void);
/* A system call; returns what it returns, or a negative errno. */
long call_as(struct actor who, long number, long a, long b, long c, long d, long e);
/* The same by the other process; it goes on meanwhile. */
void call_begin(struct actor who, long number, long a, long b, long c, long d, long e);
long call_end(void);
struct actor draw_actor(void);
void world_open(struct world *world, int number);
void world_close(struct world *world);
/* Memory that both processes have at the same place, two pages before one that nobody has. */
extern char *arena;
#define ARENA 8192

/* grants.c */
bool grants_have(const char *grants, uid_t uid);
/* the first user, or NOBODY */
uid_t grants_owner(const char *grants);

/* reconcile.c: complains if more has changed than @may_change */
void reconcile(struct world *world, bool may_change);

/* model.c */
/* Who is told as the owner, or NOBODY. */
uid_t owner_of(const struct block *block);
/* May it bind to a port of the block without an association? */
bool is_granted(const struct block *block, struct actor who);
bool is_admin(const struct world *world, uid_t uid);
const struct block *find_token(const struct world *world, uint64_t token);
const struct block *find_port(const struct world *world, unsigned int port);
const struct block *find_block(const struct world *world, unsigned int first, unsigned int count);
bool overlaps(const struct world *world, unsigned int first, unsigned int count);
bool in_use(const struct world *world, unsigned int first, unsigned int count);
bool may_use(const struct world *world, const struct block *block, struct actor who);
void model_add(struct world *world, const struct block *block);
/* by the administrator, without a name and an owner */
void model_add_plain(struct world *world, unsigned int first, unsigned int count, uint64_t token);
void model_del(struct world *world, const struct block *block);
/* @block is one of the world's; @now is what it is from now on */
void model_change(struct world *world, const struct block *block, const struct block *now);
/* 0, or why @who may not acquire */
int judge_acquire(const struct world *world, struct actor who, unsigned int first,
		  unsigned int count);
unsigned int lowest_gap(const struct world *world, unsigned int count);
void draw_block(const struct world *world, unsigned int *first, unsigned int *count);
uint64_t draw_token(const struct world *world);

/* verify.c: is it as the model says? Complains if not. */
void verify(struct world *world);
#define MOST_TOLD (2 * BLOCKS)
struct told {
	size_t n;
	struct told_block {
		struct resv resv;
		char grants[GRANTS_SIZE];
	} blocks[MOST_TOLD];
};

const struct told *whole_dump(struct world *world);
void verify_events(struct world *world, bool all);
void verify_ports(struct world *world);

/* The doors, an input each. */
void netlink_input(struct world *world);
void dump_input(struct world *world);
void option_input(struct world *world);
void sock_input(struct world *world);
void sysctl_input(struct world *world);
void race_input(struct world *world);
void parameter_inputs(void);

/* sockets.c */
struct sock *draw_sock(struct world *world, bool open);
void sock_close(struct world *world, struct sock *sock);
void socks_close(struct world *world);

/* doors.c: notes what is being done, and that it went wrong; the sequence ends with it. */
void note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void wrong(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
extern bool gone_wrong;
/* Complains unless two errnos are the same. */
void expect(int got, int wanted, const char *what);

#endif
