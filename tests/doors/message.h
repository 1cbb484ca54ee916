/* SPDX-License-Identifier: GPL-2.0-only */
/* Messages to the family: made of what the contract knows, then spoilt. */
#ifndef PORTRES_TESTS_DOORS_MESSAGE_H
#define PORTRES_TESTS_DOORS_MESSAGE_H

#include <linux/genetlink.h>
#include <linux/netlink.h>

#include "doors.h"

#define MESSAGE_HEADERS (NLMSG_HDRLEN + GENL_HDRLEN)
#define ATTRS_MAX 28
#define DATA_MAX 96
#define BYTES_MAX 4096

struct attr {
	uint16_t type;
	uint16_t len;		/* of the data, as the header says */
	uint16_t size;		/* of the data, as it is */
	unsigned char data[DATA_MAX];
};

#define OWNERS 9	/* numbers of users; the first five there are */
#define WISHED_GRANTS (PORTRES_GRANTS_MAX + 1)

struct wished_grant {
	enum { TO_USER, TO_CGROUP, TO_UNIT, TO_UNIT_OF, TO_KERNEL, TO_ROOT, TO_SLICE, TO_TWO,
	       TO_NOTHING } kind;
	uint32_t user;
};

/* What is asked for, as long as it is well-formed. */
struct wish {
	int cmd;
	bool dump;
	int by;			/* PORTRES_A_FIRST, _PORT or _TOKEN */
	int protocol;
	int protocol_error;	/* of an attribute that is wrong, else 0 */
	unsigned int first, count, port;
	uint64_t token;
	char name[PORTRES_NAME_MAX + 1];	/* "" if there is none */
	bool bad_name, has_name;
	struct wished_grant grants[WISHED_GRANTS];
	unsigned int n_grants;
	bool no_grants;
	bool moves;		/* a change has a block */
	bool has_owner;
	uint32_t owner;
	bool runtime;		/* what is to be deleted is a runtime reservation */
};

struct message {
	struct wish wish;
	struct nlmsghdr nl;
	struct genlmsghdr genl;
	struct attr attrs[ATTRS_MAX];
	size_t n_attrs;
	bool spoilt;		/* nobody knows what it means */
	bool whole;		/* its headers and its length are right */
};

extern const uint32_t owners[OWNERS];

void message_draw(const struct world *world, struct message *message);
void message_put(struct message *message, int type, const void *data, size_t size);
/* Into bytes, of which there are so many; some of them spoilt if it is. */
size_t message_write(const struct message *message, unsigned char bytes[BYTES_MAX]);

/* message_spoil.c */
void message_spoil(struct message *message);
/* Returns the new size. */
size_t message_spoil_bytes(unsigned char *bytes, size_t size);

/* message_set.c */
void draw_grants(struct wish *wish);
/* Often what overlaps the present block. */
void draw_new_block(struct wish *wish, const struct block *known);
/* Their order counts: call it when the others were shuffled. */
void put_grants(struct message *message);

/*
 * grants.c: the grants of a wish as told_grants() will have them, sent by one of the world's ways.
 * Returns 0, or what a request with such grants answers.
 */
int resolve_grants(int way, const struct wish *wish, char text[GRANTS_SIZE]);

#endif
