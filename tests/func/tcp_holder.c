// SPDX-License-Identifier: GPL-2.0-only
/*
 * TCP sockets that hold runtime reservations, and those that listen: sockets that accept() returns
 * come from a copy of the listener, but nothing that portres gave it is theirs. What a user may
 * hold counts both protocols.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <netinet/in.h>
#include <unistd.h>

#include "client.h"
#include "env.h"
#include "sock.h"
#include "tap.h"

#define FIRST 5000
#define COUNT 10
#define UNUSED 5100	/* the first port of a block that no earlier socket held */
#define SERVER 4000
#define CROWD 100
#define PROMPT 2000	/* milliseconds, in which what a closed listener leaves has to be gone */

static struct client client;
static int family;
static const char *loopback;

struct pair {
	int near;
	int far;	/* which accept() returned */
};

static int open_listener(void)
{
	int fd = tcp_socket(family);

	sock_set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	must(sock_bind_any(fd, SERVER), "cannot bind a listener");
	must(listen(fd, CROWD) ? errno : 0, "cannot listen");
	return fd;
}

static struct pair connect_to(int listener)
{
	struct pair pair = { .near = tcp_socket(family) };

	must(sock_connect(pair.near, loopback, sock_port(listener)), "cannot connect");
	pair.far = accept(listener, NULL, NULL);
	must(pair.far < 0 ? errno : 0, "cannot accept");
	return pair;
}

static void drop_pair(struct pair pair)
{
	sock_drop(pair.far);
	sock_drop(pair.near);
}

static void crowd_comes(int listener, struct pair *crowd)
{
	int i;

	for (i = 0; i < CROWD; i++)
		crowd[i] = connect_to(listener);
}

static void crowd_goes(struct pair *crowd)
{
	int i;

	for (i = 0; i < CROWD; i++)
		drop_pair(crowd[i]);
}

static uint64_t must_acquire(int fd)
{
	struct portres_association block;

	must(acquire(fd, FIRST, COUNT, &block), "cannot acquire");
	return block.token;
}

static bool is_free(void *arg)
{
	(void)arg;
	return get_block(&client, FIRST, COUNT, NULL) == ENOENT;
}

/* The listener holds a reservation; @crowd came to it after or before that. */
static void holder_listens(int listener, struct pair *crowd, const char *when)
{
	crowd_goes(crowd);
	tap_ok(!is_free(NULL),
	       "a listener that acquired %s: its children close, it holds on", when);
	crowd_comes(listener, crowd);
	close(listener);
	tap_ok(wait_until(is_free, NULL, PROMPT),
	       "a listener that acquired %s: closed, it holds nothing beside its children", when);
	crowd_goes(crowd);
}

static void acquires_then_listens(void)
{
	struct pair crowd[CROWD];
	int fd = tcp_socket(family);

	must_acquire(fd);
	sock_set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	must(sock_bind_any(fd, SERVER), "cannot bind a listener");
	must(listen(fd, CROWD) ? errno : 0, "cannot listen");
	crowd_comes(fd, crowd);
	holder_listens(fd, crowd, "before it listened");
}

static void listens_then_acquires(void)
{
	struct pair crowd[CROWD];
	int fd = open_listener();

	must_acquire(fd);
	crowd_comes(fd, crowd);
	holder_listens(fd, crowd, "while it listened");
}

static void acquires_between(void)
{
	struct pair crowd[CROWD];
	int fd = open_listener();

	crowd_comes(fd, crowd);
	must(shutdown(fd, SHUT_RDWR) ? errno : 0, "cannot stop listening");
	must_acquire(fd);
	must(listen(fd, CROWD) ? errno : 0, "cannot listen again");
	holder_listens(fd, crowd, "between two times");
}

static void others_hold(void)
{
	int listener = open_listener(), fd;
	struct pair pair = connect_to(listener);

	must_acquire(pair.far);
	sock_drop(pair.near);
	tap_ok(!is_free(NULL), "a socket that accept() returned acquires, and holds");
	sock_drop(pair.far);
	tap_ok(wait_until(is_free, NULL, PROMPT), "and no longer when it is closed");
	pair = connect_to(listener);
	must_acquire(pair.near);
	close(pair.near);
	tap_ok(wait_until(is_free, NULL, PROMPT), "a connected socket, which then is in FIN_WAIT");
	sock_drop(pair.far);
	fd = tcp_socket(family);
	must(release(fd, must_acquire(fd)), "cannot release");
	tap_ok(is_free(NULL), "one that has no port, which releases");
	close(fd);
	close(listener);
}

