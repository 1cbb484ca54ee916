// SPDX-License-Identifier: GPL-2.0-only
/*
 * Adoption reserves ports that are in use. Their sockets keep them, and no other socket gets one
 * from then on.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"
#include "env.h"
#include "sock.h"
#include "tap.h"

#define FIRST 5000
#define COUNT 10
#define PORT (FIRST + 4)

static struct client client;

static int try_again(void *arg)
{
	return try_port(*(int *)arg, PORT);
}

static int shared(int family)
{
	int fd = udp_open(family);

	sock_set(fd, SOL_SOCKET, SO_REUSEPORT, 1);
	sock_set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	return fd;
}

static bool receives(int fd, int family)
{
	const char *loopback = family == AF_INET ? "127.0.0.1" : "::1";
	int from = udp_open(family);
	char byte;
	bool came;

	must(sock_sendto(from, loopback, PORT), "cannot send");
	came = recv(fd, &byte, 1, MSG_TRUNC) >= 0;
	close(from);
	return came;
}

static void adopts(int family)
{
	int sits = shared(family), comes = shared(family), later = udp_open(family);
	struct resv resv;
	uint64_t token;

	must(sock_bind_any(sits, PORT), "cannot bind");
	tap_errno(create_for(&client, FIRST, COUNT, "", 0, NULL), EADDRINUSE, "without the word");
	tap_errno(create_for(&client, FIRST, COUNT, "user 4000", ADOPT, &token), 0, "with it");
	tap_num(sock_port(sits), PORT, "the socket keeps its port");
	tap_ok(receives(sits, family), "and gets packets");
	must(get_port(&client, PORT, &resv), "no reservation");
	tap_ok(resv.token == token && !strcmp(told_grants(), "user 4000"), "it is as any other");
	tap_errno(sock_bind_any(comes, PORT), EADDRINUSE, "another one does not come beside it");
	tap_errno(try_port(family, FIRST), EADDRINUSE, "nor to a port that was free");
	tap_errno(as_user(OWNER_UID, try_again, &family), EADDRINUSE,
		  "a grantee finds the port in use, as if it were not reserved");
	must(associate(later, token), "cannot associate");
	tap_errno(sock_bind_any(later, PORT), EADDRINUSE, "an associated socket does, too");
	tap_errno(create_for(&client, FIRST, COUNT, "", ADOPT, NULL), EEXIST,
		  "what is reserved is not adopted");
	close(sits);
	tap_errno(try_port(family, PORT), EADDRINUSE, "once it is left it is for nobody");
	tap_errno(as_user(OWNER_UID, try_again, &family), 0, "but the grantee");
	must(unreserve(&client, FIRST, COUNT), "cannot delete");
	close(comes);
	close(later);
}

static void the_rest_is_checked(void)
{
	int fd = udp_open(AF_INET);

	must(sock_bind_any(fd, PORT), "cannot bind");
	must(reserve(&client, FIRST + COUNT, 1, NULL, NO_OWNER, NULL), "cannot reserve");
	tap_errno(create_for(&client, FIRST, COUNT + 1, "", ADOPT, NULL), EEXIST,
		  "an overlap is no matter of sockets");
	tap_ok(get_port(&client, FIRST, NULL) == ENOENT, "and nothing was reserved");
	must(unreserve(&client, FIRST + COUNT, 1), "cannot delete");
	close(fd);
}

int main(void)
{
	new_netns();
	must(run("ip link set lo up"), "no loopback");
	module_load();
	must(client_open(&client), "no client");
	tap_diag("v4");
	adopts(AF_INET);
	tap_diag("v6");
	adopts(AF_INET6);
	the_rest_is_checked();
	client_close(&client);
	tap_ok(module_unloads(), "the module can be unloaded");
	return tap_finish();
}
