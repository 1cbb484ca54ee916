// SPDX-License-Identifier: GPL-2.0-only
/*
 * Services of the kernel that bind a fixed port: L2TP tunnels, and lockd beside a server of NFS,
 * one of UDP; and that server itself one of TCP. They are refused a reserved port, whatever task
 * starts them, and admitted by the grant "kernel".
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client.h"
#include "env.h"
#include "rpcbind.h"
#include "sock.h"
#include "tap.h"

#define FIRST 7000
#define COUNT 10
#define PORT (FIRST + 3)
#define NFSD "/proc/fs/nfsd/"

static struct client client;
static uint64_t token;

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), error = 0;

	if (fd < 0)
		return errno;
	if (write(fd, text, strlen(text)) < 0)
		error = errno;
	close(fd);
	if (error)
		tap_diag("%s: %s", path, strerror(error));
	return error;
}

static int l2tp_start(void)
{
	return run("ip l2tp add tunnel tunnel_id 1 peer_tunnel_id 1 encap udp local 127.0.0.1 "
		   "remote 127.0.0.1 udp_sport %u udp_dport 1701", PORT);
}

static void l2tp_stop(void)
{
	must(run("ip l2tp del tunnel tunnel_id 1"), "cannot end a tunnel");
}

static bool l2tp_is_there(void)
{
	return !run("ip l2tp show tunnel");
}

/*
 * With a thread of nfsd for version 3 comes lockd. Newer kernels want a listener of nfsd first;
 * after a start that failed it is still there.
 */
static int lockd_start(void)
{
	write_file(NFSD "portlist", "tcp 2049\n");
	return write_file(NFSD "threads", "1\n");
}

static void lockd_stop(void)
{
	must(write_file(NFSD "threads", "0\n"), "cannot stop nfsd");
}

static bool lockd_is_there(void)
{
	if (run("modprobe lockd nlm_udpport=%u && modprobe nfsd", PORT))
		return false;
	must(mount("nfsd", NFSD, "nfsd", 0, NULL) ? errno : 0, "cannot mount nfsd");
	/* version 4 would look for its state on the disk */
	must(write_file(NFSD "versions", "-4\n"), "cannot choose versions of NFS");
	return true;
}

/* It listens before there is a thread. */
static int nfsd_start(void)
{
	char line[32];

	snprintf(line, sizeof(line), "tcp %u\n", PORT);
	return write_file(NFSD "portlist", line);
}

static bool nfsd_is_there(void)
{
	return !access(NFSD "portlist", F_OK);
}

static const struct service {
	const char *name;
	uint8_t protocol;
	bool (*is_there)(void);
	int (*start)(void);	/* 0 or what it fails with */
	void (*stop)(void);
} services[] = {
	{ "L2TP", IPPROTO_UDP, l2tp_is_there, l2tp_start, l2tp_stop },
	{ "lockd", IPPROTO_UDP, lockd_is_there, lockd_start, lockd_stop },
	/* its files are there since lockd needed them */
	{ "nfsd", IPPROTO_TCP, nfsd_is_there, nfsd_start, lockd_stop },
};

static bool is_left(void *arg)
{
	(void)arg;
	return try_port_of(client.protocol, AF_INET6, PORT) == 0;
}

static void each_grant(const struct service *service)
{
	static const struct {
		const char *grants;
		bool admits;
	} rows[] = {
		{ "", false }, { "user 0", false }, { "kernel", true }, { "user 0; kernel", true },
	};
	unsigned long refused = 0;
	struct resv resv;
	size_t i;

	client.protocol = service->protocol;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		bool started;

		must(create_for(&client, FIRST, COUNT, rows[i].grants, 0, &token),
		     "cannot reserve");
		started = !service->start();
		tap_ok(started == rows[i].admits, "%s, for %s", service->name,
		       *rows[i].grants ? rows[i].grants : "nobody");
		must(get_token(&client, token, &resv), "cannot get the reservation");
		refused += resv.refused;
		if (started) {
			tap_errno(try_port_of(service->protocol, AF_INET, PORT), EADDRINUSE,
				  "it has the port, and root's own socket has not");
			service->stop();
		}
		must(unreserve(&client, FIRST, COUNT), "cannot delete");
		tap_ok(wait_until(is_left, NULL, 10000), "it leaves the port");
	}
	tap_ok(refused > 0, "%s: the refusals were counted", service->name);
}

/* sunrpc searches on for a free port after this error alone. */
static void denied_errno_is_for_others(void)
{
	if (!nfsd_is_there()) {
		tap_skip("this kernel has none", "nfsd and net.portres.denied_errno");
		return;
	}
	client.protocol = IPPROTO_TCP;
	must(create_for(&client, FIRST, COUNT, "", 0, NULL), "cannot reserve");
	must(set_sysctl("net/portres/denied_errno", "%d", EACCES), "no sysctl");
	tap_errno(try_port_of(IPPROTO_TCP, AF_INET, PORT), EACCES,
		  "denied_errno is EACCES: root's own socket");
	tap_errno(nfsd_start(), EADDRINUSE, "denied_errno is EACCES: nfsd");
	must(unreserve(&client, FIRST, COUNT), "cannot delete");
}

int main(void)
{
	pid_t rpcbind;
	size_t i;

	new_netns();
	module_load();
	must(client_open(&client), "no client");
	rpcbind = rpcbind_start();
	for (i = 0; i < sizeof(services) / sizeof(*services); i++) {
		if (services[i].is_there())
			each_grant(&services[i]);
		else
			tap_skip("this kernel has none", "%s", services[i].name);
	}
	denied_errno_is_for_others();
	umount(NFSD);
	kill(rpcbind, SIGKILL);
	waitpid(rpcbind, NULL, 0);
	client_close(&client);
	tap_ok(module_unloads(), "the module can be unloaded");
	return tap_finish();
}