/* Connections that come and are gone again, most of them before they are accepted. */
static void storm(int listener)
{
	union sock_addr addr = sock_addr(family, loopback, sock_port(listener));
	struct pollfd incoming = { .fd = listener, .events = POLLIN };
	int i;

	for (i = 0; i < 20 * CROWD; i++) {
		int fd = tcp_socket(family);

		must(fcntl(fd, F_SETFL, O_NONBLOCK) ? errno : 0, "cannot be non-blocking");
		(void)!connect(fd, &addr.any, sizeof(addr));
		sock_drop(fd);
		if (i % 3 == 0 && poll(&incoming, 1, 0) == 1)
			sock_drop(accept(listener, NULL, NULL));
	}
}

static void stormed(void)
{
	struct pair pair;
	uint64_t token;
	int fd = tcp_socket(family), queued = tcp_socket(family);

	must(reserve(&client, FIRST, COUNT, NULL, NO_OWNER, &token), "cannot reserve");
	must(associate(fd, token), "cannot associate");
	must(listen(fd, 16) ? errno : 0, "cannot listen");
	storm(fd);
	while (!fcntl(fd, F_SETFL, O_NONBLOCK)) {
		int child = accept(fd, NULL, NULL);

		if (child < 0)
			break;
		sock_drop(child);
	}
	must(fcntl(fd, F_SETFL, 0) ? errno : 0, "cannot block");
	pair = connect_to(fd);
	must(sock_connect(queued, loopback, sock_port(fd)), "cannot connect");
	tap_ok(module_unload() == EAGAIN, "an associated listener after a storm: the module stays");
	must(unreserve(&client, FIRST, COUNT), "cannot delete");
	client_close(&client);
	close(fd);
	tap_ok(wait_until(module_try_unload, NULL, kernel_is_slow() ? 5 * PROMPT : PROMPT),
	       "it is closed: the module can be unloaded within two seconds");
	tap_num(send(pair.far, "x", 1, MSG_NOSIGNAL), 1, "and its child lives");
	module_load();
	must(client_open(&client), "no client");
	client.protocol = IPPROTO_TCP;
	drop_pair(pair);
	sock_drop(queued);
	tap_errno(reserve(&client, FIRST, COUNT, NULL, NO_OWNER, NULL), 0,
		  "loaded again: the child has left nothing");
	must(unreserve(&client, FIRST, COUNT), "cannot delete");
}

static int fill_ports(void *arg)
{
	int udp = udp_open(family), tcp = tcp_socket(family), row = 0;

	(void)arg;
	if (acquire(udp, FIRST, 6, NULL))
		row = 1;
	else if (acquire(tcp, FIRST, 5, NULL) != EDQUOT)
		row = 2;
	else if (acquire(tcp, FIRST, 4, NULL))
		row = 3;
	else if (acquire(udp, FIRST + 10, 1, NULL) != EDQUOT)
		row = 4;
	close(tcp);
	if (!row && acquire(udp, FIRST + 10, 4, NULL))
		row = 5;
	close(udp);
	return row;
}

static int fill_reservations(void *arg)
{
	int udp = udp_open(family), tcp = tcp_socket(family), row = 0;

	(void)arg;
	if (acquire(udp, FIRST, 1, NULL) || acquire(tcp, FIRST, 1, NULL))
		row = 1;
	else if (acquire(udp, FIRST + 1, 1, NULL) != EDQUOT)
		row = 2;
	else if (acquire(tcp, FIRST + 1, 1, NULL) != EDQUOT)
		row = 3;
	close(tcp);
	close(udp);
	return row;
}

