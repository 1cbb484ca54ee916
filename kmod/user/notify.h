/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The queue of notifications, and the worker that sends them: see notify.c.
 */
#ifndef _PORTRES_NOTIFY_H
#define _PORTRES_NOTIFY_H

struct net;
struct portres_changes;
struct portres_net;
struct sk_buff;
struct sk_buff_head;

/* The most notifications of a namespace that wait; as many may be on their way. */
#define PORTRES_CHANGES_MAX 1024

int portres_notify_init(void);
void portres_notify_close(void);
void portres_notify_fini(void);
void portres_notify_multicast(struct net *net, struct sk_buff *msg, unsigned int group);
void portres_notify_close_net(struct portres_net *pnet);
void portres_changes_add(struct portres_changes *changes, struct sk_buff *msg, unsigned int group);
unsigned int portres_changes_take(struct portres_changes *changes, struct sk_buff_head *batch);

#endif /* _PORTRES_NOTIFY_H */
