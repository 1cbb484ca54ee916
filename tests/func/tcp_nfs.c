// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mounts by the kernel's client of NFS, whose sockets a worker of the kernel binds to a port that
 * it selects among privileged ones, or connects without (noresvport). No port of a block is taken,
 * unless the block is reserved for the kernel, and the search goes on to a port that is free. There
 * is no server of NFS: a listener sees where a mount connects from, and resets the connection.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client.h"
#include "env.h"
#include "sock.h"
#include "tap.h"

#define PLACE "/run/tcp_nfs"
#define TIMES 20
#define PATIENCE 200	/* mounts until one takes a port that nothing prevents it from taking */
#define LIMIT 30000	/* milliseconds until a mount connects or fails */

/* Where a mount takes its port from; of each stretch a share of ports is reserved, or not. */
struct range {
	const char *option;
	unsigned int low, high, stretch, share;
};

/* 700-704 and 706-710: one port is left. */
static const struct range privileged = { "resvport", 700, 709, 6, 5 };
static const struct range ephemeral = { "noresvport", 40000, 40089, 6, 2 };

static struct client client;
static int family;
static const char *loopback;
static const struct range *range;
static int server;
static unsigned int server_port = 4000;

/* Another port each time: what is left of an earlier mount does not connect to it. */
static void listen_anew(void)
{
	server = tcp_socket(family);
	must(sock_bind(server, loopback, ++server_port), "cannot bind the listener");
	must(listen(server, TIMES) ? errno : 0, "no listener");
}

/*
 * A mount may have connected again before it was killed. What it has closed is in FIN_WAIT2 for a
 * minute, unless it is reset with the listener.
 */
static void listen_end(void)
{
	close(server);
}

static void mount_export(void)
{
	const char *protocol = family == AF_INET ? "tcp" : "tcp6";
	char options[512];

	snprintf(options, sizeof(options), "vers=3,nolock,soft,timeo=5,retrans=1,%s,proto=%s,"
		 "mountproto=%s,addr=%s,mountaddr=%s,port=%u,mountport=%u", range->option, protocol,
		 protocol, loopback, loopback, server_port, server_port);
	_exit(mount(family == AF_INET ? "127.0.0.1:/x" : "[::1]:/x", PLACE, "nfs", 0, options) ?
	      errno : 0);
}

/* The port at the other end of a connection, which is reset. */
static unsigned int accept_port(void)
{
	union sock_addr addr;
	socklen_t len = sizeof(addr);
	int fd = accept(server, &addr.any, &len);

	must(fd < 0 ? errno : 0, "cannot accept");
	sock_drop(fd);
	return ntohs(family == AF_INET ? addr.v4.sin_port : addr.v6.sin6_port);
}

static bool is_over(pid_t pid)
{
	siginfo_t info = { 0 };

	must(waitid(P_PID, pid, &info, WEXITED | WNOHANG | WNOWAIT) ? errno : 0, "cannot wait");
	return info.si_pid;
}

static unsigned int await_port(pid_t pid)
{
	struct pollfd incoming = { .fd = server, .events = POLLIN };
	int i;

	for (i = 0; i < LIMIT / 20; i++) {
		if (poll(&incoming, 1, 20) == 1)
			return accept_port();
		if (is_over(pid))
			return 0;
	}
	tap_bail("a mount neither connects nor fails");
}

/* The port from which a mount connects, or 0: it failed by itself, with @error. */
static unsigned int mount_port(int *error)
{
	pid_t pid = fork();
	unsigned int port;
	int status;

	must(pid < 0 ? errno : 0, "cannot fork");
	if (!pid)
		mount_export();
	port = await_port(pid);
	kill(pid, SIGKILL);
	must(waitpid(pid, &status, 0) < 0 ? errno : 0, "cannot wait");
	*error = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
	return port;
}

static bool is_in_range(unsigned int port)
{
	return port >= range->low && port <= range->high;
}

static bool is_in_block(unsigned int port)
{
	return is_in_range(port) && (port - range->low) % range->stretch < range->share;
}

/* Nothing prevents it. */
static void takes_some(const char *when)
{
	unsigned int port = 0;
	int i, error = 0;

	listen_anew();
	for (i = 0; i < PATIENCE && !is_in_block(port); i++) {
		port = mount_port(&error);
		if (!is_in_range(port))
			break;
	}
	listen_end();
	tap_ok(is_in_block(port), "%s, %s: a mount connects from a port of a block", range->option,
	       when);
	if (!is_in_block(port))
		tap_diag("port %u, %s", port, strerror(error));
}

static void takes_none(const char *when)
{
	int i, error, inside = 0, outside = 0;

	listen_anew();
	for (i = 0; i < TIMES; i++) {
		unsigned int port = mount_port(&error);

		if (!port)
			tap_diag("a mount fails: %s", strerror(error));
		inside += is_in_block(port);
		outside += is_in_range(port) && !is_in_block(port);
	}
	listen_end();
	tap_num(inside, 0, "%s, %s: no mount connects from a port of a block", range->option, when);
	tap_num(outside, TIMES, "%s, %s: all connect from other ports of the range", range->option,
		when);
}

