// SPDX-License-Identifier: GPL-2.0-only
/*
 * TCP ports and MPTCP. An administrator can switch MPTCP on in each namespace at any time, so the
 * module checks the binds of MPTCP sockets everywhere. Without these checks (guard_mptcp=0, or a
 * machine where they are impossible) TCP ports can be reserved only in namespaces without MPTCP.
 * An MPTCP socket cannot be associated and acquires nothing, not even after its connection has
 * fallen back to plain TCP; the library says why.
 */
#include <errno.h>
#include <portres/portres.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"
#include "env.h"
#include "sock.h"
#include "tap.h"
#include "tcp.h"

#define FIRST 5000
#define COUNT 10
#define LISTENER 6000

static struct client client;

static void enable_mptcp(bool on)
{
	must(set_sysctl("net/mptcp/enabled", "%d", on), "cannot switch MPTCP");
}

static int reserve_tcp(void)
{
	return reserve(&client, FIRST, COUNT, NULL, NO_OWNER, NULL);
}

/* The refusal says what to do. */
static bool refusal_says(const char *word)
{
	struct answer answer = { 0 };
	struct request rq;

	request_init(&rq, PORTRES_CMD_CREATE, 0);
	request_u8(&rq, PORTRES_A_PROTOCOL, IPPROTO_TCP);
	request_u16(&rq, PORTRES_A_FIRST, FIRST);
	request_u16(&rq, PORTRES_A_COUNT, COUNT);
	client_call(&client, &rq, &answer);
	return strstr(answer.text, word);
}

static int bind_new(enum tcp_kind kind, int family)
{
	int fd = tcp_kind_open(kind, family);
	int error = sock_bind_any(fd, FIRST);

	close(fd);
	return error;
}

static void load(const char *parameters)
{
	must(run("modprobe portres %s", parameters), "cannot load the module");
	module_load();
	must(client_open(&client), "no client");
	client.protocol = IPPROTO_TCP;
}

static void unload(void)
{
	client_close(&client);
	tap_ok(module_unloads(), "the module can be unloaded");
}

static void comes_later(void)
{
	enable_mptcp(false);
	load("");
	tap_errno(reserve_tcp(), 0, "TCP ports can be reserved where MPTCP is off");
	enable_mptcp(true);
	tap_errno(bind_new(TCP_MPTCP, AF_INET), EADDRINUSE, "switched on later: IPv4 is guarded");
	tap_errno(bind_new(TCP_MPTCP, AF_INET6), EADDRINUSE, "and IPv6");
	unload();
	tap_errno(bind_new(TCP_MPTCP, AF_INET), 0, "free without the module: IPv4");
	tap_errno(bind_new(TCP_MPTCP, AF_INET6), 0, "and IPv6");
}

static void is_there(void)
{
	load("");
	tap_errno(reserve_tcp(), 0, "TCP ports can be reserved where MPTCP is on");
	tap_errno(bind_new(TCP_MPTCP, AF_INET), EADDRINUSE, "there IPv4 is guarded");
	tap_errno(bind_new(TCP_MPTCP, AF_INET6), EADDRINUSE, "and IPv6");
	unload();
}

static int bind_and_listen(void *arg)
{
	int fd = tcp_kind_open(TCP_MPTCP, *(int *)arg);
	int error = sock_bind_any(fd, FIRST);

	if (!error && listen(fd, 1))
		error = errno;
	close(fd);
	return error;
}

/*
 * For an MPTCP socket the kernel binds a TCP socket of its own, which the program does not see.
 */
static void is_granted(int family)
{
	uint64_t token;

	load("");
	must(reserve(&client, FIRST, COUNT, NULL, OWNER_UID, &token), "cannot reserve");
	tap_errno(as_user(OWNER_UID, bind_and_listen, &family), 0,
		  "a program that has a grant binds and listens by MPTCP");
	tap_errno(as_user(STRANGER_UID, bind_and_listen, &family), EADDRINUSE,
		  "one that has none does not");
	must(set_sysctl("net/portres/denied_errno", "%d", EACCES), "no sysctl");
	tap_errno(as_user(STRANGER_UID, bind_and_listen, &family), EACCES,
		  "it gets the error of others");
	must(set_grants(&client, token, "kernel"), "cannot grant");
	tap_errno(as_user(OWNER_UID, bind_and_listen, &family), EACCES,
		  "a grant of the kernel is none for it");
	unload();
}

