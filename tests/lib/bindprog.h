/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * BPF programs at bind4, bind6, connect4 and connect6 of a cgroup, written by hand: neither a
 * compiler for them nor a library is needed in the guest.
 */
#ifndef PORTRES_TESTS_BINDPROG_H
#define PORTRES_TESTS_BINDPROG_H

/* Which ports a program has something to say about; it lets the others pass. */
enum bindprog_ports { ALL_PORTS, NAMED_PORTS /* all but 0 */, ONE_PORT };

enum bindprog_action {
	REFUSE,			/* EPERM */
	REFUSE_BY_EXDEV,	/* an error of its own choice */
	CHANGE_PORT,
	CHANGE_ADDRESS,		/* to 127.0.0.2 or ::2 */
	EXEMPT,			/* passes, without CAP_NET_BIND_SERVICE */
};

struct bindprog {
	const char *name;
	enum bindprog_ports ports;
	enum bindprog_action action;
	unsigned int port;	/* for ONE_PORT */
};

/* A new cgroup, which the caller and its later children and sockets are in; or bails. */
void bindprog_enter_group(void);

/* Out of it again; its programs go with it. Sockets from inside may live on. */
void bindprog_leave_group(void);

/* Attaches a program for AF_INET or AF_INET6, instead of the one there; or bails. */
void bindprog_attach(const struct bindprog *prog, int family);
void bindprog_detach(int family);

/*
 * The same for a program at connect4 or connect6, which binds the socket to @port of the wildcard
 * address, and refuses the connection by EPERM if it cannot.
 */
void bindprog_attach_connect(int family, unsigned int port);
void bindprog_detach_connect(int family);

#endif
