// SPDX-License-Identifier: GPL-2.0-only
/*
 * While nothing is reserved, UDP's protos are the kernel's own: the hook is put in by
 * the first creation anywhere, and goes some time after the last thing that needs it.
 * A bind that began before it was put in never ends on a port of the reservation.
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"
#include "env.h"
#include "protos.h"
#include "sock.h"
#include "tap.h"

#define FIRST 5000
#define COUNT 10
/* It goes after a few seconds; who waits as long as this in vain has found a fault. */
#define PATIENCE 60000
/* Longer than it stays without need. */
#define LONGER 5
#define ROUNDS 5
#define BINDERS 2

static struct client client;

static bool is_out(void *arg)
{
	(void)arg;
	return !protos_hooked();
}

static void goes(const char *when)
{
	tap_ok(wait_until(is_out, NULL, PATIENCE), "the hook goes %s", when);
}

static void stands(const char *when)
{
	tap_num(protos_hooked(), PROTOS, "the hook stands in all protos %s", when);
}

static void stays(const char *when)
{
	sleep(LONGER);
	stands(when);
}

static void create_here(void)
{
	must(reserve(&client, FIRST, COUNT, NULL, NO_OWNER, NULL), "cannot reserve");
}

static void delete_here(void)
{
	must(unreserve(&client, FIRST, COUNT), "cannot delete");
}

static void questions(void)
{
	struct resv resv;
	size_t count;

	tap_errno(get_port(&client, FIRST, &resv), ENOENT, "a question");
	tap_errno(dump(&client, &resv, 1, &count), 0, "a dump");
	tap_errno(unreserve(&client, FIRST, COUNT), ENOENT, "a deletion of what there is not");
	tap_errno(reserve(&client, 0, COUNT, NULL, NO_OWNER, NULL), ERANGE,
		  "a creation of nonsense");
	tap_num(protos_hooked(), 0, "nobody has put the hook in for that");
}

static void reservation(void)
{
	create_here();
	stands("under a reservation");
	tap_errno(try_port(AF_INET, FIRST), EADDRINUSE, "it guards");
	stays("some time later");
	delete_here();
	stands("at the next moment after it");
	tap_errno(try_port(AF_INET, FIRST), 0, "though nothing is reserved");
	goes("some time after the reservation");
	tap_errno(try_port(AF_INET6, FIRST), 0, "without it a bind");
}

static void failed_creation(void)
{
	int fd = udp_open(AF_INET);

	must(sock_bind_any(fd, FIRST), "cannot bind");
	tap_errno(reserve(&client, FIRST, COUNT, NULL, NO_OWNER, NULL), EADDRINUSE,
		  "a creation in vain");
	stands("behind it");
	goes("when nothing came of the creation");
	close(fd);
}

/* It needs the hook when its reservation is long gone: it must not have any other port. */
static void associated_socket(void)
{
	uint64_t token;
	int fd;

	must(reserve(&client, FIRST, COUNT, NULL, NO_OWNER, &token), "cannot reserve");
	fd = udp_associated(AF_INET, token);
	delete_here();
	stays("for an associated socket whose reservation is gone");
	tap_errno(sock_bind_any(fd, 0), EADDRNOTAVAIL, "which gets no port");
	tap_errno(sock_bind_any(fd, FIRST), EADDRNOTAVAIL, "not even its own");
	tap_errno(try_port(AF_INET, FIRST), 0, "that others may have");
	close(fd);
	goes("after the socket");
	fd = udp_open(AF_INET);
	tap_errno(associate(fd, token), EINVAL, "the token names nothing any more");
	tap_num(protos_hooked(), 0, "and nobody has put the hook in for it");
	close(fd);
}

static void runtime_reservation(void)
{
	uint64_t token;
	int fd = udp_acquired(AF_INET6, FIRST, COUNT, &token);

	stands("under a runtime reservation");
	must(release(fd, token), "cannot release");
	stays("for the socket that held it");
	close(fd);
	goes("after that socket");
	fd = udp_acquired(AF_INET, 0, COUNT, &token);
	stands("under another one");
	close(fd);
	goes("after its holder was closed");
}