/* By the option itself, and by the library, which must not report the module as missing. */
static void refuses_options(int fd, uint64_t token, const char *what)
{
	struct portres_association block;

	tap_errno(associate(fd, token), ENOPROTOOPT, "%s: the option to associate", what);
	tap_errno(release(fd, token), ENOPROTOOPT, "%s: the option to release", what);
	tap_errno(association(fd, &block), EOPNOTSUPP, "%s: the option that tells of it", what);
	tap_errno(acquire(fd, FIRST + COUNT, 1, NULL), EOPNOTSUPP, "%s: the option to acquire",
		  what);
	tap_errno(-portres_associate(fd, token), EOPNOTSUPP, "%s: portres_associate()", what);
	tap_errno(-portres_release(fd, token), EOPNOTSUPP, "%s: portres_release()", what);
	tap_errno(-portres_get_association(fd, &block), EOPNOTSUPP,
		  "%s: portres_get_association()", what);
	tap_errno(-portres_acquire(fd, FIRST + COUNT, 1, &block), EOPNOTSUPP,
		  "%s: portres_acquire()", what);
}

static void is_no_member(int family)
{
	int fd = tcp_kind_open(TCP_MPTCP, family);
	uint64_t token;

	load("");
	must(reserve(&client, FIRST, COUNT, NULL, NO_OWNER, &token), "cannot reserve");
	refuses_options(fd, token, "MPTCP");
	/* the other end knows plain TCP alone: the kernel passes options on to the socket below */
	must(tcp_connect(fd), "cannot connect");
	refuses_options(fd, token, "MPTCP that has become TCP");
	must(sock_disconnect(fd), "cannot disconnect");
	refuses_options(fd, token, "MPTCP that was TCP");
	close(fd);
	unload();
	fd = tcp_kind_open(TCP_PLAIN, family);
	tap_errno(-portres_associate(fd, token), ENOSYS,
		  "plain TCP, without the module: portres_associate()");
	tap_errno(-portres_release(fd, token), ENOSYS, "and portres_release()");
	close(fd);
}

/* A listener of MPTCP hands a client that knows plain TCP alone over to TCP. */
static void makes_members(int family)
{
	int listener = tcp_kind_open(TCP_MPTCP, family), near = tcp_kind_open(TCP_PLAIN, family);
	struct portres_association block;
	int far;

	load("");
	must(listen(listener, 1) ? errno : 0, "cannot listen");
	must(sock_connect(near, family == AF_INET ? "127.0.0.1" : "::1", sock_port(listener)),
	     "cannot connect");
	far = accept(listener, NULL, NULL);
	must(far < 0 ? errno : 0, "cannot accept");
	tap_errno(association(far, &block), ENOENT, "accepted for plain TCP: it is not associated");
	tap_errno(acquire(far, FIRST, 1, &block), 0, "accepted for plain TCP: it acquires");
	tap_errno(release(far, block.token), 0, "accepted for plain TCP: it releases");
	close(far);
	close(near);
	close(listener);
	unload();
}

static void is_left_alone(const char *parameters, const char *why)
{
	enable_mptcp(true);
	load(parameters);
	tap_errno(reserve_tcp(), EOPNOTSUPP, "%s: no TCP ports where MPTCP is on", why);
	tap_ok(refusal_says("net.mptcp.enabled=0"), "%s: the text says what to do", why);
	enable_mptcp(false);
	tap_errno(reserve_tcp(), 0, "%s: where it is off, they can be reserved", why);
	tap_errno(bind_new(TCP_PLAIN, AF_INET), EADDRINUSE, "%s: which guards TCP", why);
	enable_mptcp(true);
	tap_errno(bind_new(TCP_MPTCP, AF_INET), 0, "%s: MPTCP is left alone", why);
	unload();
}

static void all_of_it(void)
{
	enable_mptcp(false);
	new_netns();
	tcp_kinds_begin(LISTENER);
	comes_later();
	is_there();
	is_granted(AF_INET);
	is_granted(AF_INET6);
	is_no_member(AF_INET);
	is_no_member(AF_INET6);
	makes_members(AF_INET);
	makes_members(AF_INET6);
	is_left_alone("guard_mptcp=0", "guard_mptcp=0");
}

int main(void)
{
	int init_net = netns_get();

	if (!tcp_kind_exists(TCP_MPTCP)) {
		tap_skip("this kernel has no MPTCP", "MPTCP and TCP ports");
		return tap_finish();
	}
	if (mptcp_is_guarded()) {
		all_of_it();
	} else {
		new_netns();
		is_left_alone("", "MPTCP cannot be guarded here");
	}
	netns_enter(init_net);
	enable_mptcp(true);
	return tap_finish();
}
