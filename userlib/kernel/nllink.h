/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A link to the kernel, for requests or for notifications: the socket of libnl and its errors. */
#ifndef PORTRES_NLLINK_H
#define PORTRES_NLLINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nl_cb;
struct nl_msg;
struct nl_sock;
struct portres_exchange;

struct portres_link {
	struct nl_sock *sock;
	struct nl_cb *requests;		/* callbacks of nlclient.c, NULL: no request yet */
	struct portres_exchange *exchange;	/* what these are for at present */
	char *text;	/* message of the last error of a request, owned by the opener */
	int family;	/* number of the family, 0: unknown */
	int group;	/* joined multicast group of changes, 0: none */
	int refusals;	/* that of refused binds, 0: none */
	bool wants_refusals;
};

/* text has PORTRES_TEXT_MAX bytes; NULL for a link that makes no requests. */
int portres_link_open(struct portres_link **link, char *text);
void portres_link_close(struct portres_link *link);

/* Reads the attributes of a reply; a negative errno makes the request fail. */
typedef int (*portres_reply_fn)(uint8_t command, const void *attrs, size_t len, void *arg);

/* An error of libnl as a negative errno. */
int portres_from_libnl(int error);

/* Calls take with the command and the attributes of a message. */
int portres_link_deliver(struct nl_msg *msg, portres_reply_fn take, void *arg);

#endif /* PORTRES_NLLINK_H */
