// SPDX-License-Identifier: GPL-2.0-only
/*
 * connect() of a TCP socket without a port: the kernel selects one and inserts the socket into the
 * hash bucket of the port, without get_port; then it sends the first packet.
 *
 * To undo that is visible from outside. So connect chooses outside of tentative reservations too,
 * and a creation waits, for a bounded time, for connects that chose before it was in the table:
 * they are inside of an SRCU section. The second look is left for what came too late for both: it
 * undoes a connection only if the creation has succeeded.
 *
 * With data for TCP Fast Open the kernel copies memory of the user inside of connect, which the
 * user can make last for ever (userfaultfd), and every creation with it. So such a socket is bound
 * to a port first, and connect is a tail call: nobody waits for it, neither a creation nor the
 * unloading of the module.
 *
 * An associated socket takes a port of its block by a bind.
 */
#include <linux/jiffies.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/srcu.h>
#include <linux/tcp.h>
#include <net/inet_sock.h>
#include <net/ip.h>
#include <net/sock.h>

#include "connect.h"
#include "core/assoc.h"
#include "core/bind.h"
#include "core/range.h"
#include "core/synchronize.h"
#include "window.h"

/* Around the selection of a port and the insertion of the socket into its bucket. */
static struct srcu_struct choosing;

/*
 * Tasks that entered and that left that section. Mostly none is inside, and a creation need not
 * wait for a grace period. One count would not do while tasks come and go: of a task that migrates
 * inside, the sum over the CPUs may have the end without the beginning.
 */
static DEFINE_PER_CPU(long, choosing_entered);
static DEFINE_PER_CPU(long, choosing_left);

static int choosing_begin(void)
	__acquires(&choosing)
{
	this_cpu_inc(choosing_entered);
	return srcu_read_lock(&choosing);
}

static void choosing_end(int section)
	__releases(&choosing)
{
	srcu_read_unlock(&choosing, section);
	this_cpu_inc(choosing_left);
}

static bool choosing_is_empty(void)
{
	long left = portres_sum_counts(&choosing_left);

	/*
	 * Pairs with the barriers of srcu_read_lock() and srcu_read_unlock(): of each task that is
	 * seen to have left, its beginning is seen as well.
	 */
	smp_rmb();
	return portres_sum_counts(&choosing_entered) == left;
}

/**
 * portres_tcp_connect_wait - wait for the connects that selected a port before
 * @until: time in jiffies when the wait ends
 *
 * A section that begins after the call sees the block and selects another port, so that the counts
 * may miss it.
 *
 * Context: process, sleeps; a fatal signal ends the wait.
 * Return: false if it did not wait for all.
 */
bool portres_tcp_connect_wait(unsigned long until)
{
	unsigned long cookie;

	/* the table was written before; pairs with the barrier of srcu_read_lock() */
	smp_mb();
	if (choosing_is_empty())
		return true;
	cookie = start_poll_synchronize_srcu(&choosing);
	while (!poll_state_synchronize_srcu(&choosing, cookie)) {
		if (choosing_is_empty())
			return true;
		if (time_after_eq(jiffies, until) || fatal_signal_pending(current))
			return false;
		schedule_timeout_killable(1);
	}
	return true;
}

/**
 * portres_tcp_connect_drain - wait until no task is in a connect that returns to us
 *
 * Context: process, sleeps; the hook is not installed any more.
 */
void portres_tcp_connect_drain(void)
{
	synchronize_srcu(&choosing);
}

int portres_tcp_connect_init(void)
{
	return init_srcu_struct(&choosing);
}

/**
 * portres_tcp_connect_fini - free the SRCU domain, when no task can enter it
 *
 * A creation may have begun a grace period that nobody waits for: wait for it.
 */
void portres_tcp_connect_fini(void)
{
	synchronize_srcu(&choosing);
	srcu_barrier(&choosing);
	cleanup_srcu_struct(&choosing);
}

/**
 * struct connect_choice - automatic selection for a connection
 * @choice: what every selection has
 * @addr: address to connect to
 * @len: its length
 * @connect: the kernel's own connect
 */
struct connect_choice {
	struct portres_tcp_choice choice;
	struct portres_sockaddr *addr;
	int len;
	portres_connect_t connect;
};

