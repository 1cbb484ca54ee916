// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sockets of SMC. Below each is a TCP socket of the kernel, which the task that binds the other one
 * makes it bind. So they get a reserved port as other sockets of the kernel do, by the grant
 * "kernel" and with CAP_NET_ADMIN, or as an associated socket: the option goes to the TCP socket.
 */
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <unistd.h>

#include "client.h"
#include "env.h"
#include "sock.h"
#include "tap.h"

#define FIRST 7000
#define COUNT 10
#define PORT (FIRST + 3)

#define IPPROTO_SMC 256

#define SERVER 6000
#define LOW 40000	/* of an ephemeral range; of each STRETCH ports SHARE are reserved */
#define HIGH 40255
#define STRETCH 16
#define SHARE 8
#define DRAWS 12

static struct client client;
static uint64_t token;

static const struct kind {
	const char *name;
	int domain, protocol;
	int family;	/* of its addresses */
} kinds[] = {
	{ "AF_SMC v4", AF_SMC, 0, AF_INET },
	{ "AF_SMC v6", AF_SMC, 1, AF_INET6 },
	{ "IPPROTO_SMC v4", AF_INET, IPPROTO_SMC, AF_INET },
	{ "IPPROTO_SMC v6", AF_INET6, IPPROTO_SMC, AF_INET6 },
};

static int smc_open(const struct kind *kind)
{
	return sock_open(kind->domain, SOCK_STREAM, kind->protocol);
}

static socklen_t length(const struct kind *kind)
{
	return kind->family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
}

static int smc_bind(const struct kind *kind, int fd, unsigned int port)
{
	union sock_addr addr = sock_addr(kind->family, kind->family == AF_INET ? "0.0.0.0" : "::",
					 port);

	return bind(fd, &addr.any, length(kind)) ? errno : 0;
}

static int smc_connect(const struct kind *kind, int fd, unsigned int port)
{
	union sock_addr addr = sock_addr(kind->family,
					 kind->family == AF_INET ? "127.0.0.1" : "::1", port);

	return connect(fd, &addr.any, length(kind)) ? errno : 0;
}

/* What a task of some user tries. */
struct attempt {
	const struct kind *kind;
	unsigned int port;
	uint64_t token;		/* to associate with, or 0 */
	bool falls_back;	/* from then on system calls go to the TCP socket itself */
};

static int try_bind(void *arg)
{
	const struct attempt *attempt = arg;
	int fd = smc_open(attempt->kind), error = 0;

	if (attempt->falls_back)
		sock_set(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1);
	if (attempt->token)
		error = associate(fd, attempt->token);
	error = error ?: smc_bind(attempt->kind, fd, attempt->port);
	close(fd);
	return error;
}

static void each_grant(const struct kind *kind, bool falls_back)
{
	static const struct {
		const char *grants;
		uid_t uid;
		int error;
		const char *what;
	} rows[] = {
		{ "", 0, EADDRINUSE, "root" },
		{ "", STRANGER_UID, EADDRINUSE, "a user" },
		{ "user 0", 0, EADDRINUSE, "root" },
		{ "user 4000", OWNER_UID, EADDRINUSE, "that user" },
		{ "user 4000; kernel", OWNER_UID, EADDRINUSE, "that user" },
		{ "kernel", STRANGER_UID, EADDRINUSE, "a user" },
		{ "kernel", 0, 0, "root" },
	};
	const char *how = falls_back ? ", fallen back" : "";
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct attempt attempt = { kind, PORT, 0, falls_back };

		must(set_grants(&client, token, rows[i].grants), "cannot change the grants");
		tap_errno(as_user(rows[i].uid, try_bind, &attempt), rows[i].error,
			  "%s%s, reserved for %s: by %s", kind->name, how,
			  *rows[i].grants ? rows[i].grants : "nobody", rows[i].what);
		attempt.port = FIRST + COUNT;
		tap_errno(as_user(rows[i].uid, try_bind, &attempt), 0, "and on a free port");
	}
}

static void refusals_are_counted(const struct kind *kind)
{
	struct attempt attempt = { kind, PORT, 0, false };
	struct resv before, after;

	must(set_grants(&client, token, ""), "cannot change the grants");
	must(get_token(&client, token, &before), "no reservation");
	as_user(STRANGER_UID, try_bind, &attempt);
	must(get_token(&client, token, &after), "no reservation");
	tap_num(after.refused - before.refused, 1, "%s: the refusal is counted", kind->name);
}

