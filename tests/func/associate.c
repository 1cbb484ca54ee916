// SPDX-License-Identifier: GPL-2.0-only
/* The socket option that associates: the callers and sockets that may use it, and every error. */
#include <errno.h>
#include <linux/capability.h>
#include <string.h>
#include <unistd.h>

#include "client.h"
#include "env.h"
#include "sock.h"
#include "tap.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof(*(array)))

#define FIRST 5000
#define COUNT 10
#define OTHER_FIRST 6000

static struct client client;
static uint64_t token, other_token;	/* the second has no owner */

/* Sockets that cannot be associated, and what the kernel itself says of the option on them. */
static struct foreign {
	const char *name;
	int family, type, protocol;
	bool reaches_module;	/* else the kernel itself refuses SOL_IP on such a socket */
	int set_error, get_error;
} foreign[] = {
	{ "UDP-Lite v4", AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE, true, 0, 0 },
	{ "UDP-Lite v6", AF_INET6, SOCK_DGRAM, IPPROTO_UDPLITE, true, 0, 0 },
	{ "raw UDP v4", AF_INET, SOCK_RAW, IPPROTO_UDP, true, 0, 0 },
	{ "raw UDP v6", AF_INET6, SOCK_RAW, IPPROTO_UDP, false, 0, 0 },
	{ "raw ICMP v4", AF_INET, SOCK_RAW, IPPROTO_ICMP, true, 0, 0 },
	{ "ping v4", AF_INET, SOCK_DGRAM, IPPROTO_ICMP, true, 0, 0 },
	{ "ping v6", AF_INET6, SOCK_DGRAM, IPPROTO_ICMPV6, true, 0, 0 },
	{ "UNIX", AF_UNIX, SOCK_DGRAM, 0, false, 0, 0 },
};

static void try_foreign(const struct foreign *row, int *set_error, int *get_error)
{
	struct portres_association answer;
	int fd = sock_open(row->family, row->type, row->protocol);

	*set_error = associate(fd, token);
	*get_error = association(fd, &answer);
	close(fd);
}

static void foreign_before(void)
{
	size_t i;

	must(set_sysctl("net/ipv4/ping_group_range", "0 0"), "cannot allow ping sockets");
	for (i = 0; i < ARRAY_SIZE(foreign); i++)
		if (protocol_exists(foreign[i].protocol))
			try_foreign(&foreign[i], &foreign[i].set_error, &foreign[i].get_error);
}

static void foreign_sockets(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(foreign); i++) {
		const struct foreign *row = &foreign[i];
		int set_error, get_error;

		if (!protocol_exists(row->protocol)) {
			tap_skip(NO_UDPLITE, "set and get on %s", row->name);
			continue;
		}
		try_foreign(row, &set_error, &get_error);
		tap_errno(set_error, row->reaches_module ? EOPNOTSUPP : row->set_error,
			  "set on %s", row->name);
		tap_errno(get_error, row->reaches_module ? EOPNOTSUPP : row->get_error,
			  "get on %s", row->name);
	}
}

static void set_lengths(int family)
{
	static const socklen_t lengths[] = { 0, 1, 4, 7, 9, 16 };
	uint64_t long_token[2] = { token };
	struct portres_association answer;
	int fd = udp_open(family);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lengths); i++)
		tap_errno(setsockopt(fd, SOL_IP, PORTRES_SO_ASSOCIATE, long_token, lengths[i]) ?
			  errno : 0, EINVAL, "set with %u bytes", lengths[i]);
	tap_errno(association(fd, &answer), ENOENT, "none of them associated the socket");
	close(fd);
}

static uint64_t token_of_other_netns(void)
{
	struct client other;
	uint64_t foreign_token;
	int home = netns_get();

	new_netns();
	must(client_open(&other), "no client in another namespace");
	must(reserve(&other, FIRST, COUNT, NULL, NO_OWNER, &foreign_token), "cannot reserve");
	/* this descriptor keeps the namespace and the reservation */
	netns_enter(home);
	close(home);
	return foreign_token;
}

static uint64_t token_of_deleted(void)
{
	uint64_t deleted;

	must(reserve(&client, 7000, 1, NULL, NO_OWNER, &deleted), "cannot reserve");
	must(unreserve(&client, 7000, 1), "cannot delete");
	return deleted;
}

