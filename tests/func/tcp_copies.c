// SPDX-License-Identifier: GPL-2.0-only
/*
 * TCP sockets that have a copy of TCP's proto: in a BPF sockmap, with TLS, below MPTCP. All copies
 * have to be guarded while the module is loaded, whether they were made before or after, and must
 * not lead to it afterwards. The module asks for no other.
 *
 * The order matters: some copies are made once since boot, and TLS is loaded once before and once
 * after the module. No other test uses these.
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
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
#define ROUNDS 10

static const int families[] = { AF_INET, AF_INET6 };

#define FAMILIES 2

/* One that can bind again and again, as each bind is refused. */
static int kept[TCP_KINDS][FAMILIES];

static struct client client;

static bool tls_is_loaded(void)
{
	return !access("/sys/module/tls", F_OK);
}

/* For the name of one row. */
static const char *title(enum tcp_kind kind, int family)
{
	static char text[80];

	snprintf(text, sizeof(text), "%s, %s", family == AF_INET ? "IPv4" : "IPv6",
		 tcp_kind_name(kind));
	return text;
}

#define ROW(kind, family, fmt) "%s: " fmt, title(kind, family)

/* From here on the kernel chooses from reserved ports alone. */
static void narrow(void)
{
	must(set_sysctl("net/ipv4/ip_local_port_range", "%d %d", FIRST, FIRST + COUNT - 1),
	     "cannot set the range");
}

static void widen(void)
{
	must(set_sysctl("net/ipv4/ip_local_port_range", "32768 60999"), "cannot set the range");
}

static int listen_on(int fd)
{
	return listen(fd, 1) ? errno : 0;
}

/* Every way to a port, each with a socket of its own. */
static void guarded_new(enum tcp_kind kind, int family)
{
	int binder = tcp_kind_open(kind, family), connecter = -1, listener = -1;

	if (!tcp_kind_is_tls(kind)) {
		connecter = tcp_kind_open(kind, family);
		listener = tcp_kind_open(kind, family);
	}
	narrow();
	tap_errno(sock_bind_any(binder, FIRST + 1), EADDRINUSE,
		  ROW(kind, family, "bind to a port"));
	tap_errno(sock_bind_any(binder, 0), EADDRINUSE, ROW(kind, family, "bind to any"));
	if (connecter >= 0) {
		tap_errno(tcp_connect(connecter), EADDRNOTAVAIL, ROW(kind, family, "connect"));
		tap_errno(listen_on(listener), EADDRINUSE, ROW(kind, family, "listen"));
		close(connecter);
		close(listener);
	}
	widen();
	close(binder);
}

static void unguarded_new(enum tcp_kind kind, int family)
{
	int binder = tcp_kind_open(kind, family), connecter = -1, listener = -1;

	if (!tcp_kind_is_tls(kind)) {
		connecter = tcp_kind_open(kind, family);
		listener = tcp_kind_open(kind, family);
	}
	narrow();
	tap_errno(sock_bind_any(binder, FIRST + 1), 0,
		  ROW(kind, family, "bind, without the module"));
	if (connecter >= 0) {
		tap_errno(tcp_connect(connecter), 0, ROW(kind, family, "connect, without"));
		tap_errno(listen_on(listener), 0, ROW(kind, family, "listen, without"));
		sock_disconnect(connecter);
		close(connecter);
		close(listener);
	}
	widen();
	close(binder);
}

static void each(void (*act)(enum tcp_kind kind, int family))
{
	int kind, i;

	for (kind = 0; kind < TCP_KINDS; kind++)
		for (i = 0; i < FAMILIES && tcp_kind_exists(kind); i++)
			act(kind, families[i]);
}

static void keep_all(void)
{
	int kind, i;

	for (kind = 0; kind < TCP_KINDS; kind++)
		for (i = 0; i < FAMILIES; i++)
			if (tcp_kind_exists(kind) && !kept[kind][i])
				kept[kind][i] = tcp_kind_open(kind, families[i]);
}

static void kept_are_refused(const char *when)
{
	int kind, i;

	for (kind = 0; kind < TCP_KINDS; kind++)
		for (i = 0; i < FAMILIES; i++)
			if (kept[kind][i])
				tap_errno(sock_bind_any(kept[kind][i], FIRST + i), EADDRINUSE,
					  "%s, kept %s: refused", title(kind, families[i]), when);
}

/* Each at its turn, as all of a family want the same port. */
static void kept_bind(const char *when)
{
	int kind, i;

	for (kind = 0; kind < TCP_KINDS; kind++)
		for (i = 0; i < FAMILIES; i++) {
			if (!kept[kind][i])
				continue;
			tap_errno(sock_bind_any(kept[kind][i], FIRST + i), 0,
				  "%s, kept %s: binds", title(kind, families[i]), when);
			close(kept[kind][i]);
			kept[kind][i] = 0;
		}
}