struct block {
	unsigned int first, count;
	const char *grants;
};

static bool is_created(void *arg)
{
	const struct block *block = arg;

	return !create_for(&client, block->first, block->count, block->grants, 0, NULL);
}

/* Sockets of the last mount may be there for a while. */
static void create_blocks(unsigned int share, const char *grants)
{
	struct block block = { .count = share, .grants = grants };

	for (block.first = range->low; block.first <= range->high; block.first += range->stretch)
		if (!wait_until(is_created, &block, 10000))
			tap_bail("cannot reserve %u", block.first);
}

static unsigned long long delete_blocks(unsigned int share)
{
	unsigned long long refused = 0;
	unsigned int first;
	struct resv resv;

	for (first = range->low; first <= range->high; first += range->stretch) {
		must(get_block(&client, first, share, &resv), "no reservation");
		refused += resv.refused;
		must(unreserve(&client, first, share), "cannot delete");
	}
	return refused;
}

static int open_log(void)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	must(fd < 0 || lseek(fd, 0, SEEK_END) < 0 ? errno : 0, "cannot read the kernel's log");
	return fd;
}

/* Warnings and worse since open_log(). */
static int close_log(int fd)
{
	int complaints = 0;
	unsigned int priority;
	char record[8192];
	ssize_t len;

	while ((len = read(fd, record, sizeof(record) - 1)) > 0) {
		record[len] = '\0';
		if (sscanf(record, "%u", &priority) != 1 || (priority & 7) > 4)
			continue;
		tap_diag("%s", record);
		complaints++;
	}
	close(fd);
	return complaints;
}

/* By itself, as a soft mount does when nothing has come of it for so long. */
static void all_reserved(void)
{
	int error, log;

	create_blocks(range->stretch, "");
	listen_anew();
	log = open_log();
	tap_num(mount_port(&error), 0, "%s, the whole range is reserved: no connection",
		range->option);
	tap_errno(error, ETIMEDOUT, "%s, the whole range is reserved: the mount fails",
		  range->option);
	listen_end();
	tap_num(close_log(log), 0, "%s, the whole range is reserved: the kernel does not complain",
		range->option);
	delete_blocks(range->stretch);
}

/* sunrpc searches on for a free port after EADDRINUSE alone. */
static void by_bind(void)
{
	range = &privileged;
	takes_some("nothing is reserved");
	create_blocks(range->share, "");
	takes_none("reserved");
	must(set_sysctl("net/portres/denied_errno", "%d", EACCES), "no sysctl");
	takes_none("reserved, denied_errno is EACCES");
	must(set_sysctl("net/portres/denied_errno", "%d", EADDRINUSE), "no sysctl");
	tap_ok(delete_blocks(range->share) > 0, "resvport: refusals are counted");
	create_blocks(range->share, "kernel");
	takes_some("reserved for the kernel");
	delete_blocks(range->share);
	all_reserved();
}

static void by_connect(void)
{
	range = &ephemeral;
	takes_some("nothing is reserved");
	create_blocks(range->share, "");
	takes_none("reserved");
	delete_blocks(range->share);
	all_reserved();
}

static void for_family(int number, const char *address)
{
	family = number;
	loopback = address;
	tap_diag("family %s", number == AF_INET ? "v4" : "v6");
	by_bind();
	by_connect();
}

static bool is_unloaded(void *arg)
{
	(void)arg;
	return !run("modprobe -q -r nfsv3 nfs");
}

/* Another test loads lockd with a parameter; here it may be in use by what that test has left. */
static void unload(void)
{
	must(wait_until(is_unloaded, NULL, 10000) ? 0 : ETIME, "NFS cannot be unloaded");
	(void)run("modprobe -q -r lockd");
}

static void set_privileged(unsigned int low, unsigned int high)
{
	must(set_sysctl("sunrpc/min_resvport", "%u", low), "no range of sunrpc");
	must(set_sysctl("sunrpc/max_resvport", "%u", high), "no range of sunrpc");
}

int main(void)
{
	if (run("modprobe -q nfs && modprobe -q nfsv3")) {
		tap_skip("this kernel has no client of NFS", "mounts of NFS");
		return tap_finish();
	}
	must(mkdir(PLACE, 0700) && errno != EEXIST ? errno : 0, "no place to mount at");
	new_netns();
	must(set_sysctl("net/ipv4/ip_local_port_range", "%u %u", ephemeral.low, ephemeral.high),
	     "no range");
	set_privileged(privileged.low, privileged.high);
	module_load();
	must(client_open(&client), "no client");
	client.protocol = IPPROTO_TCP;
	for_family(AF_INET, "127.0.0.1");
	for_family(AF_INET6, "::1");
	client_close(&client);
	tap_ok(module_unloads(), "the module can be unloaded");
	/* as they were */
	set_privileged(665, 1023);
	unload();
	rmdir(PLACE);
	return tap_finish();
}