/* Back to what it was before connect(). The kernel's disconnect forgets TCP_MAXSEG as well. */
static void connect_undo(struct sock *sk)
{
	u16 user_mss = tcp_sk(sk)->rx_opt.user_mss;

	sk->sk_prot->disconnect(sk, 0);
	tcp_sk(sk)->rx_opt.user_mss = user_mss;
	WRITE_ONCE(sk->sk_err, 0);
	inet_sk(sk)->inet_sport = 0;
}

static int connect_attempt(struct portres_tcp_choice *choice)
{
	struct connect_choice *c = container_of(choice, struct connect_choice, choice);
	struct sock *sk = choice->sk;
	int err = c->connect(sk, c->addr, c->len);

	if (err || likely(!portres_bind_must_yield(choice->table, inet_sk(sk)->inet_num)))
		return err;
	connect_undo(sk);
	choice->yielded = true;
	return -EADDRNOTAVAIL;
}

static bool connect_is_unconcerned(struct portres_tcp_choice *choice)
{
	u32 range = portres_range_of(choice->sk);
	int low, high;

	if (likely(portres_range_is_unreserved(choice->table, range)))
		return true;
	if (portres_range_is_overlapped(choice->table, range)) {
		choice->range = range;
		return false;
	}
	inet_sk_get_local_port_range(choice->sk, &low, &high);
	return !portres_range_overlaps(choice->sk, choice->table, low, high);
}

static int connect_select(struct portres_tcp_choice *choice)
{
	int err;

	if (unlikely(!connect_is_unconcerned(choice)))
		return portres_tcp_choose(choice);
	err = connect_attempt(choice);
	/* there may be ports outside of the block that is in the table now */
	return unlikely(choice->yielded) ? portres_tcp_choose(choice) : err;
}

static noinline int connect_choose(struct sock *sk, struct portres_sockaddr *addr, int len,
				   portres_connect_t connect)
{
	struct connect_choice c = {
		.choice = { .sk = sk, .table = portres_table_of(sock_net(sk), PORTRES_TCP),
			    .attempt = connect_attempt, .full = -EADDRNOTAVAIL },
		.addr = addr,
		.len = len,
		.connect = connect,
	};
	int section, err;

	section = choosing_begin();
	err = connect_select(&c.choice);
	choosing_end(section);
	return err;
}

/* As bind() to port 0 does. */
static int connect_bind(struct sock *sk)
{
	int err = sk->sk_prot->get_port(sk, 0);

	if (err)
		return err == -EADDRINUSE ? -EADDRNOTAVAIL : err;
	inet_sk(sk)->inet_sport = htons(inet_sk(sk)->inet_num);
	return 0;
}

/*
 * The call of @connect must be a tail call, see above. The section is for the unloading of the
 * module: get_port may be the kernel's own again by then, which nothing else counts.
 */
static noinline int connect_fast_open(struct sock *sk, struct portres_sockaddr *addr, int len,
				      portres_connect_t connect)
{
	int section = choosing_begin();
	int err = connect_bind(sk);

	choosing_end(section);
	return err ? err : connect(sk, addr, len);
}

/*
 * The module has a reference for each associated socket, so this need not be a tail call. The
 * kernel releases the port if it fails after it has begun, and we do if it fails before.
 */
static noinline int connect_associated(struct sock *sk, struct portres_sockaddr *addr, int len,
				       portres_connect_t connect)
{
	int err;

	err = connect_bind(sk);
	if (err)
		return err;
	err = connect(sk, addr, len);
	if (err && sk->sk_state == TCP_CLOSE && inet_csk(sk)->icsk_bind_hash) {
		portres_bind_undo(sk);
		inet_sk(sk)->inet_sport = 0;
	}
	return err;
}

/**
 * portres_tcp_connect_unbound - connect a TCP socket that has no port
 * @sk: the socket, locked
 * @addr: the address
 * @len: its length
 * @connect: the kernel's own connect of @sk
 *
 * Return: as portres_tcp_connect().
 */
int portres_tcp_connect_unbound(struct sock *sk, struct portres_sockaddr *addr, int len,
				portres_connect_t connect)
{
	if (unlikely(portres_assoc_find(sk)))
		return connect_associated(sk, addr, len, connect);
	if (unlikely(tcp_sk(sk)->fastopen_req))
		return connect_fast_open(sk, addr, len, connect);
	return connect_choose(sk, addr, len, connect);
}
