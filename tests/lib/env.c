// SPDX-License-Identifier: GPL-2.0-only
/* Module, network namespace and commands for functional tests. Processes are in child.c. */
#include "env.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/portres.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tap.h"

#define READY_LIMIT 60000

static pid_t loader;

int module_unload(void)
{
	return syscall(SYS_delete_module, "portres", O_NONBLOCK) ? errno : 0;
}

static bool unload(void *arg)
{
	(void)arg;
	return module_unload() == 0;
}

bool module_unloads(void)
{
	return wait_until(unload, NULL, 10000);
}

bool module_try_unload(void *arg)
{
	int error = module_unload();

	(void)arg;
	/* busy: it is about to come, as somebody asked for its netlink family */
	if (error && error != EWOULDBLOCK && error != EBUSY)
		tap_bail("unloading answers %s", errno_name(error));
	return !error;
}

static void unload_at_exit(void)
{
	if (getpid() == loader && module_loaded())
		module_unloads();
}

bool module_loaded(void)
{
	return access("/sys/module/portres/refcnt", F_OK) == 0;
}

void module_load_at_once(void)
{
	int status = run("modprobe portres");

	if (status || !module_loaded())
		tap_bail("cannot load the module: modprobe says %d", status);
	if (!loader)
		atexit(unload_at_exit);
	loader = getpid();
}

/* Asks for all ports, one of which is in use: nothing is reserved, and no notification follows. */
static bool is_ready(void *arg)
{
	struct portres_association block = { .count = UINT16_MAX };
	int user = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), error;
	struct sockaddr_in any = { .sin_family = AF_INET };
	socklen_t len = sizeof(block);

	(void)arg;
	/* EADDRINUSE: of all that the kernel selects from none is free */
	if (bind(user, (struct sockaddr *)&any, sizeof(any)) && errno != EADDRINUSE)
		tap_bail("no port to be had: %s", strerror(errno));
	error = getsockopt(fd, SOL_IP, PORTRES_SO_ACQUIRE, &block, &len) ? errno : 0;
	close(fd);
	close(user);
	return error != EAGAIN;
}

void module_load(void)
{
	module_load_at_once();
	if (!wait_until(is_ready, NULL, READY_LIMIT))
		tap_bail("the module cannot create yet, %d s after loading", READY_LIMIT / 1000);
}

bool mptcp_is_guarded(void)
{
	struct utsname name;

	if (uname(&name))
		tap_bail("cannot read the machine's name");
	return !strcmp(name.machine, "x86_64") || !strcmp(name.machine, "aarch64");
}

void mptcp_leave_out(void)
{
	int error = mptcp_is_guarded() ? 0 : set_sysctl("net/mptcp/enabled", "0");

	/* a kernel without MPTCP has no such file */
	must(error == ENOENT ? 0 : error, "cannot switch MPTCP off");
}

void new_netns(void)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	int fd;

	if (unshare(CLONE_NEWNET))
		tap_bail("cannot make a network namespace: %s", strerror(errno));
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &lo))
		tap_bail("cannot set lo up: %s", strerror(errno));
	close(fd);
	mptcp_leave_out();
}

int netns_get(void)
{
	int fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		tap_bail("no /proc/thread-self/ns/net: %s", strerror(errno));
	return fd;
}

void netns_enter(int fd)
{
	if (setns(fd, CLONE_NEWNET))
		tap_bail("cannot enter a network namespace: %s", strerror(errno));
}

int run(const char *fmt, ...)
{
	char command[512], line[512];
	va_list args;
	FILE *pipe;
	int status;

	va_start(args, fmt);
	vsnprintf(command, sizeof(command), fmt, args);
	va_end(args);
	strncat(command, " 2>&1", sizeof(command) - strlen(command) - 1);

	fflush(stdout);
	pipe = popen(command, "re");
	if (!pipe)
		tap_bail("no pipe for \"%s\": %s", command, strerror(errno));
	while (fgets(line, sizeof(line), pipe)) {
		line[strcspn(line, "\n")] = '\0';
		tap_diag("%s", line);
	}
	status = pclose(pipe);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int set_sysctl(const char *path, const char *fmt, ...)
{
	char file[256], value[4096];
	va_list args;
	int fd, error = 0;

	snprintf(file, sizeof(file), "/proc/sys/%s", path);
	va_start(args, fmt);
	vsnprintf(value, sizeof(value), fmt, args);
	va_end(args);

	fd = open(file, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	if (write(fd, value, strlen(value)) < 0)
		error = errno;
	close(fd);
	return error;
}

long line_number(const char *path, const char *word)
{
	FILE *file = fopen(path, "re");
	size_t len = strlen(word);
	char line[128];
	long number = -1;

	if (!file)
		tap_bail("no %s", path);
	while (fgets(line, sizeof(line), file))
		if (!strncmp(line, word, len))
			number = atol(line + len);
	fclose(file);
	if (number < 0)
		tap_bail("%s has no line for \"%s\"", path, word);
	return number;
}

bool wait_until(bool (*cond)(void *arg), void *arg, int milliseconds)
{
	const struct timespec pause = { .tv_nsec = 10 * 1000 * 1000 };
	int waited;

	for (waited = 0; !cond(arg); waited += 10) {
		if (waited >= milliseconds)
			return false;
		nanosleep(&pause, NULL);
	}
	return true;
}

bool kernel_is_slow(void)
{
	struct utsname name;

	if (uname(&name))
		tap_bail("cannot read the kernel's release");
	return strstr(name.release, "-kasan") || strstr(name.release, "-kcsan");
}

bool kernel_at_least(int major, int minor)
{
	struct utsname name;
	int have_major, have_minor;

	if (uname(&name) || sscanf(name.release, "%d.%d", &have_major, &have_minor) != 2)
		tap_bail("cannot read the kernel's release");
	return have_major > major || (have_major == major && have_minor >= minor);
}
