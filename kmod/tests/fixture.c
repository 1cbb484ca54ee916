// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tables, network namespaces and sockets for the KUnit suites. Whatever is made here
 * ends with the test, in the reverse order.
 *
 * The suites run in a kernel of a known version: what depends on it is in here.
 */
#include <kunit/test.h>
#include <linux/err.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/net.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/user_namespace.h>
#include <net/inet_sock.h>
#include <net/net_namespace.h>
#include <net/udp.h>

#include "core/assoc.h"
#include "fixture.h"
#include "reserve/acquire.h"
#include "reserve/expire.h"
#include "reserve/ready.h"
#include "reserve/remove.h"
#include "reserve/reserve.h"

static const struct family {
	const char *name;
	int number;
} families[] = {
	{ "v4", AF_INET },
	{ "v6", AF_INET6 },
};

KUNIT_ARRAY_PARAM_DESC(family, families, name);

const void *portres_test_families(const void *prev, char *desc)
{
	return family_gen_params(prev, desc);
}

int portres_test_family(const struct kunit *test)
{
	return ((const struct family *)test->param_value)->number;
}

/* Of all tables that no namespace has. */
DEFINE_SPINLOCK(portres_test_lock);

static void end_table(void *table)
{
	portres_table_close(table);
	synchronize_rcu();
	portres_table_fini(table);
}

/**
 * portres_test_table - a table of no namespace
 * @test: the test
 */
struct portres_table *portres_test_table(struct kunit *test)
{
	struct portres_table *table = kunit_kzalloc(test, sizeof(*table), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, table);
	portres_table_init(table, &portres_test_lock);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, end_table, table), 0);
	return table;
}

static void end_net(void *net)
{
	put_net(net);
}

/**
 * portres_test_net - a fresh network namespace, its loopback device up
 * @test: the test
 */
struct net *portres_test_net(struct kunit *test)
{
	struct net *net = copy_net_ns(CLONE_NEWNET, &init_user_ns, &init_net);
	int err;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, net);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, end_net, net), 0);
	rtnl_lock();
	err = dev_open(net->loopback_dev, NULL);
	rtnl_unlock();
	KUNIT_ASSERT_EQ(test, err, 0);
	return net;
}

/**
 * portres_test_end_net - end a namespace before the test does
 * @test: the test
 * @net: from portres_test_net()
 *
 * On return the end has been asked for; the kernel gets at it in its own time.
 */
void portres_test_end_net(struct kunit *test, struct net *net)
{
	kunit_release_action(test, end_net, net);
}

/**
 * portres_test_set_port_range - what ip_local_port_range says
 * @net: the namespace
 * @low: first ephemeral port
 * @high: last ephemeral port
 */
void portres_test_set_port_range(struct net *net, u16 low, u16 high)
{
	WRITE_ONCE(net->ipv4.ip_local_ports.range, (u32)high << 16 | low);
}

/**
 * portres_test_reserve_locally - add a port to ip_local_reserved_ports
 * @net: the namespace
 * @port: the port
 */
void portres_test_reserve_locally(struct net *net, u16 port)
{
	set_bit(port, net->ipv4.sysctl_local_reserved_ports);
}

/**
 * portres_test_set_socket_range - what IP_LOCAL_PORT_RANGE says
 * @sk: the socket
 * @low: first ephemeral port
 * @high: last ephemeral port
 */
void portres_test_set_socket_range(struct sock *sk, u16 low, u16 high)
{
	WRITE_ONCE(inet_sk(sk)->local_port_range, (u32)high << 16 | low);
}

static void end_socket(void *sk)
{
	sock_release(((struct sock *)sk)->sk_socket);
}

static struct sock *make_sock(struct kunit *test, struct net *net, int family, int type, int kern)
{
	struct socket *sock;

	KUNIT_ASSERT_EQ(test, __sock_create(net, family, type, 0, &sock, kern), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, end_socket, sock->sk), 0);
	return sock->sk;
}

/**
 * portres_test_sock - an unbound UDP socket
 * @test: the test
 * @net: its namespace
 * @family: AF_INET or AF_INET6
 */
struct sock *portres_test_sock(struct kunit *test, struct net *net, int family)
{
	return make_sock(test, net, family, SOCK_DGRAM, 1);
}

/**
 * portres_test_user_sock - an unbound UDP socket as user space has, which keeps its namespace
 * @test: the test
 * @net: its namespace
 * @family: AF_INET or AF_INET6
 */
struct sock *portres_test_user_sock(struct kunit *test, struct net *net, int family)
{
	return make_sock(test, net, family, SOCK_DGRAM, 0);
}

/**
 * portres_test_tcp_sock - a TCP socket without a port, whose connection ends at once
 * @test: the test
 * @net: its namespace
 * @family: AF_INET or AF_INET6
 */
struct sock *portres_test_tcp_sock(struct kunit *test, struct net *net, int family)
{
	struct sock *sk = make_sock(test, net, family, SOCK_STREAM, 1);

	sock_no_linger(sk);
	return sk;
}

/**
 * portres_test_close - close a socket before the test does, and wait for nothing
 * @test: the test
 * @sk: from portres_test_sock() or portres_test_user_sock()
 */
void portres_test_close(struct kunit *test, struct sock *sk)
{
	kunit_release_action(test, end_socket, sk);
}

/**
 * portres_test_release - end a socket before the test does, destructor and all
 * @test: the test
 * @sk: from portres_test_sock() or portres_test_user_sock()
 */
void portres_test_release(struct kunit *test, struct sock *sk)
{
	portres_test_close(test, sk);
	rcu_barrier();
}