static void associated(const struct kind *kind)
{
	struct attempt any = { kind, 0, token, false }, one = { kind, PORT, token, false };
	struct attempt other = { kind, FIRST + COUNT, token, false };

	must(set_grants(&client, token, "user 4000"), "cannot change the grants");
	tap_errno(as_user(OWNER_UID, try_bind, &one), 0, "%s, associated: a port of the block",
		  kind->name);
	tap_errno(as_user(OWNER_UID, try_bind, &any), 0, "%s, associated: any port", kind->name);
	tap_errno(as_user(OWNER_UID, try_bind, &other), EADDRNOTAVAIL,
		  "%s, associated: another port", kind->name);
	tap_errno(as_user(STRANGER_UID, try_bind, &one), EACCES,
		  "%s: another user cannot associate", kind->name);
}

/* Its port is in TIME_WAIT afterwards. */
static void close_after(const struct kind *kind, int listener, int near)
{
	struct portres_association block;
	union sock_addr peer;
	socklen_t len = sizeof(peer);
	int far = accept4(listener, &peer.any, &len, SOCK_CLOEXEC);

	must(far < 0 ? errno : 0, "cannot accept");
	tap_errno(association(far, &block), ENOENT, "%s: what it accepts is not associated",
		  kind->name);
	close(far);
	close(near);
	close(listener);
}

static bool has_no_sockets(void *arg)
{
	struct resv resv;

	(void)arg;
	must(get_token(&client, token, &resv), "no reservation");
	return !resv.sockets;
}

static void associated_listens(const struct kind *kind)
{
	unsigned int port = PORT + 1 + (kind - kinds);
	int listener = smc_open(kind), near = smc_open(kind);

	must(associate(listener, token), "cannot associate");
	must(smc_bind(kind, listener, port), "cannot bind the listener");
	tap_errno(listen(listener, 1) ? errno : 0, 0, "%s, associated: listens", kind->name);
	tap_errno(smc_connect(kind, near, port), 0, "%s: and is connected to", kind->name);
	close_after(kind, listener, near);
	tap_ok(wait_until(has_no_sockets, NULL, 10000), "%s: closed, it is not associated",
	       kind->name);
}

static int draw_by_bind(const struct kind *kind, int fd)
{
	return smc_bind(kind, fd, 0);
}

static int draw_by_listen(const struct kind *kind, int fd)
{
	(void)kind;
	return listen(fd, 1) ? errno : 0;
}

static int draw_by_connect(const struct kind *kind, int fd)
{
	return smc_connect(kind, fd, SERVER);
}

static bool is_good(unsigned int port)
{
	return port >= LOW && port <= HIGH && (port - LOW) % STRETCH >= SHARE;
}

static void draws(const struct kind *kind, const char *what,
		  int (*draw)(const struct kind *kind, int fd))
{
	int fds[DRAWS], good = 0, i;

	for (i = 0; i < DRAWS; i++) {
		fds[i] = smc_open(kind);
		must(draw(kind, fds[i]), "no port");
		good += is_good(sock_port(fds[i]));
	}
	tap_num(good, DRAWS, "%s: ports by %s that are not reserved", kind->name, what);
	for (i = 0; i < DRAWS; i++)
		close(fds[i]);
}

/* The grant does not make automatic selection take a port of the block. */
static void reserve_parts_of_range(void)
{
	unsigned int first;

	must(set_sysctl("net/ipv4/ip_local_port_range", "%d %d", LOW, HIGH), "no range");
	for (first = LOW; first < HIGH; first += STRETCH)
		must(create_for(&client, first, SHARE, "kernel", 0, NULL), "cannot reserve");
}

static bool exists(const struct kind *kind)
{
	int fd = socket(kind->domain, SOCK_STREAM | SOCK_CLOEXEC, kind->protocol);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static void each_way(const struct kind *kind)
{
	if (!exists(kind)) {
		tap_skip("this kernel has none", "%s", kind->name);
		return;
	}
	each_grant(kind, false);
	each_grant(kind, true);
	refusals_are_counted(kind);
	associated(kind);
	associated_listens(kind);
	draws(kind, "bind()", draw_by_bind);
	draws(kind, "listen()", draw_by_listen);
	draws(kind, "connect()", draw_by_connect);
}

int main(void)
{
	int server;
	size_t i;

	run("modprobe -q smc");
	new_netns();
	module_load();
	must(client_open(&client), "no client");
	client.protocol = IPPROTO_TCP;
	must(create_for(&client, FIRST, COUNT, "", 0, &token), "cannot reserve");
	reserve_parts_of_range();
	server = tcp_socket(AF_INET6);
	must(sock_bind_any(server, SERVER), "cannot bind the server");
	must(listen(server, DRAWS * 8) ? errno : 0, "cannot listen");
	for (i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		each_way(&kinds[i]);
	close(server);
	client_close(&client);
	tap_ok(module_unloads(), "the module can be unloaded");
	return tap_finish();
}
