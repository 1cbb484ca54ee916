/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What nlclient.c and nllisten.c share: the socket of libnl and its errors. */
#ifndef PORTRES_NLLINK_H
#define PORTRES_NLLINK_H

#include "nlclient.h"

struct nl_msg;
struct nl_sock;

struct portres_link {
	struct nl_sock *sock;
	int family;	/* its number, 0: not known yet */
	int group;	/* the one that is listened to */
};

/* An error of libnl as a negative errno. */
int portres_from_libnl(int error);

int portres_give(struct nl_msg *msg, portres_answer_fn *take, void *arg);

#endif /* PORTRES_NLLINK_H */
