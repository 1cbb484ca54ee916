// SPDX-License-Identifier: GPL-2.0-only
/*
 * A sendto() with MSG_FASTOPEN whose data never comes: the kernel copies it inside of connect, with
 * the socket locked, and userfaultfd keeps it there for as long as its owner likes. No creation, no
 * deletion and no unloading of the module waits for that.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "client.h"
#include "env.h"
#include "gauge.h"
#include "sock.h"
#include "tap.h"

#define LOW 40000
#define HIGH 40019
#define FIRST 40005
#define COUNT 10
#define SERVER 4000
/* Milliseconds. What a machine with other work to do spoils is tried again, up to so many times. */
#define PROMPT 1000
#define ROUNDS 3
/* For a kernel that watches itself, and for loading: a wait for the data would have no end. */
#define BOUNDED 10000
/* TCP Fast Open for clients and servers, without a cookie. */
#define FASTOPEN_AT_ONCE 0x207

static struct client client;
static int family;
static const char *loopback;
static int server;

/* A sender that is held, and where. */
struct held {
	int fault_fd;
	char *page;
	int fd;		/* of the socket */
	pthread_t thread;
	ssize_t sent;
};

static size_t page_size(void)
{
	return sysconf(_SC_PAGESIZE);
}

static void watch_page(struct held *held)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register watched = { .mode = UFFDIO_REGISTER_MODE_MISSING };

	held->page = mmap(NULL, page_size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);
	if (held->page == MAP_FAILED)
		tap_bail("no memory");
	held->fault_fd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	watched.range.start = (uintptr_t)held->page;
	watched.range.len = page_size();
	if (held->fault_fd < 0 || ioctl(held->fault_fd, UFFDIO_API, &api) ||
	    ioctl(held->fault_fd, UFFDIO_REGISTER, &watched))
		tap_bail("no userfaultfd: %s", strerror(errno));
}

static void *send_page(void *arg)
{
	struct held *held = arg;
	union sock_addr addr = sock_addr(family, loopback, SERVER);
	socklen_t len = family == AF_INET ? sizeof(addr.v4) : sizeof(addr.v6);

	held->sent = sendto(held->fd, held->page, 1, MSG_FASTOPEN | MSG_NOSIGNAL, &addr.any, len);
	return NULL;
}

/* Returns when the sender is held. */
static void hold(struct held *held, int fd)
{
	struct pollfd fault;

	watch_page(held);
	held->fd = fd;
	fault = (struct pollfd){ .fd = held->fault_fd, .events = POLLIN };
	must(pthread_create(&held->thread, NULL, send_page, held), "no thread");
	if (poll(&fault, 1, 30000) != 1)
		tap_bail("the data is not asked for");
}

static void let_go(struct held *held, const char *who)
{
	struct uffdio_zeropage zero = {
		.range = { (uintptr_t)held->page, page_size() },
	};

	must(ioctl(held->fault_fd, UFFDIO_ZEROPAGE, &zero) ? errno : 0, "cannot let it go");
	pthread_join(held->thread, NULL);
	tap_num(held->sent, 1, "%s: its data comes, and is sent", who);
	sock_drop(held->fd);
	sock_drop(accept(server, NULL, NULL));
	close(held->fault_fd);
	munmap(held->page, page_size());
}

static double limit(void)
{
	return kernel_is_slow() ? BOUNDED : PROMPT;
}

static void prompt(double taken, double allowed, const char *who, const char *what)
{
	if (!tap_ok(taken < allowed, "%s is held: %s, promptly", who, what))
		tap_diag("it took %.0f ms", taken);
}

/* Returns how long it took. */
static double create_and_delete(unsigned int first, const char *who, const char *name)
{
	double begin = milliseconds();
	int error = reserve(&client, first, 5, NULL, NO_OWNER, NULL);

	/* it may have one of these ports, which has to be told as promptly */
	if (error && error != EADDRINUSE)
		tap_errno(error, 0, "%s is held: creation of %s", who, name);
	if (!error)
		must(unreserve(&client, first, 5), "cannot delete");
	return milliseconds() - begin;
}

