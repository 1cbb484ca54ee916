// SPDX-License-Identifier: GPL-2.0-only
/* Operations without memory. */
#include "shortage.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "env.h"
#include "fault.h"
#include "tap.h"

#define BYSTANDER 100
#define MOST 1000	/* reservations in a namespace */
#define LISTENERS 2
#define SOON 10000	/* milliseconds */
#define IDLE 1
#define LATE 20		/* until what was done before has been told; more on slow kernels */
#define ENOUGH 3	/* failures of one operation that are told */

struct state {
	size_t count;
	struct resv resvs[MOST];
};

/* What is known of one operation; its runs are in a child process. */
struct course {
	const struct operation *op;
	unsigned int points;	/* allocations that failed */
	unsigned int below;	/* as many of them are the module's */
	unsigned int wrong;
};

struct client watcher;

static int tested;	/* the protocol */
static struct client listeners[LISTENERS];
static struct state initial, before, after;
static unsigned int points, points_below, operations;

static void look(struct state *state)
{
	must(dump(&watcher, state->resvs, MOST, &state->count), "cannot dump");
}

static bool same_resv(const struct resv *a, const struct resv *b)
{
	return a->has == b->has && a->first == b->first && a->count == b->count &&
	       a->token == b->token && a->sockets == b->sockets && a->owner == b->owner &&
	       a->process == b->process && !strcmp(a->name, b->name);
}

static bool same(const struct state *a, const struct state *b)
{
	size_t i;

	if (a->count != b->count)
		return false;
	for (i = 0; i < a->count; i++)
		if (!same_resv(&a->resvs[i], &b->resvs[i]))
			return false;
	return true;
}

static bool is_initial(void *arg)
{
	(void)arg;
	look(&after);
	return same(&initial, &after);
}

/* A change may move it by a few ports. */
static bool is_block(const struct resv *resv)
{
	return resv->first >= BLOCK && resv->first < BLOCK + COUNT;
}

/* The others are as they were, whatever has become of the block. */
static bool others_same(void)
{
	size_t i, j = 0;

	for (i = 0; i < before.count; i++) {
		if (is_block(&before.resvs[i]))
			continue;
		while (j < after.count && is_block(&after.resvs[j]))
			j++;
		if (j == after.count || !same_resv(&before.resvs[i], &after.resvs[j++]))
			return false;
	}
	while (j < after.count && is_block(&after.resvs[j]))
		j++;
	return j == after.count;
}

struct heard {
	unsigned int events;	/* of the right kind */
	unsigned int wrong;
	bool missed;
};

/* @awaited: there is something to be told, which a worker does by and by. */
static struct heard hear(const struct operation *op, struct client *listener, bool awaited)
{
	struct heard heard = { 0 };
	struct resv resv;
	int cmd, error;

	while ((error = client_event(listener, awaited && !heard.events && !heard.missed ?
				     SOON : IDLE, &cmd, &resv)) != ETIME) {
		if (error == ENOBUFS)
			heard.missed = true;
		else if (!error && cmd == op->event && is_block(&resv) &&
			 (cmd == PORTRES_CMD_CHANGED || resv.count == COUNT))
			heard.events++;
		else
			heard.wrong++;
	}
	return heard;
}

static void forget_events(const struct operation *op)
{
	int i;

	if (op->event)
		usleep((kernel_is_slow() ? 5 * LATE : LATE) * 1000);
	for (i = 0; op->event && i < LISTENERS; i++)
		hear(op, &listeners[i], false);
}

/* Each listener has heard of it once, or that it missed something. */
static bool heard_well(const struct operation *op, bool done, bool may_miss)
{
	bool well = true;
	int i;

	for (i = 0; op->event && i < LISTENERS; i++) {
		struct heard heard = hear(op, &listeners[i], done);

		if (heard.wrong || heard.events > done ||
		    (done && !heard.events && !(heard.missed && may_miss))) {
			tap_diag("listener %d: %u events, %u of another kind, %s", i, heard.events,
				 heard.wrong, heard.missed ? "missed some" : "missed none");
			well = false;
		}
	}
	return well;
}

static void open_listeners(const struct operation *op)
{
	int i;

	for (i = 0; op->event && i < LISTENERS; i++) {
		must(client_open(&listeners[i]), "no client");
		must(client_subscribe(&listeners[i]), "cannot listen");
	}
}

static void enter_namespace(const struct operation *op)
{
	static bool open;

	if (open)
		client_close(&watcher);
	new_netns();
	must(set_sysctl("net/ipv4/ip_local_port_range", "%d %d", BLOCK, BLOCK + 999),
	     "cannot set the ephemeral range");
	must(set_sysctl("net/portres/user_max_reservations", "1"), "cannot set the bound");
	must(client_open(&watcher), "no client");
	watcher.protocol = tested;
	open = true;
	if (op->first)
		return;
	must(reserve(&watcher, BYSTANDER, COUNT, "bystander", STRANGER_UID, NULL),
	     "cannot reserve");
	open_listeners(op);
	if (op->furnish)
		op->furnish();
}