static void wrong_tokens(int family)
{
	const struct {
		const char *name;
		uint64_t token;
	} rows[] = {
		{ "zero", 0 }, { "unknown", ~token }, { "all ones", UINT64_MAX },
		{ "deleted", token_of_deleted() }, { "other namespace's", token_of_other_netns() },
	};
	struct portres_association answer;
	int fd = udp_open(family);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		tap_errno(associate(fd, rows[i].token), EINVAL, "%s token", rows[i].name);
	must(associate(fd, token), "cannot associate");
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		associate(fd, rows[i].token);
	tap_ok(!association(fd, &answer) && answer.token == token,
	       "a failed association leaves the one before");
	close(fd);
}

static void bound_sockets(int family)
{
	const char *loopback = family == AF_INET ? "127.0.0.1" : "::1";
	struct portres_association answer;
	int fd = udp_open(family);

	must(sock_bind_any(fd, 4000), "cannot bind");
	tap_errno(associate(fd, token), EINVAL, "bound to a port");
	close(fd);

	fd = udp_open(family);
	must(sock_bind_any(fd, 0), "cannot bind");
	tap_errno(associate(fd, token), EINVAL, "bound to port 0");
	close(fd);

	fd = udp_open(family);
	must(sock_connect(fd, loopback, 9), "cannot connect");
	tap_errno(associate(fd, token), EINVAL, "bound by connect");
	must(sock_disconnect(fd), "cannot disconnect");
	tap_errno(associate(fd, token), 0, "disconnected, so unbound again");
	must(sock_bind_any(fd, FIRST), "cannot bind");
	tap_errno(associate(fd, other_token), EINVAL, "associated and bound");
	tap_ok(!association(fd, &answer) && answer.token == token,
	       "and the association is still there");
	close(fd);

	fd = udp_open(family);
	must(sock_sendto(fd, loopback, 9), "cannot send");
	tap_errno(associate(fd, token), EINVAL, "bound by sendto");
	close(fd);
}

static void answers(int family)
{
	static const socklen_t short_lengths[] = { 0, 8, 15 };
	struct portres_association answer;
	char room[64];
	socklen_t len;
	int fd = udp_open(family);
	size_t i;

	tap_errno(association(fd, &answer), ENOENT, "get on a socket without association");
	must(associate(fd, token), "cannot associate");
	for (i = 0; i < ARRAY_SIZE(short_lengths); i++) {
		len = short_lengths[i];
		tap_errno(getsockopt(fd, SOL_IP, PORTRES_SO_ASSOCIATE, room, &len) ? errno : 0,
			  EINVAL, "get with room for %u bytes", short_lengths[i]);
	}
	len = sizeof(room);
	tap_errno(getsockopt(fd, SOL_IP, PORTRES_SO_ASSOCIATE, room, &len) ? errno : 0, 0,
		  "get with room for %zu bytes", sizeof(room));
	tap_num(len, sizeof(answer), "it tells its length");
	tap_errno(association(fd, &answer), 0, "get with the exact room");
	tap_ok(answer.token == token && answer.first == FIRST && answer.count == COUNT &&
	       answer.protocol == IPPROTO_UDP && !answer.flags && !answer.reserved,
	       "it tells token, block and protocol");
	must(sock_bind_any(fd, 0), "cannot bind");
	tap_ok(!association(fd, &answer) && answer.token == token && !answer.flags,
	       "so it does for a bound socket");
	close(fd);
}

static void gone(int family)
{
	struct portres_association answer;
	uint64_t mine;
	int fd;

	must(reserve(&client, 7000, 2, NULL, NO_OWNER, &mine), "cannot reserve");
	fd = udp_associated(family, mine);
	must(unreserve(&client, 7000, 2), "cannot delete");
	tap_ok(!association(fd, &answer) && answer.flags == PORTRES_ASSOCIATION_GONE &&
	       answer.token == mine && answer.first == 7000 && answer.count == 2,
	       "the reservation was deleted: told");
	must(reserve(&client, 7000, 2, NULL, NO_OWNER, NULL), "cannot reserve");
	tap_ok(!association(fd, &answer) && answer.flags == PORTRES_ASSOCIATION_GONE,
	       "a new reservation of the same ports changes nothing");
	must(associate(fd, token), "cannot associate");
	tap_ok(!association(fd, &answer) && !answer.flags && answer.token == token,
	       "a living association replaces a dead one");
	close(fd);
	must(unreserve(&client, 7000, 2), "cannot delete");
}

