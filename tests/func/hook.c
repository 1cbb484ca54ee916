// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hook stands from the loading of the module to its end, whatever is reserved. A bind or
 * connect that began before never ends on a port that was reserved in between: of UDP and of TCP.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
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
#define MANY_ROUNDS 8	/* if each creation finds the port in use */
#define BINDERS 2
#define PAUSE 2000	/* microseconds */
/* Addresses behind a device that drops all packets. */
#define DEVICE "dummy0"
#define NOWHERE "10.9.0.2"
#define NOWHERE_V6 "fd09::2"

static struct client client;
static uint8_t protocol;

static void load(void)
{
	module_load_at_once();
	protos_find();
	must(client_open(&client), "no client");
	client.protocol = protocol;
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
	tap_errno(try_port_of(protocol, AF_INET, FIRST), EADDRINUSE, "it guards");
	must(unreserve(&client, FIRST, COUNT), "cannot delete");
	stands("when nothing is reserved any more");
	tap_errno(try_port_of(protocol, AF_INET, FIRST), 0, "the port can be had again");
}

static atomic_ulong wins, tries;
static atomic_bool stop;

/* Nobody answers, so a connection that has begun keeps its port. */
static bool gets_port(int fd, bool by_connect)
{
	if (!by_connect)
		return !sock_bind_any(fd, 0);
	must(fcntl(fd, F_SETFL, O_NONBLOCK) ? errno : 0, "cannot be non-blocking");
	return sock_connect(fd, sock_family(fd) == AF_INET ? NOWHERE : NOWHERE_V6, 9) ==
	       EINPROGRESS;
}

/*
 * The kernel's search for the one port that is left takes long: nearly always one is under way.
 * A creation after loading waits for each task to be seen outside of the kernel, on a real-time
 * kernel in user mode or asleep: without a pause that can take minutes.
 */
static void *search(void *arg)
{
	unsigned int i;

	(void)arg;
	for (i = 0; !atomic_load(&stop); i++) {
		int fd = socket_of(protocol, i & 1 ? AF_INET6 : AF_INET);

		if (gets_port(fd, protocol == IPPROTO_TCP && i & 2))
			atomic_fetch_add(&wins, 1);
		close(fd);
		atomic_fetch_add(&tries, 1);
		usleep(PAUSE);
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

	for (round = 0; round < ROUNDS || (!came && round < MANY_ROUNDS); round++) {
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
	if (came || protocol == IPPROTO_UDP)
		tap_ok(came && atomic_load(&wins), "both sides win now and then");
	else
		tap_skip("each creation found the port in use", "both sides win now and then");
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
	atomic_store(&stop, false);
	atomic_store(&wins, 0);
	for (i = 0; i < BINDERS; i++)
		must(pthread_create(&binders[i], NULL, search, NULL), "no thread");
	create_beside_binds();
	atomic_store(&stop, true);
	for (i = 0; i < BINDERS; i++)
		pthread_join(binders[i], NULL);
}

static void of_protocol(uint8_t number)
{
	protocol = number;
	tap_diag("%s", protocol == IPPROTO_TCP ? "TCP" : "UDP");
	load();
	reservation();
	unload();
	tap_ok(!module_loaded(), "the module can be unloaded");
	tap_errno(try_port_of(protocol, AF_INET6, FIRST), 0, "and a bind succeeds without it");
	binds_in_flight();
}

int main(void)
{
	if (!protos_visible()) {
		tap_skip("this kernel does not show where its protos are", "when the hook stands");
		return tap_finish();
	}
	new_netns();
	must(run("ip link add " DEVICE " type dummy && ip link set " DEVICE " up &&"
		 " ip addr add 10.9.0.1/24 dev " DEVICE " &&"
		 " ip addr add fd09::1/64 dev " DEVICE " nodad"), "no device");
	of_protocol(IPPROTO_UDP);
	of_protocol(IPPROTO_TCP);
	return tap_finish();
}
