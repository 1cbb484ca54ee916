// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hook stands from the loading of the module to its end, whatever is reserved. A bind that
 * began before never ends on a port that was reserved in between.
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
/* A wait as long as this in vain is a fault. */
#define PATIENCE 60000
#define ROUNDS 5
#define BINDERS 2

static struct client client;

static void load(void)
{
	module_load_at_once();
	protos_find();
	must(client_open(&client), "no client");
}

static void unload(void)
{
	client_close(&client);
	if (!module_unloads())
		tap_bail("the module cannot be unloaded");
}

static void stands(const char *when)
{
	tap_num(protos_hooked(), PROTOS, "the hook stands in all protos %s", when);
}

static void reservation(void)
{
	stands("of a module that was loaded");
	must(reserve(&client, FIRST, COUNT, NULL, NO_OWNER, NULL), "cannot reserve");
	stands("under a reservation");
	tap_errno(try_port(AF_INET, FIRST), EADDRINUSE, "it guards");
	must(unreserve(&client, FIRST, COUNT), "cannot delete");
	stands("when nothing is reserved any more");
	tap_errno(try_port(AF_INET, FIRST), 0, "the port can be had again");
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
 * A binder that has got the port keeps it until it has counted that. So what is counted after
 * the creation was got under the reservation.
 */
static bool is_stolen(void)
{
	unsigned long before = atomic_load(&wins);
	unsigned long enough = atomic_load(&tries) + 4 * BINDERS;

	must(wait_until(tried, &enough, PATIENCE) ? 0 : ETIME, "the binders do not get on");
	return atomic_load(&wins) != before;
}

static void create_beside_binds(void)
{
	int round, error, stolen = 0, came = 0;

	for (round = 0; round < ROUNDS; round++) {
		load();
		/* where a socket is on the port, it is another round: the first attempt counts */
		error = reserve(&client, FIRST, 1, NULL, NO_OWNER, NULL);
		if (error && error != EADDRINUSE)
			tap_bail("cannot reserve: %s", errno_name(error));
		came += !error;
		stolen += !error && is_stolen();
		unload();
	}
	tap_num(stolen, 0, "no bind that began before the hook got a reserved port");
	tap_ok(came && atomic_load(&wins), "both sides win now and then");
	tap_diag("covered: hook put in %d times under %lu binds, %d of them with success", round,
		 atomic_load(&tries), came);
}

static void binds_in_flight(void)
{
	pthread_t binders[BINDERS];
	int i;

	must(set_sysctl("net/ipv4/ip_local_port_range", "1024 65535"), "cannot set the range");
	must(set_sysctl("net/ipv4/ip_local_reserved_ports", "1024-%d,%d-65535", FIRST - 1,
			FIRST + 1),
	     "cannot empty the range");
	for (i = 0; i < BINDERS; i++)
		must(pthread_create(&binders[i], NULL, search, NULL), "no thread");
	create_beside_binds();
	atomic_store(&stop, true);
	for (i = 0; i < BINDERS; i++)
		pthread_join(binders[i], NULL);
}

int main(void)
{
	if (!protos_visible()) {
		tap_skip("this kernel does not show where its protos are", "when the hook stands");
		return tap_finish();
	}
	new_netns();
	load();
	reservation();
	unload();
	tap_ok(!module_loaded(), "the module can be unloaded");
	tap_errno(try_port(AF_INET6, FIRST), 0, "and a bind succeeds without it");
	binds_in_flight();
	return tap_finish();
}