static int associate_new(void *arg)
{
	int fd = udp_open(AF_INET6);
	int error = associate(fd, *(uint64_t *)arg);

	close(fd);
	return error;
}

static int without_net_admin(void *arg)
{
	set_caps(0);
	return associate_new(arg);
}

static int with_net_admin_alone(void *arg)
{
	/* capabilities outlive the change of the effective user id if they are set after it */
	if (seteuid(STRANGER_UID))
		tap_bail("cannot become a stranger");
	set_caps(1U << CAP_NET_ADMIN);
	return associate_new(arg);
}

static int owner_by_real_uid_only(void *arg)
{
	if (setresuid(OWNER_UID, STRANGER_UID, STRANGER_UID))
		tap_bail("cannot become a stranger");
	return associate_new(arg);
}

static int reserve_and_associate(void *arg)
{
	struct client mine;
	uint64_t my_token;

	(void)arg;
	must(client_open(&mine), "no client in a user namespace");
	must(reserve(&mine, FIRST, COUNT, NULL, NO_OWNER, &my_token), "cannot reserve");
	return associate_new(&my_token);
}

static void users(void)
{
	uint64_t of_stranger, of_root;

	tap_errno(in_child(associate_new, &token), 0, "root, owned block");
	tap_errno(in_child(associate_new, &other_token), 0, "root, block without owner");
	tap_errno(as_user(OWNER_UID, associate_new, &token), 0, "the owner");
	tap_errno(as_user(OWNER_UID, associate_new, &other_token), EACCES,
		  "a user, block without owner");
	tap_errno(as_user(STRANGER_UID, associate_new, &token), EACCES, "a stranger");
	tap_errno(in_child(without_net_admin, &token), EACCES, "user 0 without CAP_NET_ADMIN");
	tap_errno(in_child(with_net_admin_alone, &token), 0, "a stranger with CAP_NET_ADMIN");
	tap_errno(in_child(owner_by_real_uid_only, &token), EACCES,
		  "the owner by its real, not its effective user id");
	tap_errno(as_userns_root(false, associate_new, &token), EACCES,
		  "root of a user namespace that does not own this network namespace");
	tap_errno(as_userns_root(true, reserve_and_associate, NULL), 0,
		  "root of the user namespace that owns the network namespace");

	must(reserve(&client, 7000, 1, NULL, STRANGER_UID, &of_stranger), "cannot reserve");
	must(reserve(&client, 7001, 1, NULL, 0, &of_root), "cannot reserve");
	tap_errno(as_userns_root(false, associate_new, &of_stranger), 0,
		  "the owner as root of a user namespace");
	tap_errno(in_child(without_net_admin, &of_root), 0,
		  "user 0 without CAP_NET_ADMIN, its own block");
	tap_errno(as_userns_root(false, associate_new, &of_root), EACCES,
		  "user 0 of a user namespace, block of the real one");
	must(unreserve(&client, 7000, 1), "cannot delete");
	must(unreserve(&client, 7001, 1), "cannot delete");
}

static void without_module(void)
{
	struct portres_association answer;
	int fd = udp_open(AF_INET);

	tap_errno(associate(fd, 1), ENOPROTOOPT, "set without the module");
	tap_errno(association(fd, &answer), ENOPROTOOPT, "get without the module");
	close(fd);
}

int main(void)
{
	static const int families[] = { AF_INET, AF_INET6 };
	size_t i;
	int fd;

	new_netns();
	without_module();
	foreign_before();
	module_load();
	must(client_open(&client), "no client");
	must(reserve(&client, FIRST, COUNT, NULL, OWNER_UID, &token), "cannot reserve");
	must(reserve(&client, OTHER_FIRST, COUNT, NULL, NO_OWNER, &other_token), "cannot reserve");

	foreign_sockets();
	for (i = 0; i < ARRAY_SIZE(families); i++) {
		tap_diag("%s", families[i] == AF_INET ? "v4" : "v6");
		set_lengths(families[i]);
		wrong_tokens(families[i]);
		bound_sockets(families[i]);
		answers(families[i]);
		gone(families[i]);
	}
	users();

	fd = udp_associated(AF_INET, token);
	tap_errno(module_unload(), EWOULDBLOCK, "no unloading under an associated socket");
	close(fd);
	tap_ok(module_unloads(), "unloading after it was closed");
	without_module();
	return tap_finish();
}
