// SPDX-License-Identifier: GPL-2.0-only
/*
 * Has the kernel select a port where reservations overlap the ephemeral port range: the socket's
 * own range is narrowed to a window without reservations for the time of the call.
 *
 * The first window is around a random port: the unreserved ports before and after it, within the
 * WINDOW ports from a multiple of WINDOW on. So each port has the same chance. If that window is
 * full, all runs of unreserved ports are tried in turn, from another random port on, until the last
 * port of the range.
 *
 * The kernel leaves out one port of an odd window, up to 6.7 in connect() and always in bind():
 * such a window is tried as an even one and a single port.
 *
 * Since 6.8 IP_LOCAL_PORT_RANGE takes no lock, and another task may change the range meanwhile.
 * Then the change stays, and the second look of the caller corrects the port.
 */
#include <linux/minmax.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <net/inet_sock.h>
#include <net/ip.h>

#include "compat.h"
#include "core/bind.h"
#include "core/range.h"
#include "core/table.h"
#include "window.h"

/* Ports of the first window, at most; that of one bit of the summary bitmap. */
#define WINDOW	PORTRES_SUMMARY_PORTS

/* Random ports that may be reserved, before every run of ports is tried in turn. */
#define GUESSES	32

/**
 * struct ports - consecutive ports
 * @low: first port
 * @high: last port
 */
struct ports {
	u16 low;
	u16 high;
};

static int window_attempt(struct portres_tcp_choice *choice, u16 low, u16 high)
{
	u32 range = (u32)high << 16 | low;
	u32 before = portres_own_range_exchange(choice->sk, range);
	int err = choice->attempt(choice);

	portres_own_range_restore(choice->sk, range, before);
	return err;
}

static int window_try(struct portres_tcp_choice *choice, struct ports window)
{
	int err;

	if (window.high == window.low || (window.high - window.low) % 2)
		return window_attempt(choice, window.low, window.high);
	err = window_attempt(choice, window.low, window.high - 1);
	return err == choice->full ? window_attempt(choice, window.high, window.high) : err;
}

/* Return: false if no guess was good. */
static bool window_guess(const struct portres_tcp_choice *choice, struct ports range,
			 struct ports *window)
{
	int i;

	for (i = 0; i < GUESSES; i++) {
		u16 port = range.low + reciprocal_scale(get_random_u32(),
							range.high - range.low + 1);

		window->low = max_t(u16, range.low, port & ~(WINDOW - 1));
		window->high = min_t(u16, range.high, port | (WINDOW - 1));
		if (!portres_table_reserved_near(choice->table, port))
			return true;
		if (portres_table_reserved(choice->table, port)) {
			if (!i)
				portres_bind_count_avoided(choice->table, port);
			continue;
		}
		portres_table_gap_around(choice->table, port, &window->low, &window->high);
		/* a creation may have reserved the port since: then no window is around it */
		if (window->low <= window->high)
			return true;
	}
	return false;
}

static int window_try_each(struct portres_tcp_choice *choice, unsigned int first, u16 last)
{
	struct ports gap;
	int err;

	while (first <= last && (gap.low = portres_table_next_free(choice->table, first, last,
								   &choice->undecided))) {
		gap.high = portres_table_gap_end(choice->table, gap.low, last);
		err = window_try(choice, gap);
		if (err != choice->full)
			return err;
		if (fatal_signal_pending(current))
			return -EINTR;
		first = gap.high + 1;
		cond_resched();
	}
	return choice->full;
}

/*
 * A range that is known to overlap was read as a whole once, so it is one without the kernel's
 * seqlock.
 */
static struct ports choice_range(const struct portres_tcp_choice *choice)
{
	int low, high;

	if (likely(choice->range))
		return (struct ports){ choice->range & U16_MAX, choice->range >> 16 };
	inet_sk_get_local_port_range(choice->sk, &low, &high);
	return (struct ports){ low, high };
}

static int choose_each(struct portres_tcp_choice *choice, struct ports range)
{
	u16 start;
	int err;

	start = range.low + reciprocal_scale(get_random_u32(), range.high - range.low + 1);
	err = window_try_each(choice, start, range.high);
	if (err == choice->full && start > range.low)
		err = window_try_each(choice, range.low, start - 1);
	return err;
}

static int choose_once(struct portres_tcp_choice *choice)
{
	struct ports range = choice_range(choice), window;
	int err;

	if (window_guess(choice, range, &window)) {
		err = window_try(choice, window);
		if (err != choice->full)
			return err;
	}
	return choose_each(choice, range);
}

/**
 * portres_tcp_choose - have the kernel select a port that is not reserved
 * @choice: the selection
 *
 * A window in which a port was given back looks full, though others of its ports may be free: they
 * are tried once more, without those that are reserved now.
 *
 * Ports that are not decided are the last resort, see core/decision.c; each is a window of its own.
 * A connection on one of them is undone after its first packet if the creation is committed
 * between the probe of the port and the second look: portres_tcp_connect_wait() does not wait for
 * what begins after it. Without the last resort the connect would have failed all the same.
 *
 * Context: process, with the socket locked; may reschedule.
 * Return: 0; the errno of the first attempt that fails otherwise than by a full window;
 * @choice->full if all windows are full.
 */
int portres_tcp_choose(struct portres_tcp_choice *choice)
{
	int err;

	choice->yielded = false;
	choice->undecided = (struct portres_undecided){};
	err = choose_once(choice);
	if (unlikely(err == choice->full && choice->yielded))
		err = choose_once(choice);
	if (likely(err != choice->full || !choice->undecided.avoided))
		return err;
	choice->undecided.take = true;
	return choose_each(choice, choice_range(choice));
}
