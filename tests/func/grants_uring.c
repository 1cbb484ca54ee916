// SPDX-License-Identifier: GPL-2.0-only
/*
 * Binds by io_uring: grants are compared with the task that submits the request, whatever thread
 * carries it out; with IORING_SETUP_SQPOLL with the task that created the ring.
 */
#include <errno.h>
#include <grp.h>
#include <linux/io_uring.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "client.h"
#include "env.h"
#include "group.h"
#include "sock.h"
#include "tap.h"

#define FIRST 5000
#define COUNT 10
#define PORT (FIRST + 4)
#define FREE (FIRST + COUNT)

/* Since 6.11; the headers may be older. */
#define OP_BIND 56

struct ring {
	int fd;
	struct io_uring_params params;
	char *queue;
	struct io_uring_sqe *sqes;
};

static int ring_open(struct ring *ring, unsigned int flags)
{
	memset(ring, 0, sizeof(*ring));
	ring->params.flags = flags;
	ring->params.sq_thread_idle = 1000;
	ring->fd = syscall(SYS_io_uring_setup, 4, &ring->params);
	if (ring->fd < 0)
		return errno;
	ring->queue = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, ring->fd,
			   IORING_OFF_SQ_RING);
	ring->sqes = mmap(NULL, 4 * sizeof(*ring->sqes), PROT_READ | PROT_WRITE, MAP_SHARED,
			  ring->fd, IORING_OFF_SQES);
	if (ring->queue == MAP_FAILED || ring->sqes == MAP_FAILED)
		tap_bail("cannot map a ring: %s", strerror(errno));
	return 0;
}

static unsigned int *sq(struct ring *ring, unsigned int offset)
{
	return (unsigned int *)(ring->queue + offset);
}

static int ring_bind(struct ring *ring, unsigned int port, unsigned int flags)
{
	union sock_addr address = sock_addr(AF_INET, "0.0.0.0", port);
	struct io_uring_params *params = &ring->params;
	unsigned int tail = *sq(ring, params->sq_off.tail), head;
	unsigned int index = tail & *sq(ring, params->sq_off.ring_mask);
	unsigned int enter = IORING_ENTER_GETEVENTS;
	int fd = udp_open(AF_INET), result;
	struct io_uring_cqe *cqe;

	memset(&ring->sqes[index], 0, sizeof(*ring->sqes));
	ring->sqes[index].opcode = OP_BIND;
	ring->sqes[index].fd = fd;
	ring->sqes[index].flags = flags;
	ring->sqes[index].addr = (uintptr_t)&address;
	ring->sqes[index].addr2 = sizeof(address.v4);
	sq(ring, params->sq_off.array)[index] = index;
	__atomic_store_n(sq(ring, params->sq_off.tail), tail + 1, __ATOMIC_RELEASE);
	if (params->flags & IORING_SETUP_SQPOLL)
		enter |= IORING_ENTER_SQ_WAKEUP;
	if (syscall(SYS_io_uring_enter, ring->fd, 1, 1, enter, NULL, 0) < 0)
		tap_bail("cannot enter a ring: %s", strerror(errno));
	head = *sq(ring, params->cq_off.head);
	cqe = (struct io_uring_cqe *)(ring->queue + params->cq_off.cqes) +
	      (head & *sq(ring, params->cq_off.ring_mask));
	result = -cqe->res;
	__atomic_store_n(sq(ring, params->cq_off.head), head + 1, __ATOMIC_RELEASE);
	close(fd);
	return result;
}

struct way {
	const char *name;
	unsigned int setup, flags;
	uid_t make, use;	/* creator of the ring; user that submits */
	bool let_in;
};

static void become(uid_t uid)
{
	if (uid && (setgroups(0, NULL) || setresuid(uid, uid, 0)))
		tap_bail("cannot become a user: %s", strerror(errno));
}

static int try_way(void *arg)
{
	const struct way *way = arg;
	struct ring ring;
	int error;

	become(way->make);
	error = ring_open(&ring, way->setup);
	if (error)
		return error;
	if (setresuid(0, 0, 0))
		tap_bail("cannot become root again: %s", strerror(errno));
	become(way->use);
	return ring_bind(&ring, PORT, way->flags);
}

static int try_free(void *arg)
{
	struct ring ring;

	(void)arg;
	return ring_open(&ring, 0) ?: ring_bind(&ring, FREE, 0);
}

static const struct way ways[] = {
	{ "the owner", 0, 0, OWNER_UID, OWNER_UID, true },
	{ "a stranger", 0, 0, STRANGER_UID, STRANGER_UID, false },
	{ "root", 0, 0, 0, 0, false },
	{ "the owner, on a ring of root", 0, 0, 0, OWNER_UID, true },
	{ "root, on a ring of the owner", 0, 0, OWNER_UID, 0, false },
	{ "the owner, by a worker", 0, IOSQE_ASYNC, OWNER_UID, OWNER_UID, true },
	{ "a stranger, by a worker", 0, IOSQE_ASYNC, STRANGER_UID, STRANGER_UID, false },
	{ "a stranger, by a worker of a ring of the owner", 0, IOSQE_ASYNC, OWNER_UID,
	  STRANGER_UID, false },
	{ "the owner, by a thread that polls", IORING_SETUP_SQPOLL, 0, OWNER_UID, OWNER_UID, true },
	{ "a stranger, by a thread that polls", IORING_SETUP_SQPOLL, 0, STRANGER_UID,
	  STRANGER_UID, false },
	{ "a stranger, by a thread that polls for a ring of the owner", IORING_SETUP_SQPOLL, 0,
	  OWNER_UID, STRANGER_UID, true },
	{ "the owner, by a thread that polls for a ring of a stranger", IORING_SETUP_SQPOLL, 0,
	  STRANGER_UID, OWNER_UID, false },
};

/* A worker and a thread that polls are threads of the process, in its cgroup. */
static const struct way groups[] = {
	{ "in the cgroup", 0, 0, 0, 0, true },
	{ "in the cgroup, by a worker", 0, IOSQE_ASYNC, 0, 0, true },
	{ "in the cgroup, by a thread that polls", IORING_SETUP_SQPOLL, 0, 0, 0, true },
};

int main(void)
{
	struct client client;
	uint64_t token;
	int error;
	size_t i;

	new_netns();
	error = try_free(NULL);
	if (error) {
		tap_skip(error == EINVAL ? "io_uring has no bind here" : "there is no io_uring",
			 "binds by io_uring");
		return tap_finish();
	}
	module_load();
	must(client_open(&client), "no client");
	must(create_for(&client, FIRST, COUNT, "user 4000", 0, &token), "cannot reserve");
	tap_errno(try_free(NULL), 0, "a free port");
	for (i = 0; i < sizeof(ways) / sizeof(*ways); i++)
		tap_errno(in_child(try_way, (void *)&ways[i]), ways[i].let_in ? 0 : EADDRINUSE,
			  "%s", ways[i].name);
	group_make("/uring/in");
	must(set_grants(&client, token, "cgroup /uring/in"), "cannot change the grants");
	for (i = 0; i < sizeof(groups) / sizeof(*groups); i++) {
		tap_errno(in_group("/uring/in", 0, try_way, (void *)&groups[i]), 0, "%s",
			  groups[i].name);
		tap_errno(in_group("/uring", 0, try_way, (void *)&groups[i]), EADDRINUSE,
			  "above it, not %s", groups[i].name);
	}
	group_remove("/uring/in");
	client_close(&client);
	tap_ok(module_unloads(), "the module can be unloaded");
	return tap_finish();
}