static void bounds(void)
{
	must(set_sysctl("net/portres/user_max_ports", "10"), "no sysctl");
	tap_num(as_user(STRANGER_UID, fill_ports, NULL), 0,
		"ports of both protocols count together");
	must(set_sysctl("net/portres/user_max_ports", "4096"), "no sysctl");
	must(set_sysctl("net/portres/user_max_reservations", "2"), "no sysctl");
	tap_num(as_user(STRANGER_UID, fill_reservations, NULL), 0, "and so do reservations");
	must(set_sysctl("net/portres/user_max_reservations", "128"), "no sysctl");
}

/* Passes over the ends of reservations that earlier sockets held. */
static void one_event(struct client *listener, int cmd, int protocol, const char *what)
{
	struct resv resv = { 0 };
	int got = 0, error;

	do
		error = client_event(listener, 5000, &got, &resv);
	while (!error && resv.first != UNUSED);
	tap_errno(error, 0, "%s: an event", what);
	tap_ok(got == cmd && resv.protocol == protocol, "%s: the right one", what);
}

static void both_protocols(void)
{
	struct client udp, listener;
	struct resv resvs[4];
	size_t count = 0;

	must(client_open(&udp), "no client");
	must(client_open(&listener), "no client");
	must(client_subscribe(&listener), "cannot listen");
	must(reserve(&client, UNUSED, COUNT, NULL, NO_OWNER, NULL), "cannot reserve for TCP");
	one_event(&listener, PORTRES_CMD_CREATED, IPPROTO_TCP, "TCP's reservation");
	must(reserve(&udp, UNUSED, COUNT, NULL, NO_OWNER, NULL), "cannot reserve for UDP");
	one_event(&listener, PORTRES_CMD_CREATED, IPPROTO_UDP, "UDP's reservation");
	must(dump_whole(&client, resvs, 4, &count), "no dump");
	tap_num(count, 2, "a dump has both");
	tap_num(resvs[0].protocol + resvs[1].protocol, IPPROTO_TCP + IPPROTO_UDP,
		"one of each protocol");
	must(unreserve(&udp, UNUSED, COUNT), "cannot delete");
	one_event(&listener, PORTRES_CMD_DELETED, IPPROTO_UDP, "UDP's is deleted");
	tap_errno(get_block(&client, UNUSED, COUNT, NULL), 0, "and TCP's is not");
	must(unreserve(&client, UNUSED, COUNT), "cannot delete");
	one_event(&listener, PORTRES_CMD_DELETED, IPPROTO_TCP, "TCP's is deleted");
	client_close(&listener);
	client_close(&udp);
}

/* Lives and dies in a namespace of its own, with connections that nobody has accepted. */
static int live_and_die(void *arg)
{
	struct client c;
	uint64_t token;
	int fd, i;

	(void)arg;
	new_netns();
	must(client_open(&c), "no client");
	c.protocol = IPPROTO_TCP;
	must(reserve(&c, FIRST, COUNT, "mortal", NO_OWNER, &token), "cannot reserve");
	must(reserve(&c, FIRST + COUNT, COUNT, NULL, NO_OWNER, NULL), "cannot reserve");
	must(acquire(tcp_socket(family), FIRST + 2 * COUNT, COUNT, NULL), "cannot acquire");
	fd = tcp_socket(family);
	must(associate(fd, token), "cannot associate");
	must(listen(fd, 16) ? errno : 0, "cannot listen");
	for (i = 0; i < 8; i++)
		must(sock_connect(tcp_socket(family), loopback, sock_port(fd)), "cannot connect");
	must(accept(fd, NULL, NULL) < 0 ? errno : 0, "cannot accept");
	return 0;
}

static void namespace_dies(void)
{
	tap_num(in_child(live_and_die, NULL), 0, "a namespace dies with a listener in it");
	client_close(&client);
	tap_ok(wait_until(module_try_unload, NULL, 15000), "and the module can be unloaded");
}

static void for_family(int number, const char *address)
{
	family = number;
	loopback = address;
	tap_diag("family %s", number == AF_INET ? "v4" : "v6");
	module_load();
	must(client_open(&client), "no client");
	client.protocol = IPPROTO_TCP;
	acquires_then_listens();
	acquires_between();
	others_hold();
	bounds();
	both_protocols();
	stormed();
	listens_then_acquires();
	namespace_dies();
}

int main(void)
{
	new_netns();
	for_family(AF_INET, "127.0.0.1");
	for_family(AF_INET6, "::1");
	return tap_finish();
}