static void load(void)
{
	module_load();
	must(client_open(&client), "no client");
	client.protocol = IPPROTO_TCP;
	must(reserve(&client, FIRST, COUNT, NULL, NO_OWNER, NULL), "cannot reserve");
}

static void unload(const char *when)
{
	client_close(&client);
	tap_ok(module_unloads(), "the module can be unloaded %s", when);
}

static bool tls_is_to_be_had(void)
{
	return !run("modprobe --dry-run tls");
}

static void without_tls(void)
{
	load();
	tap_ok(!tls_is_loaded(), "the module asked for no TLS");
	each(guarded_new);
	keep_all();
	kept_are_refused("since the first stay");
	unload("beside sockets of each kind");
	tap_ok(!tls_is_loaded(), "nor did its unloading");
	each(unguarded_new);
	kept_bind("since the first stay");
}

static void tls_comes_later(void)
{
	load();
	keep_all();
	tap_num(run("modprobe tls"), 0, "TLS is loaded after the module");
	each(guarded_new);
	keep_all();
	kept_are_refused("since TLS came");
	unload("beside sockets with TLS");
	kept_bind("since TLS came");
	each(unguarded_new);
}

static void tls_came_before(void)
{
	keep_all();
	load();
	kept_are_refused("since before the module");
	each(guarded_new);
	unload("beside sockets from before");
	kept_bind("since before the module");
}

/* Its copies go, and come again at another place. */
static void tls_goes(void)
{
	load();
	each(guarded_new);
	tap_num(run("rmmod tls"), 0, "TLS is unloaded");
	tap_num(run("modprobe tls"), 0, "and loaded again");
	each(guarded_new);
	tap_num(run("rmmod tls"), 0, "and unloaded");
	unload("when TLS is gone");
	tap_num(run("modprobe tls"), 0, "and loaded without the module");
	each(unguarded_new);
}

static void again_and_again(void)
{
	int round, i, kind, wrong = 0;

	keep_all();
	for (round = 0; round < ROUNDS; round++) {
		load();
		for (kind = 0; kind < TCP_KINDS; kind++)
			for (i = 0; i < FAMILIES; i++)
				wrong += kept[kind][i] && sock_bind_any(kept[kind][i], FIRST + i) !=
							  EADDRINUSE;
		client_close(&client);
		if (!module_unloads())
			tap_bail("the module cannot be unloaded");
	}
	tap_num(wrong, 0, "kept sockets are refused in each of %d stays", ROUNDS);
	kept_bind("over many stays");
}

static atomic_bool stop;
static atomic_ulong made;

/* A copy that leads to where the module was ends here. */
static void bind_new(enum tcp_kind kind, int family)
{
	int fd = tcp_kind_open(kind, family);

	must(sock_bind_any(fd, 0), "a socket with TLS cannot bind");
	close(fd);
}

/*
 * TLS makes its copies anew for a socket that comes from another proto than the last one: such
 * sockets come in turn, so copies are being made nearly always.
 */
static void *make_copies(void *arg)
{
	const int *family = arg;

	while (!atomic_load(&stop)) {
		bind_new(TCP_TLS, *family);
		bind_new(TCP_TLS_MAPPED, *family);
		atomic_fetch_add(&made, 2);
	}
	return NULL;
}

static void beside_makers(void)
{
	pthread_t makers[FAMILIES];
	int i, round;

	for (i = 0; i < FAMILIES; i++)
		must(pthread_create(&makers[i], NULL, make_copies, (void *)&families[i]),
		     "no thread");
	for (round = 0; round < ROUNDS; round++) {
		module_load_at_once();
		if (!module_unloads())
			tap_bail("the module cannot be unloaded");
	}
	atomic_store(&stop, true);
	for (i = 0; i < FAMILIES; i++)
		pthread_join(makers[i], NULL);
	tap_ok(atomic_load(&made), "copies of TLS were made while the module came and went");
	tap_diag("covered: %d stays beside %lu new sockets with TLS", ROUNDS, atomic_load(&made));
}

int main(void)
{
	new_netns();
	tcp_kinds_begin(LISTENER);
	tap_ok(!tls_is_loaded(), "TLS is not loaded");
	without_tls();
	if (!tls_is_to_be_had()) {
		tap_skip("this kernel has no module for TLS", "copies of TLS");
		again_and_again();
		return tap_finish();
	}
	tls_comes_later();
	tls_came_before();
	tls_goes();
	again_and_again();
	beside_makers();
	return tap_finish();
}
