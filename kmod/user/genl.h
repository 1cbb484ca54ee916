/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The netlink family, described in genl.c, and the handlers of its commands.
 */
#ifndef _PORTRES_GENL_H
#define _PORTRES_GENL_H

#include <net/genetlink.h>

struct portres_spec;
struct portres_terms;

/* The multicast groups: changes for all processes, changes and refusals for the administrator. */
enum { PORTRES_GENL_CHANGES, PORTRES_GENL_ADMIN, PORTRES_GENL_REFUSALS };

extern struct genl_family portres_genl_family;
extern const struct nla_policy portres_nl_grant_policy[];

int portres_genl_register(void);
void portres_genl_unregister(void);

/* netlink.c */
int portres_nl_reject_duplicate_attrs(const struct genl_info *info);
int portres_nl_parse_protocol(struct genl_info *info, struct portres_spec *spec);
int portres_nl_parse_block(struct genl_info *info, struct portres_spec *spec);
int portres_nl_parse_range(struct genl_info *info, struct portres_spec *spec);
int portres_nl_parse_name(struct genl_info *info, const char **name);
int portres_nl_wait_until_ready(struct genl_info *info, unsigned int *epoch);
int portres_nl_reject_unknown(struct genl_info *info);
struct sk_buff *portres_nl_new_reply_of(struct genl_info *info, u8 cmd, size_t size, void **hdr);
struct sk_buff *portres_nl_new_reply(struct genl_info *info, u8 cmd, void **hdr);
int portres_nl_create_doit(struct sk_buff *skb, struct genl_info *info);
int portres_nl_delete_doit(struct sk_buff *skb, struct genl_info *info);

/* get.c */
int portres_nl_get_doit(struct sk_buff *skb, struct genl_info *info);

/* set.c */
int portres_nl_set_doit(struct sk_buff *skb, struct genl_info *info);

/* grants.c */
int portres_nl_parse_grants(struct sk_buff *request, struct genl_info *info,
			    struct portres_terms **grants);

/* dump.c */
int portres_nl_get_start(struct netlink_callback *cb);
int portres_nl_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int portres_nl_get_done(struct netlink_callback *cb);

#endif /* _PORTRES_GENL_H */
