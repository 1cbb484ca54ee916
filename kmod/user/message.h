/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reservations in netlink messages, see message.c.
 */
#ifndef _PORTRES_MESSAGE_H
#define _PORTRES_MESSAGE_H

#include <linux/types.h>
#include <linux/uidgid.h>

struct net;
struct pid;
struct portres_block;
struct portres_event;
struct portres_reservation;
struct portres_terms;
struct sk_buff;
struct user_namespace;

/**
 * struct portres_reader - the receiver of the description of a reservation
 * @user_ns: user namespace that uids are translated to
 * @process: process whose pid namespace pids are translated to; NULL for all listeners of a
 *	group, which get no token
 * @clock: offset of its CLOCK_BOOTTIME from the initial time namespace's, in nanoseconds
 * @user: effective user, INVALID_UID for all listeners of a group
 * @admin: may use every persistent reservation of the namespace, and know of every process
 */
struct portres_reader {
	struct user_namespace *user_ns;
	struct pid *process;
	u64 clock;
	kuid_t user;
	bool admin;
};

void portres_reader_init(struct portres_reader *reader, struct sk_buff *request);
bool portres_reader_check_admin(struct portres_reader *reader, const struct sk_buff *request,
				const struct portres_reservation *resv);
bool portres_reader_is_admin(struct portres_reader *reader, const struct sk_buff *request);
int portres_put_reservation(struct sk_buff *msg, const struct portres_reservation *resv,
			    const struct portres_reader *reader);
int portres_put_with(struct sk_buff *msg, const struct portres_reservation *resv,
		     struct portres_block block, const struct portres_terms *terms,
		     const struct portres_reader *reader);
void portres_notify(struct net *net, const struct portres_reservation *resv,
		    const struct portres_event *event);

#endif /* _PORTRES_MESSAGE_H */
