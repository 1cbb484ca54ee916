/* SPDX-License-Identifier: GPL-2.0-only */
/* Dumps of the kernel by netlink, for what is asked once. */
#ifndef PORTRES_ASK_H
#define PORTRES_ASK_H

#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdbool.h>

/* The attributes of one message: up to so many types, NULL for those that it has not. */
#define ASK_ATTRS 128
typedef void ask_visit_fn(struct nlattr *const attrs[ASK_ATTRS], void *arg);

/* Calls visit for each network interface that is up, with its IFLA_ attributes. */
void ask_links(ask_visit_fn *visit, void *arg);

/*
 * Calls visit for each message of a dump of a generic netlink family; with attr, which asks for one
 * thing by a number. Nothing happens without the family, or the privilege.
 */
struct ask_family {
	const char *name;
	uint8_t command;
	uint8_t version;
	int attr;		/* 0: none */
};

void ask_family(const struct ask_family *family, uint32_t number, ask_visit_fn *visit, void *arg);

#endif /* PORTRES_ASK_H */
