/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Automatic selection of a port by the kernel, from windows without reservations. See window.c.
 */
#ifndef _PORTRES_TCP_WINDOW_H
#define _PORTRES_TCP_WINDOW_H

#include "core/table.h"

struct sock;

/**
 * struct portres_tcp_choice - automatic selection of a port
 * @sk: the socket, locked
 * @table: table of its namespace
 * @attempt: has the kernel select a port of the socket's ephemeral port range. Returns 0 or an
 *	errno
 * @full: errno of @attempt if there is none
 * @range: portres_net_range() if reservations are known to overlap it; 0: to be read
 * @yielded: set by @attempt if it gave a port back that was reserved meanwhile
 * @undecided: for the search
 */
struct portres_tcp_choice {
	struct sock *sk;
	struct portres_table *table;
	int (*attempt)(struct portres_tcp_choice *choice);
	int full;
	u32 range;
	bool yielded;
	struct portres_undecided undecided;
};

int portres_tcp_choose(struct portres_tcp_choice *choice);

#endif /* _PORTRES_TCP_WINDOW_H */
