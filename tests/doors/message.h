/* SPDX-License-Identifier: GPL-2.0-only */
/* Messages to the family: made of what the contract knows, then spoilt. */
#ifndef PORTRES_TESTS_DOORS_MESSAGE_H
#define PORTRES_TESTS_DOORS_MESSAGE_H

#include <linux/genetlink.h>
#include <linux/netlink.h>

#include "doors.h"

#define ATTRS_MAX 24
#define DATA_MAX 96
#define BYTES_MAX 4096

struct attr {
	uint16_t type;
	uint16_t len;		/* of the data, as the header says */
	uint16_t size;		/* of the data, as it is */
	unsigned char data[DATA_MAX];
};

/* What is asked for, as long as it is well-formed. */
struct wish {
	int cmd;
	bool dump;
	int by;			/* PORTRES_A_FIRST, _PORT or _TOKEN */
	unsigned int first, count, port;
	uint64_t token;
	char name[PORTRES_NAME_MAX + 1];	/* "" if there is none */
	bool bad_name;
	bool has_owner;
	uint32_t owner;
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

void message_draw(const struct world *world, struct message *message);
void message_spoil(struct message *message);
/* Into bytes, of which there are so many; some of them spoilt if it is. */
size_t message_write(const struct message *message, unsigned char bytes[BYTES_MAX]);

#endif