/* Creation and deletion, of both protocols, where it chose its port and where it did not. */
static void requests(const char *who)
{
	static const struct {
		const char *name;
		int protocol;
		unsigned int first;
	} rows[] = {
		{ "creation and deletion, TCP, outside of the range", IPPROTO_TCP, 5000 },
		{ "creation and deletion, TCP, a part of the range", IPPROTO_TCP, LOW },
		{ "creation and deletion, UDP, the same part", IPPROTO_UDP, LOW },
	};
	size_t i;
	int round;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		double taken = BOUNDED;

		client.protocol = rows[i].protocol;
		for (round = 0; taken >= limit() && round < ROUNDS; round++)
			taken = create_and_delete(rows[i].first, who, rows[i].name);
		prompt(taken, limit(), who, rows[i].name);
	}
	client.protocol = IPPROTO_TCP;
}

static void open_client(void)
{
	must(client_open(&client), "no client");
	client.protocol = IPPROTO_TCP;
}

/* Returns how long the unloading took. */
static double unload(const char *who)
{
	struct held held;
	double begin, taken;

	must(reserve(&client, FIRST, COUNT, NULL, NO_OWNER, NULL), "cannot reserve");
	hold(&held, tcp_socket(family));
	requests(who);
	must(unreserve(&client, FIRST, COUNT), "cannot delete");
	client_close(&client);
	begin = milliseconds();
	tap_ok(wait_until(module_try_unload, NULL, 30000), "%s is held: the module can be unloaded",
	       who);
	taken = milliseconds() - begin;
	let_go(&held, who);
	return taken;
}

/* With PREEMPT_RT unloading observes all tasks, see core/synchronize.c. */
static double unloading_limit(void)
{
	struct utsname name;

	if (uname(&name))
		tap_bail("cannot read the kernel's version");
	return strstr(name.version, "PREEMPT_RT") ? BOUNDED : limit();
}

static void stranger(void)
{
	const char *who = "a stranger";
	double taken = unload(who);
	int round;

	for (round = 1; taken >= unloading_limit() && round < ROUNDS; round++) {
		module_load();
		open_client();
		taken = unload(who);
	}
	prompt(taken, unloading_limit(), who, "unloading");
}

static void from_before(void)
{
	const char *who = "one from before the module was loaded";
	struct held held;
	double begin;

	hold(&held, tcp_socket(family));
	begin = milliseconds();
	module_load_at_once();
	open_client();
	prompt(milliseconds() - begin, BOUNDED, who, "loading");
	requests(who);
	let_go(&held, who);
}

static void associated(void)
{
	const char *who = "an associated one";
	struct held held;
	uint64_t token;
	int fd = tcp_socket(family);

	must(reserve(&client, FIRST, COUNT, NULL, NO_OWNER, &token), "cannot reserve");
	must(associate(fd, token), "cannot associate");
	hold(&held, fd);
	requests(who);
	must(unreserve(&client, FIRST, COUNT), "cannot delete");
	let_go(&held, who);
}

static void for_family(int number, const char *address)
{
	family = number;
	loopback = address;
	tap_diag("family %s", number == AF_INET ? "v4" : "v6");
	server = tcp_socket(family);
	sock_set(server, SOL_SOCKET, SO_REUSEADDR, 1);
	must(sock_bind_any(server, SERVER), "cannot bind the server");
	must(listen(server, 64) ? errno : 0, "no server");
	sock_set(server, IPPROTO_TCP, 23 /* TCP_FASTOPEN */, 64);
	from_before();
	associated();
	stranger();
	close(server);
}

/* A debug kernel may have been built without. */
static bool has_userfaultfd(void)
{
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);

	if (fd >= 0)
		close(fd);
	return fd >= 0 || errno != ENOSYS;
}

int main(void)
{
	if (!has_userfaultfd()) {
		tap_skip("no userfaultfd in this kernel", "data that never comes");
		return tap_finish();
	}
	new_netns();
	must(set_sysctl("net/ipv4/ip_local_port_range", "%d %d", LOW, HIGH), "no range");
	must(set_sysctl("net/ipv4/tcp_fastopen", "%d", FASTOPEN_AT_ONCE), "no fast open");
	for_family(AF_INET, "127.0.0.1");
	for_family(AF_INET6, "::1");
	return tap_finish();
}
