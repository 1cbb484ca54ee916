/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the description of the netlink family (genl.c) and its handlers
 * (netlink.c, dump.c) know of each other.
 */
#ifndef _PORTRES_GENL_H
#define _PORTRES_GENL_H

#include <net/genetlink.h>

#include "portres.h"

enum { PORTRES_GENL_CHANGES };

extern struct genl_family portres_genl_family;

/**
 * struct portres_reader - for whom a reservation is described
 * @user_ns: in whose numbers users are told
 * @user: the effective user, INVALID_UID if nobody in particular
 * @process: the process, in whose numbers processes are told; NULL if nobody
 * @admin: may use every reservation of the namespace
 */
struct portres_reader {
	struct user_namespace *user_ns;
	kuid_t user;
	struct pid *process;
	bool admin;
};

/* netlink.c */
int portres_nl_create_doit(struct sk_buff *skb, struct genl_info *info);
int portres_nl_delete_doit(struct sk_buff *skb, struct genl_info *info);
int portres_nl_get_doit(struct sk_buff *skb, struct genl_info *info);

/* dump.c */
int portres_nl_get_start(struct netlink_callback *cb);
int portres_nl_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int portres_nl_get_done(struct netlink_callback *cb);

/* message.c */
void portres_reader_init(struct portres_reader *reader, struct sk_buff *request);
int portres_put_reservation(struct sk_buff *msg, const struct portres_reservation *resv,
			    const struct portres_reader *reader);

#endif /* _PORTRES_GENL_H */
