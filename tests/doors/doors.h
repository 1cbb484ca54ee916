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
#define SOCKS 32
#define NOBODY ((uid_t)-1)
#define GRANTS_SIZE 1024

/* Where things happen, so that they meet; and the ephemeral range in it. */
#define FIRST_PORT 5000
#define LAST_PORT 5159
#define LOW 5060
#define HIGH 5075
/* The first port that every user may bind. */
#define UNPRIVILEGED 1024

/* TCP ports: a server of each world listens on each of the first two, no socket on the third. */
#define SERVER_V4 4000
#define SERVER_V6 4001
#define CLOSED_PORT 4002

enum { DENIED_ERRNO, USER_MAX_PORTS, USER_MAX_RESERVATIONS, SYSCTLS };

/* Who does something: with an effective user id, in one of the processes. */
struct actor {
	uid_t uid;
	int process;
};

struct block {
	int protocol;		/* IPPROTO_UDP or IPPROTO_TCP */
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

/* A UDP or TCP socket. */
struct sock {
	int fd;			/* -1: there is none */
	int protocol;
	int family;
	/* RESET: as its connection was, by the other end */
	enum { IDLE, LISTENING, CONNECTED, RESET } state;
	unsigned int port;
	bool locked;		/* the port was asked for by number */
	bool shared;		/* connect() has chosen the port, others may connect from it too */
	bool shut;		/* for sending, maybe */
	bool associated;
	struct block mine;	/* as it was when the socket was associated */
	struct sock *peer;	/* the other end of a TCP connection */
	unsigned int peer_port;
};

/* Reservations of one protocol. */
struct tally {
	unsigned long made, ended;
	unsigned long told_made, told_ended;
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
	int servers[2];		/* of TCP; IPv4, IPv6 */
	struct tally tallies[2];	/* UDP, TCP */
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
/* The client of root, whose requests are about that protocol from now on. */
struct client *client_of(struct world *world, int protocol);
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
/* IPPROTO_UDP or IPPROTO_TCP */
int draw_protocol(void);
struct tally *tally_of(struct world *world, int protocol);
/* Who is told as the owner, or NOBODY. */
uid_t owner_of(const struct block *block);
/* May it bind to a port of the block without an association? */
bool is_granted(const struct block *block, struct actor who);
bool is_admin(const struct world *world, uid_t uid);
const struct block *find_token(const struct world *world, uint64_t token);
const struct block *find_port(const struct world *world, int protocol, unsigned int port);
const struct block *find_block(const struct world *world, int protocol, unsigned int first,
			       unsigned int count);
bool overlaps(const struct world *world, int protocol, unsigned int first, unsigned int count);
bool in_use(const struct world *world, int protocol, unsigned int first, unsigned int count);
bool may_use(const struct world *world, const struct block *block, struct actor who);
void model_add(struct world *world, const struct block *block);
/* by the administrator, without a name and an owner */
void model_add_plain(struct world *world, int protocol, unsigned int first, unsigned int count,
		     uint64_t token);
void model_del(struct world *world, const struct block *block);
/* @block is one of the world's; @now is what it is from now on */
void model_change(struct world *world, const struct block *block, const struct block *now);
/* 0, or why @who may not acquire */
int judge_acquire(const struct world *world, struct actor who, int protocol, unsigned int first,
		  unsigned int count);
unsigned int lowest_gap(const struct world *world, int protocol, unsigned int count);
void draw_block(const struct world *world, int *protocol, unsigned int *first,
		unsigned int *count);
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
/* One that is open, of a protocol or of any, which is 0; or NULL. */
struct sock *draw_sock(struct world *world, int protocol);
/* A place for a socket, or NULL. */
struct sock *free_sock(struct world *world);
void sock_close(struct world *world, struct sock *sock);
void socks_close(struct world *world);
/* It has lost its port, unless that was asked for by number. */
void sock_lose_port(struct sock *sock);
/* 0, or why an automatic selection fails, of any way but connect() */
int judge_any(const struct world *world, const struct sock *sock, uid_t uid);
/* Complains if the port that was chosen is none that the socket may have. */
void learn_port(struct world *world, struct sock *sock);

/* connections.c, of TCP */
void servers_open(struct world *world);
void servers_close(struct world *world);
void listen_one(struct world *world, struct sock *sock);
void connect_stream(struct world *world, struct sock *sock);
void disconnect_stream(struct sock *sock);
void shut_down_stream(struct sock *sock);
/* Is there a port from which a socket without one can connect to that one? */
bool may_connect(const struct world *world, const struct sock *sock, unsigned int peer_port);
/* @sock is closed or disconnected: so is the other end, in a moment. */
void lose_peer(struct sock *sock);

/* doors.c: notes what is being done, and that it went wrong; the sequence ends with it. */
void note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void wrong(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
extern bool gone_wrong;
/* Complains unless two errnos are the same. */
void expect(int got, int wanted, const char *what);

#endif
