/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * TCP sockets of each kind that has a proto of its own, without a port, so that they can bind. All
 * functions bail where they fail.
 * Threads may make sockets, each of a family of its own.
 */
#ifndef PORTRES_TESTS_TCP_H
#define PORTRES_TESTS_TCP_H

#include <stdbool.h>
#include <stdint.h>

enum tcp_kind {
	TCP_PLAIN,
	TCP_MAPPED,			/* in a sockmap without a program */
	TCP_MAPPED_SENDING,		/* with one for what is sent */
	TCP_MAPPED_RECEIVING,		/* for what is received */
	TCP_MAPPED_BOTH,
	TCP_TLS,			/* was connected, began TLS, and was reset */
	TCP_TLS_KEYED,			/* had a key for sending */
	TCP_TLS_MAPPED,			/* was put into a sockmap before it began TLS */
	TCP_MPTCP,
	TCP_KINDS,
};

const char *tcp_kind_name(enum tcp_kind kind);

/* Sockets of the kind have to be made, by connections to a port that this takes. */
void tcp_kinds_begin(unsigned int port);

/* Is there such a thing here? TLS only if its module is loaded: nothing is asked for. */
bool tcp_kind_exists(enum tcp_kind kind);

/* A new socket of that kind. One with TLS cannot be connected, nor listen. */
int tcp_kind_open(enum tcp_kind kind, int family);
bool tcp_kind_is_tls(enum tcp_kind kind);

/* To the port of tcp_kinds_begin(); returns an errno. */
int tcp_connect(int fd);

#endif