static int fill_v4(struct sockaddr_storage *address, enum portres_test_where where, u16 port)
{
	struct sockaddr_in *in = (struct sockaddr_in *)address;

	in->sin_family = AF_INET;
	in->sin_port = htons(port);
	if (where == LOOPBACK)
		in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	else if (where == MULTICAST)
		in->sin_addr.s_addr = htonl(0xe0000101);
	return sizeof(*in);
}

static int fill_v6(struct sockaddr_storage *address, enum portres_test_where where, u16 port)
{
	static const struct in6_addr multicast = { { { 0xff, 0x0e, [15] = 1 } } };
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)address;

	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons(port);
	if (where == LOOPBACK)
		in6->sin6_addr = in6addr_loopback;
	else if (where == MAPPED)
		ipv6_addr_set_v4mapped(htonl(INADDR_LOOPBACK), &in6->sin6_addr);
	else if (where == MULTICAST)
		in6->sin6_addr = multicast;
	return sizeof(*in6);
}

static int fill(struct sockaddr_storage *address, const struct sock *sk,
		enum portres_test_where where, u16 port)
{
	memset(address, 0, sizeof(*address));
	return sk->sk_family == AF_INET6 ? fill_v6(address, where, port) :
					   fill_v4(address, where, port);
}

/**
 * portres_test_bind - bind, through the hook
 * @sk: the socket
 * @where: to which address
 * @port: to which port, 0 for any
 */
int portres_test_bind(struct sock *sk, enum portres_test_where where, u16 port)
{
	struct sockaddr_storage address;
	int len = fill(&address, sk, where, port);

	return kernel_bind(sk->sk_socket, (struct sockaddr *)&address, len);
}

/**
 * portres_test_connect - connect to a port of the loopback address: binds, if need be
 * @sk: the socket
 */
int portres_test_connect(struct sock *sk)
{
	struct sockaddr_storage address;
	int len = fill(&address, sk, LOOPBACK, 9);

	return kernel_connect(sk->sk_socket, (struct sockaddr *)&address, len, 0);
}

/**
 * portres_test_ready - wait until binds from before the hook have ended
 *
 * Return: the epoch, for portres_spec.epoch.
 */
unsigned int portres_test_ready(void)
{
	unsigned int epoch;

	while (portres_ready_wait(&epoch) == -EAGAIN)
		;
	return epoch;
}

/**
 * portres_test_reserve_spec - make a reservation
 * @net: the namespace
 * @spec: what it shall be; the epoch is filled in, and UDP if there is no protocol
 * @extack: told why not, or NULL
 *
 * Return: as portres_reserve(), but kept by the table alone.
 */
struct portres_reservation *portres_test_reserve_spec(struct net *net, struct portres_spec spec,
						      struct netlink_ext_ack *extack)
{
	struct portres_reservation *resv;

	spec.protocol = spec.protocol ?: &portres_udp;
	spec.epoch = portres_test_ready();
	resv = portres_reserve(net, &spec, extack);
	if (!IS_ERR(resv))
		portres_reservation_put(resv);
	return resv;
}

/**
 * portres_test_reserve - make a reservation of no user and without a name
 * @net: the namespace
 * @first: first port
 * @last: last port
 *
 * Return: as portres_test_reserve_spec().
 */
struct portres_reservation *portres_test_reserve(struct net *net, u16 first, u16 last)
{
	const struct portres_spec spec = { .first = first, .last = last, .owner = INVALID_UID };

	return portres_test_reserve_spec(net, spec, NULL);
}

/**
 * portres_test_unreserve - end a reservation
 * @net: its namespace
 * @resv: the reservation
 */
void portres_test_unreserve(struct net *net, struct portres_reservation *resv)
{
	struct portres_table *table = portres_table_of_reservation(net, resv);

	spin_lock_bh(table->lock);
	portres_unreserve(net, resv);
	spin_unlock_bh(table->lock);
}

/**
 * portres_test_acquire - acquire as the socket option does
 * @sk: the socket
 * @first: first port, 0 for wherever there is room
 * @count: number of ports
 *
 * Return: as portres_acquire(), but kept by the table alone.
 */
struct portres_reservation *portres_test_acquire(struct sock *sk, u16 first, u16 count)
{
	struct portres_reservation *resv;

	portres_test_ready();
	resv = portres_acquire(sk, first, count, false);
	if (!IS_ERR(resv))
		portres_reservation_put(resv);
	return resv;
}

/**
 * portres_test_settle - wait until what destructed sockets held has ended
 * @net: the namespace
 */
void portres_test_settle(struct net *net)
{
	portres_expire_flush(portres_net_of(net));
}

/**
 * portres_test_associate - associate as the socket option does
 * @test: the test
 * @sk: the socket
 * @resv: the reservation
 */
void portres_test_associate(struct kunit *test, struct sock *sk, struct portres_reservation *resv)
{
	int err;

	refcount_inc(&resv->refs);
	lock_sock(sk);
	err = portres_assoc_set(sk, resv);
	release_sock(sk);
	KUNIT_ASSERT_EQ(test, err, 0);
}

/**
 * portres_test_users - how many sockets the kernel has in the slot of a port
 * @net: the namespace
 * @port: the port; few enough are in use that each has its slot for itself
 */
unsigned int portres_test_users(struct net *net, u16 port)
{
	struct udp_hslot *slot = udp_hashslot(net->ipv4.udp_table, net, port);
	unsigned int users;

	spin_lock_bh(&slot->lock);
	users = slot->count;
	spin_unlock_bh(&slot->lock);
	return users;
}
