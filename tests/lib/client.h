/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A client of the kernel contract (linux/portres.h) on a bare netlink socket,
 * independent of libportres, for tests.
 *
 * A client acts on the network namespace in which it was opened, with the
 * credentials of the calling task. It serves one thread. Functions return 0 or an
 * errno; client_open() bails where netlink itself does not work.
 */
#ifndef PORTRES_TESTS_CLIENT_H
#define PORTRES_TESTS_CLIENT_H

#include <linux/portres.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define NO_OWNER ((uid_t)-1)
#define GRANTS_TEXT_MAX 4096	/* bytes of all grants of a reservation as text */
#define COMMAND_MAX 15	/* bytes that the kernel keeps of the name of a process */

struct client {
	int fd;
	uint16_t family;
	uint32_t changes;	/* multicast groups */
	uint32_t admin;
	uint32_t refusals;
	uint32_t seq;
	uint8_t protocol;	/* of all requests by the functions below; UDP if nothing is set */
	bool ours;		/* the family is that of the contract */
	bool impatient;		/* takes EAGAIN for an answer; else a creation is tried again */
};

struct request;

/* A reservation as the kernel tells it; @has says which attributes it told. */
struct resv {
	uint32_t has;		/* bits: 1 << PORTRES_A_... */
	uint8_t protocol;
	uint16_t first;
	uint16_t count;
	uint64_t token;
	char name[PORTRES_NAME_MAX + 1];
	uint32_t owner;
	uint64_t refused;
	uint64_t avoided;
	uint32_t lost;
	uint32_t sockets;
	bool runtime;
	uint32_t process;
	char command[COMMAND_MAX + 1];
	uint64_t process_start;
	uint32_t by_user;
	uint32_t by_process;
	char by_command[COMMAND_MAX + 1];
	uint16_t was_first;
	uint16_t was_count;
	bool tree;
};

/* ENOENT: there is no such family, the module is not loaded. */
int client_open(struct client *c);
/* Of another family of generic netlink: for client_call(), where an acknowledgement is all. */
int client_open_other(struct client *c, const char *family);
void client_close(struct client *c);

/* @name may be NULL, @owner NO_OWNER, @token NULL */
int reserve(struct client *c, unsigned int first, unsigned int count, const char *name,
	    uid_t owner, uint64_t *token);
int unreserve(struct client *c, unsigned int first, unsigned int count);
int unreserve_runtime(struct client *c, unsigned int first, unsigned int count);
int get_block(struct client *c, unsigned int first, unsigned int count, struct resv *resv);
int get_port(struct client *c, unsigned int port, struct resv *resv);
int get_token(struct client *c, uint64_t token, struct resv *resv);

/*
 * Grants are told as text: "user 1000; unit a.service of 7; cgroup /a/b; kernel", "" for none.
 * create_for() is as reserve(), but for more; @flags may have ADOPT. set_grants() replaces them.
 */
#define ADOPT 1

int create_for(struct client *c, unsigned int first, unsigned int count, const char *grants,
	       int flags, uint64_t *token);
int set_grants(struct client *c, uint64_t token, const char *grants);
int set_name(struct client *c, uint64_t token, const char *name);
int set_block(struct client *c, uint64_t token, unsigned int first, unsigned int count);
void request_grants(struct request *rq, const char *grants);

/* For client.c and what it is split into. */
void walk_attrs(const void *data, size_t len,
		void (*each)(int type, const void *data, size_t len, void *arg), void *arg);
void take_attr(int type, void *to, size_t size, const void *data, size_t len);
void take_text(int type, char *to, size_t size, const void *data, size_t len);
int client_find_family(struct client *c, const char *name);
void grants_take(const void *data, size_t len);
void grants_forget(void);

/* Which grants the last message had, of an answer or an event, as text. */
const char *told_grants(void);

/* Stores up to @max reservations and counts all; EINTR if the dump was interrupted. */
int dump(struct client *c, struct resv *resvs, size_t max, size_t *count);

/* The same again until no change interrupts it. */
int dump_whole(struct client *c, struct resv *resvs, size_t max, size_t *count);

/* Join a multicast group; then client_event() waits for what comes; ETIME if nothing does. */
int client_subscribe(struct client *c);
int client_subscribe_admin(struct client *c);
int client_subscribe_refusals(struct client *c);
int client_event(struct client *c, int milliseconds, int *cmd, struct resv *resv);

/* The low-level form: a request of any attributes, right or wrong. */
struct request {
	uint16_t flags;		/* NLM_F_... besides NLM_F_REQUEST | NLM_F_ACK */
	uint8_t cmd;
	size_t len;
	char attrs[8192];
};

void request_init(struct request *rq, int cmd, int flags);
void request_put(struct request *rq, int type, const void *data, size_t len);
void request_u8(struct request *rq, int type, uint8_t value);
void request_u16(struct request *rq, int type, uint16_t value);
void request_u32(struct request *rq, int type, uint32_t value);
void request_u64(struct request *rq, int type, uint64_t value);
void request_str(struct request *rq, int type, const char *value);
/* bytes as they are, without an attribute header */
void request_raw(struct request *rq, const void *data, size_t len);

struct answer {
	char text[256];		/* of the extended acknowledgement, "" for none */
	uint32_t offset;	/* of the attribute at fault from the message's start, or 0 */
	int bad_attr;		/* type of the attribute at that offset, or -1 */
	int miss_attr;		/* type of the missing attribute, or -1 */
	bool interrupted;	/* NLM_F_DUMP_INTR was set in some message */
	size_t messages;	/* how many came besides the acknowledgement */
	int cmd;		/* command of the last of them */
	struct resv resv;	/* what the last of them told */

	/* if set, called for each message; else leave it NULL */
	void (*each)(const struct resv *resv, void *arg);
	void *arg;
};

/* Sends and reads to the end. @answer may be NULL; @each and @arg in it are the caller's. */
int client_call(struct client *c, const struct request *rq, struct answer *answer);

#endif
