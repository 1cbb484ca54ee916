/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What bind() checks before get_port, for ports that portres selects.
 */
#ifndef _PORTRES_BIND_CHECK_H
#define _PORTRES_BIND_CHECK_H

#include <linux/types.h>
#include <net/sock.h>

/**
 * struct portres_bind_check - checks of several ports for one socket
 * @sk: socket, locked for as long as ports are checked
 * @capable: whether the task has CAP_NET_BIND_SERVICE; valid if @asked
 * @asked: @capable is known; checked at most once, as each denial goes to the audit log
 */
struct portres_bind_check {
	struct sock *sk;
	bool capable;
	bool asked;
};

int portres_bind_check(struct portres_bind_check *check, u16 port);
bool portres_bind_check_needed(const struct sock *sk, u16 first);
int portres_bind_check_block(struct sock *sk, u16 first, u16 last);

#endif /* _PORTRES_BIND_CHECK_H */
