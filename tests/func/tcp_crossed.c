// SPDX-License-Identifier: GPL-2.0-only
/*
 * A simultaneous open: an associated socket and an ordinary one connect to each other's port, and
 * their first packets cross, so that neither listens and neither is a copy of another socket. The
 * association is that of the connection, and ends with it.
 *
 * Each socket is in a network namespace of its own, whose packets come to a tun device: the test
 * hands them over, and not before both have left.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "client.h"
#include "env.h"
#include "sock.h"
#include "tap.h"

#define FIRST 5000
#define COUNT 4
#define STRIDE 10	/* to the next block: a port stays in TIME_WAIT */
#define LOW 40000	/* the ephemeral range, and its first port that is reserved */
#define HIGH 40029
#define RESERVED 40010
#define PACKET 2048
#define LIMIT 30000	/* milliseconds, for what needs no more than a few packets */

static struct client client;
static unsigned int first = FIRST;
static uint64_t token;
static int family;

/* The first one has the associated socket. */
static struct end {
	const char *v4;
	const char *v6;
	int netns;
	int tun;
	int fd;
} ends[] = {
	{ .v4 = "192.0.2.1", .v6 = "2001:db8::1" },
	{ .v4 = "192.0.2.2", .v6 = "2001:db8::2" },
};

static struct end * const near = &ends[0];
static struct end * const far = &ends[1];

static const char *address(const struct end *end)
{
	return family == AF_INET ? end->v4 : end->v6;
}

static int tun_open(void)
{
	struct ifreq request = { .ifr_name = "tun0", .ifr_flags = IFF_TUN | IFF_NO_PI };
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);

	must(fd < 0 ? errno : 0, "no /dev/net/tun");
	must(ioctl(fd, TUNSETIFF, &request) ? errno : 0, "no tun device");
	return fd;
}

static void open_end(struct end *end)
{
	new_netns();
	end->netns = netns_get();
	end->tun = tun_open();
	must(run("ip addr add %s/24 dev tun0 && ip addr add %s/64 dev tun0 nodad && "
		 "ip link set tun0 up", end->v4, end->v6), "no addresses");
	must(set_sysctl("net/ipv4/ip_local_port_range", "%d %d", LOW, HIGH), "no range");
}

/* The flags of a TCP segment, or -1 if the packet is another one. */
static int flags_of(const unsigned char *packet, ssize_t len)
{
	bool v4 = packet[0] >> 4 == 4;
	ssize_t header = v4 ? (packet[0] & 15) * 4 : 40;

	if (packet[v4 ? 9 : 6] != IPPROTO_TCP || len < header + 20)
		return -1;
	return packet[header + 13];
}

/* Waits for the first packet of a connection. What an earlier one has left is dropped. */
static ssize_t take_syn(const struct end *end, unsigned char *packet)
{
	struct pollfd incoming = { .fd = end->tun, .events = POLLIN };
	ssize_t len;
	int flags;

	do {
		if (poll(&incoming, 1, LIMIT) != 1)
			tap_bail("no first packet");
		len = read(end->tun, packet, PACKET);
		flags = len > 0 ? flags_of(packet, len) : -1;
	} while (flags < 0 || (flags & (TH_SYN | TH_ACK)) != TH_SYN);
	return len;
}

static void hand_over(const struct end *to, const unsigned char *packet, ssize_t len)
{
	must(write(to->tun, packet, len) == len ? 0 : errno, "a packet is not taken");
}

static void cross(void)
{
	unsigned char packets[2][PACKET];
	ssize_t lens[2] = { take_syn(near, packets[0]), take_syn(far, packets[1]) };

	if (tcp_state(near->fd) != TCP_SYN_SENT || tcp_state(far->fd) != TCP_SYN_SENT)
		tap_bail("one has received the other's first packet: they do not cross");
	hand_over(far, packets[0], lens[0]);
	hand_over(near, packets[1], lens[1]);
}

static void hand_over_all(void)
{
	unsigned char packet[PACKET];
	ssize_t len;
	int i;

	for (i = 0; i < 2; i++)
		while ((len = read(ends[i].tun, packet, sizeof(packet))) > 0)
			if (flags_of(packet, len) >= 0)
				hand_over(&ends[!i], packet, len);
}

