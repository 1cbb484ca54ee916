// SPDX-License-Identifier: GPL-2.0-only
/* TCP sockets of each kind that has a proto of its own. */
#include "tcp.h"

#include <errno.h>
#include <linux/tls.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "env.h"
#include "sock.h"
#include "sockmap.h"
#include "tap.h"

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

#define SLOTS 256

static const char * const names[TCP_KINDS] = {
	[TCP_PLAIN]		= "plain",
	[TCP_MAPPED]		= "in a sockmap",
	[TCP_MAPPED_SENDING]	= "in a sockmap for what is sent",
	[TCP_MAPPED_RECEIVING]	= "in a sockmap for what is received",
	[TCP_MAPPED_BOTH]	= "in a sockmap for both",
	[TCP_TLS]		= "with TLS",
	[TCP_TLS_KEYED]		= "with TLS and a key",
	[TCP_TLS_MAPPED]	= "in a sockmap and with TLS",
	[TCP_MPTCP]		= "MPTCP",
};

static unsigned int listener_port;
static int listeners[2];		/* IPv4, IPv6 */
static int maps[TCP_KINDS];
static atomic_uint slots[TCP_KINDS];

const char *tcp_kind_name(enum tcp_kind kind)
{
	return names[kind];
}

bool tcp_kind_is_tls(enum tcp_kind kind)
{
	return kind >= TCP_TLS && kind <= TCP_TLS_MAPPED;
}

static bool is_mapped(enum tcp_kind kind)
{
	return kind >= TCP_MAPPED && kind <= TCP_MAPPED_BOTH;
}

static int tcp_open(int family)
{
	return sock_open(family, SOCK_STREAM, IPPROTO_TCP);
}

static int tcp_listen(int family, unsigned int port)
{
	int fd = tcp_open(family);

	if (family == AF_INET6)
		sock_set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
	must(sock_bind_any(fd, port), "cannot bind a listener");
	must(listen(fd, 64) ? errno : 0, "cannot listen");
	return fd;
}

void tcp_kinds_begin(unsigned int port)
{
	int kind;

	listener_port = port;
	listeners[0] = tcp_listen(AF_INET, port);
	listeners[1] = tcp_listen(AF_INET6, port);
	for (kind = TCP_MAPPED; kind <= TCP_MAPPED_BOTH; kind++)
		maps[kind] = sockmap_make(SLOTS);
	maps[TCP_TLS_MAPPED] = sockmap_make(SLOTS);
	sockmap_judge_sent(maps[TCP_MAPPED_SENDING]);
	sockmap_judge_received(maps[TCP_MAPPED_RECEIVING]);
	sockmap_judge_sent(maps[TCP_MAPPED_BOTH]);
	sockmap_judge_received(maps[TCP_MAPPED_BOTH]);
}

bool tcp_kind_exists(enum tcp_kind kind)
{
	int fd;

	if (tcp_kind_is_tls(kind))
		return !access("/sys/module/tls", F_OK);
	if (kind != TCP_MPTCP)
		return true;
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_MPTCP);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

int tcp_connect(int fd)
{
	return sock_connect(fd, sock_family(fd) == AF_INET ? "127.0.0.1" : "::1", listener_port);
}

static unsigned int peer_port(int fd)
{
	union sock_addr addr;
	socklen_t len = sizeof(addr);

	/* gone already: not the one that is looked for */
	if (getpeername(fd, &addr.any, &len))
		return 0;
	return ntohs(addr.any.sa_family == AF_INET ? addr.v4.sin_port : addr.v6.sin6_port);
}

/* Connects, and returns the other end. Connections that nobody accepted come first. */
static int meet(int fd)
{
	int other;

	must(tcp_connect(fd), "cannot connect");
	for (;;) {
		other = accept4(listeners[sock_family(fd) == AF_INET6], NULL, NULL, SOCK_CLOEXEC);
		must(other < 0 ? errno : 0, "cannot accept");
		if (peer_port(other) == sock_port(fd))
			return other;
		close(other);
	}
}

static bool is_closed(void *arg)
{
	return tcp_state(*(int *)arg) == TCP_CLOSE;
}

/* The other end resets the connection. */
static void reset(int fd, int other)
{
	const struct linger at_once = { .l_onoff = 1 };

	must(setsockopt(other, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)) ? errno : 0,
	     "no linger");
	close(other);
	if (!wait_until(is_closed, &fd, 10000))
		tap_bail("a connection is not reset");
}

/* Sockets leave the map when they are closed. */
static void put(enum tcp_kind kind, int fd)
{
	sockmap_put(maps[kind], atomic_fetch_add(&slots[kind], 1) % SLOTS, fd);
}

static void map_socket(enum tcp_kind kind, int fd)
{
	int other = meet(fd);

	put(kind, fd);
	close(other);
	must(sock_disconnect(fd), "cannot disconnect");
}

static void give_key(int fd)
{
	struct tls12_crypto_info_aes_gcm_128 key = {
		.info = { .version = TLS_1_2_VERSION, .cipher_type = TLS_CIPHER_AES_GCM_128 },
	};

	must(setsockopt(fd, SOL_TLS, TLS_TX, &key, sizeof(key)) ? errno : 0, "no key for TLS");
}

static void begin_tls(enum tcp_kind kind, int fd)
{
	int other = meet(fd);

	if (kind == TCP_TLS_MAPPED)
		put(kind, fd);
	must(setsockopt(fd, SOL_TCP, TCP_ULP, "tls", 3) ? errno : 0, "no TLS");
	if (kind == TCP_TLS_KEYED)
		give_key(fd);
	reset(fd, other);
}

int tcp_kind_open(enum tcp_kind kind, int family)
{
	int fd;

	if (kind == TCP_MPTCP)
		return sock_open(family, SOCK_STREAM, IPPROTO_MPTCP);
	fd = tcp_open(family);
	if (is_mapped(kind))
		map_socket(kind, fd);
	if (tcp_kind_is_tls(kind))
		begin_tls(kind, fd);
	return fd;
}
