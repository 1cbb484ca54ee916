/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A client of the kernel contract (linux/portres.h) on a bare netlink socket,
 * independent of libportres, for tests.
 *
 * A client speaks for the network namespace in which it was opened, and with the
 * credentials of whoever calls. It serves one thread. Functions return 0 or an
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
#define COMMAND_MAX 15	/* bytes that the kernel keeps of the name of a process */

struct client {
	int fd;
	uint16_t family;
	uint32_t changes;	/* multicast group */
	uint32_t seq;
};

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
	uint32_t sockets;
	bool runtime;
	uint32_t process;
	char command[COMMAND_MAX + 1];
};

/* The kernel loads the module by the family's name. ENOENT: there is no such family. */
int client_open(struct client *c);
void client_close(struct client *c);

/* UDP; @name may be NULL, @owner NO_OWNER, @token NULL */
int reserve(struct client *c, unsigned int first, unsigned int count, const char *name,
	    uid_t owner, uint64_t *token);
int unreserve(struct client *c, unsigned int first, unsigned int count);
int get_block(struct client *c, unsigned int first, unsigned int count, struct resv *resv);
int get_port(struct client *c, unsigned int port, struct resv *resv);
int get_token(struct client *c, uint64_t token, struct resv *resv);

/* Stores up to @max reservations and counts all; EINTR if the dump was interrupted. */
int dump(struct client *c, struct resv *resvs, size_t max, size_t *count);

/* Joins the multicast group; then client_event() waits for what comes; ETIME if nothing does. */
int client_subscribe(struct client *c);
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