static int reserve_in_own_namespace(void *arg)
{
	struct client inside;

	(void)arg;
	new_netns();
	must(client_open(&inside), "no client");
	return reserve(&inside, FIRST, COUNT, NULL, NO_OWNER, NULL);
}

static void other_namespace(void)
{
	struct child child = child_stay(0, reserve_in_own_namespace, NULL);

	tap_errno(child.result, 0, "a reservation in another namespace");
	stands("here as well");
	create_here();
	delete_here();
	stays("for the other namespace, when ours needs it no more");
	tap_errno(try_port(AF_INET, FIRST), 0, "which is not guarded here");
	child_exit(&child);
	goes("with the end of that namespace");
}

static atomic_ulong wins, tries;
static atomic_bool stop;

/* The kernel's search for the one port that is left takes long: nearly always one is under way. */
static void *search(void *arg)
{
	unsigned int i;

	(void)arg;
	for (i = 0; !atomic_load(&stop); i++) {
		int fd = udp_open(i & 1 ? AF_INET6 : AF_INET);

		if (!sock_bind_any(fd, 0))
			atomic_fetch_add(&wins, 1);
		close(fd);
		atomic_fetch_add(&tries, 1);
	}
	return NULL;
}

static bool tried(void *arg)
{
	return atomic_load(&tries) >= *(unsigned long *)arg;
}

/*
 * Who has got the port keeps it until he has counted himself. So who counts himself
 * after the creation got it under the reservation.
 */
static bool is_stolen(void)
{
	unsigned long before = atomic_load(&wins);
	unsigned long enough = atomic_load(&tries) + 4 * BINDERS;

	must(wait_until(tried, &enough, PATIENCE) ? 0 : ETIME, "the binders do not get on");
	return atomic_load(&wins) != before;
}

static void create_again_and_again(void)
{
	int round, stolen = 0, came = 0;

	for (round = 0; round < ROUNDS; round++) {
		int error;

		if (!wait_until(is_out, NULL, PATIENCE))
			break;
		/* where a socket is on the port, it is another round: the first attempt counts */
		error = reserve(&client, FIRST, 1, NULL, NO_OWNER, NULL);
		if (error && error != EADDRINUSE)
			tap_bail("cannot reserve: %s", errno_name(error));
		if (error)
			continue;
		came++;
		stolen += is_stolen();
		must(unreserve(&client, FIRST, 1), "cannot delete");
	}
	tap_num(round, ROUNDS, "the hook came and went in all rounds");
	tap_num(stolen, 0, "no bind that began before it got a reserved port");
	tap_ok(came && atomic_load(&wins), "both sides win now and then");
	tap_diag("covered: hook put in %d times under %lu binds, %d of them with success", round,
		 atomic_load(&tries), came);
}

static void binds_under_way(void)
{
	pthread_t binders[BINDERS];
	int i;

	must(set_sysctl("net/ipv4/ip_local_port_range", "1024 65535"), "cannot set the range");
	must(set_sysctl("net/ipv4/ip_local_reserved_ports", "1024-%d,%d-65535", FIRST - 1,
			FIRST + 1),
	     "cannot empty the range");
	for (i = 0; i < BINDERS; i++)
		must(pthread_create(&binders[i], NULL, search, NULL), "no thread");
	create_again_and_again();
	atomic_store(&stop, true);
	for (i = 0; i < BINDERS; i++)
		pthread_join(binders[i], NULL);
	goes("after the last round");
}

int main(void)
{
	if (access("/proc/kcore", F_OK)) {
		tap_skip("this kernel does not show its memory", "when the hook stands");
		return tap_finish();
	}
	new_netns();
	module_load();
	protos_find();
	tap_num(protos_hooked(), 0, "nothing is hooked by a module that was loaded");
	must(client_open(&client), "no client");
	questions();
	reservation();
	failed_creation();
	associated_socket();
	runtime_reservation();
	other_namespace();
	binds_under_way();
	client_close(&client);
	tap_ok(module_unloads(), "the module can be unloaded");
	return tap_finish();
}