static bool are_established(void *arg)
{
	(void)arg;
	hand_over_all();
	return tcp_state(near->fd) == TCP_ESTABLISHED && tcp_state(far->fd) == TCP_ESTABLISHED;
}

static bool has_come(void *arg)
{
	char byte;

	hand_over_all();
	return recv(*(int *)arg, &byte, 1, MSG_DONTWAIT) == 1;
}

static bool speaks(struct end *from, struct end *to)
{
	return send(from->fd, "x", 1, MSG_NOSIGNAL) == 1 && wait_until(has_come, &to->fd, LIMIT);
}

static uint32_t sockets_of_block(void)
{
	struct resv resv;

	must(get_block(&client, first, COUNT, &resv), "no block");
	return resv.sockets;
}

static bool none_is_associated(void *arg)
{
	(void)arg;
	hand_over_all();
	return !sockets_of_block();
}

static int connect_to(struct end *from, const struct end *to, unsigned int port)
{
	must(fcntl(from->fd, F_SETFL, O_NONBLOCK) ? errno : 0, "cannot be non-blocking");
	return sock_connect(from->fd, address(to), port);
}

/* Each knows the other's port: one was bound, and the other one has it by connect. */
static void connect_both(struct end *bound, struct end *other)
{
	must(sock_bind_any(bound->fd, 0), "cannot bind");
	tap_errno(connect_to(other, bound, sock_port(bound->fd)), EINPROGRESS,
		  "one connects to a port that is bound");
	tap_errno(connect_to(bound, other, sock_port(other->fd)), EINPROGRESS,
		  "and that one to its port");
}

static void has_association(void)
{
	unsigned int port = sock_port(near->fd);
	struct portres_association own;

	tap_ok(port >= first && port < first + COUNT, "the associated one has a port of the block");
	port = sock_port(far->fd);
	tap_ok(port >= LOW && port < RESERVED,
	       "and the ordinary one has one of its range that is not reserved");
	tap_ok(!association(near->fd, &own) && own.token == token, "it is associated still");
	tap_num(sockets_of_block(), 1, "one socket of the block");
}

static void close_both(struct end *earlier, struct end *later)
{
	close(earlier->fd);
	hand_over_all();
	close(later->fd);
	tap_ok(wait_until(none_is_associated, NULL, LIMIT),
	       "closed: the association ends with the connection");
	must(unreserve(&client, first, COUNT), "cannot delete");
	first += STRIDE;
}

static void crossed(struct end *bound, struct end *other)
{
	tap_diag("family %s, the %s one is bound", family == AF_INET ? "v4" : "v6",
		 bound == near ? "associated" : "ordinary");
	must(reserve(&client, first, COUNT, NULL, NO_OWNER, &token), "cannot reserve");
	netns_enter(near->netns);
	near->fd = tcp_socket(family);
	must(associate(near->fd, token), "cannot associate");
	netns_enter(far->netns);
	far->fd = tcp_socket(family);
	connect_both(bound, other);
	cross();
	tap_ok(wait_until(are_established, NULL, LIMIT) && speaks(near, far) && speaks(far, near),
	       "both are connected, and speak to each other");
	has_association();
	close_both(bound, other);
}

static void for_family(int number)
{
	family = number;
	crossed(near, far);
	crossed(far, near);
}

/* Of the range of the ordinary socket two thirds are reserved. */
int main(void)
{
	/* a module, or none, and nothing in the guest asks for it */
	if (access("/dev/net/tun", F_OK))
		must(run("modprobe tun"), "no tun");
	module_load();
	open_end(far);
	must(client_open(&client), "no client");
	client.protocol = IPPROTO_TCP;
	must(reserve(&client, RESERVED, HIGH - RESERVED + 1, NULL, NO_OWNER, NULL),
	     "cannot reserve");
	client_close(&client);
	open_end(near);
	must(client_open(&client), "no client");
	client.protocol = IPPROTO_TCP;
	for_family(AF_INET);
	for_family(AF_INET6);
	client_close(&client);
	tap_ok(wait_until(module_try_unload, NULL, LIMIT), "the module can be unloaded");
	return tap_finish();
}