static void become(const struct operation *op, uid_t uid)
{
	if (op->user && seteuid(uid))
		tap_bail("cannot become user %u: %s", uid, strerror(errno));
}

void open_impatient(struct client *c)
{
	const struct timeval limit = { .tv_sec = 10 };

	must(client_open(c), "no client");
	c->protocol = tested;
	if (setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)))
		tap_bail("no time limit: %s", strerror(errno));
}

int take_created(struct client *c, int error, uint64_t *token)
{
	struct resv resv;
	int cmd;

	if (error != ENOBUFS)
		return error;
	error = client_event(c, 0, &cmd, &resv);
	*token = error ? 0 : resv.token;
	return error ? ENOMEM : 0;
}

int act_as(const struct operation *op, int (*act)(void))
{
	int error;

	become(op, OWNER_UID);
	error = act();
	become(op, 0);
	return error;
}

static int act_without(const struct operation *op, unsigned int nth, bool *hit)
{
	int error;

	become(op, OWNER_UID);
	fault_arm(nth);
	error = op->act();
	*hit = fault_disarm();
	become(op, 0);
	return error;
}

/* What is wrong with the outcome, or NULL; tells by @done whether all of it was done. */
static const char *judge(const struct operation *op, int error, bool *done)
{
	look(&after);
	*done = op->done();
	if (error && error != ENOMEM && error != op->other)
		return "it answers something else";
	if (!others_same())
		return "others have changed";
	if (!error && !*done)
		return "it says that all was done";
	/* but netlink may have lost the answer */
	if (error && error != ENOBUFS && *done)
		return "it says that nothing was done";
	if (!*done && (!same(&before, &after) || (op->intact && !op->intact())))
		return "it was done by half";
	return heard_well(op, *done, true) ? NULL : "a listener was not told";
}

static const char *try_again(const struct operation *op)
{
	int error = act_as(op, op->again ? op->again : op->act);

	if (error) {
		tap_diag("once more: %s", errno_name(error));
		return "it does not work afterwards";
	}
	if (!op->done())
		return "it is not done afterwards";
	return heard_well(op, true, false) ? NULL : "a listener was not told afterwards";
}

/* Returns whether there was an allocation of that number. */
static bool attempt(const struct operation *op, unsigned int nth, const char **wrong)
{
	bool hit, done;
	int error;

	if (op->first)
		enter_namespace(op);
	look(&initial);
	op->prepare();
	forget_events(op);
	look(&before);
	error = act_without(op, nth, &hit);
	*wrong = judge(op, error, &done);
	if (!*wrong && !hit && error)
		*wrong = "it fails without a fault";
	if (!*wrong && !done)
		*wrong = try_again(op);
	if (!*wrong) {
		op->undo();
		if (!wait_until(is_initial, NULL, 5000))
			*wrong = "something is left";
	}
	if (*wrong)
		tap_diag("%s, allocation %u, %s: %s", op->name, nth, errno_name(error), *wrong);
	return hit;
}

static int count_act(void *arg)
{
	const struct operation *op = arg;

	return op->act();
}

/* Everything is done once before anything fails: what only the first time takes is no matter. */
static unsigned int count_below(const struct operation *op)
{
	unsigned int count;

	enter_namespace(op);
	op->prepare();
	fault_setup(BELOW_MODULE);
	become(op, OWNER_UID);
	count = fault_count(count_act, (void *)op);
	become(op, 0);
	op->undo();
	fault_setup(EVERYWHERE);
	return count;
}

static int run_course(void *arg)
{
	struct course *course = arg;
	const struct operation *op = course->op;
	const char *wrong;
	unsigned int nth;

	course->below = count_below(op);
	for (nth = 1; attempt(op, nth, &wrong); nth++) {
		course->points++;
		if (!wrong)
			continue;
		/* what it has left is left there */
		if (++course->wrong == ENOUGH)
			break;
		enter_namespace(op);
	}
	course->wrong += wrong && course->wrong < ENOUGH;
	return 0;
}

static void go_short(const struct operation *op)
{
	struct course *course = shared_memory(sizeof(*course));

	course->op = op;
	in_child(run_course, course);
	tap_ok((op->frugal ? !course->below : course->points) && !course->wrong,
	       "%s: each of %u allocations failed, %u of them in the module", op->name,
	       course->points, course->below);
	points += course->points;
	points_below += course->below;
	operations += course->points > 0;
}

int shortage_test(int protocol, const struct operation *ops, size_t n, void (*more)(void))
{
	const char *missing = fault_missing();
	size_t i;

	if (missing) {
		tap_skip(missing, "each allocation fails in turn");
		return tap_finish();
	}
	tested = protocol;
	module_load();
	for (i = 0; i < n; i++)
		go_short(&ops[i]);
	if (more)
		more();
	tap_num(leaks(), 0, "no memory is lost");
	tap_ok(module_unloads(), "the module can be unloaded");
	tap_num(leaks(), 0, "no memory is lost by the module's end");
	tap_diag("covered: %u allocation points of %u operations failed in turn, %u in the module",
		 points, operations, points_below);
	return tap_finish();
}
