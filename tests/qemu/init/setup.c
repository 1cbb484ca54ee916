// SPDX-License-Identifier: GPL-2.0-only
/*
 * Makes the guest a place where tests can run: file systems, entropy, loopback, sysctls, and
 * the number of CPUs that was asked for.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/random.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "init.h"

static const struct {
	const char *type;
	const char *path;
	const char *options;
} mounts[] = {
	{ "proc", "/proc", NULL },
	{ "sysfs", "/sys", NULL },
	{ "devtmpfs", "/dev", NULL },
	{ "devpts", "/dev/pts", "gid=5,mode=620,ptmxmode=666" },
	{ "tmpfs", "/dev/shm", NULL },
	{ "tmpfs", "/tmp", "mode=1777" },
	{ "tmpfs", "/run", "mode=755" },
	{ "cgroup2", "/sys/fs/cgroup", NULL },
	{ "debugfs", "/sys/kernel/debug", NULL },
	{ "tracefs", "/sys/kernel/tracing", NULL },
	{ "bpf", "/sys/fs/bpf", NULL },
};

/* A test must not wait for the console, and a fault must not be survived. */
static const struct {
	const char *path;
	const char *value;
} sysctls[] = {
	{ "/proc/sys/kernel/printk_devkmsg", "on\n" },
	{ "/proc/sys/kernel/sysrq", "1" },
	{ "/proc/sys/kernel/hung_task_timeout_secs", "60" },
	{ "/proc/sys/kernel/hostname", "guest" },
	{ "/proc/sys/kernel/unprivileged_bpf_disabled", "0" },
};

void setup_mounts(void)
{
	for (size_t i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++) {
		mkdir(mounts[i].path, 0755);
		if (mount(mounts[i].type, mounts[i].path, mounts[i].type, 0, mounts[i].options) &&
		    errno != EBUSY)
			fprintf(stderr, "init: cannot mount %s: %m\n", mounts[i].path);
	}
	mkdir(GCOV_FILES, 0777);
	chmod(GCOV_FILES, 01777);
	symlink("/proc/self/fd", "/dev/fd");
	symlink("/proc/self/fd/0", "/dev/stdin");
	symlink("/proc/self/fd/1", "/dev/stdout");
	symlink("/proc/self/fd/2", "/dev/stderr");
}

/* An emulated machine has no entropy worth waiting for, and nothing here is secret. */
static bool credit_entropy(void)
{
	struct {
		struct rand_pool_info info;
		char bytes[64];
	} pool = { .info = { .entropy_count = 512, .buf_size = 64 } };
	int fd = open("/dev/urandom", O_RDWR | O_CLOEXEC);
	bool ok;

	if (fd < 0)
		return false;
	getrandom(pool.bytes, sizeof(pool.bytes), GRND_INSECURE);
	ok = ioctl(fd, RNDADDENTROPY, &pool) == 0;
	close(fd);
	return ok;
}

static bool raise_loopback(void)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool ok = fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &request) == 0;

	close(fd);
	return ok;
}

static bool check_cpus(void)
{
	const char *wanted = getenv("smp");
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	if (wanted && cpus == atol(wanted))
		return true;
	port_say("fault %ld CPUs are online, not %s", cpus, wanted ? wanted : "(not told)");
	return false;
}

/*
 * An emulated CPU gets a tenth of what the kernel's defaults are made for done in a moment: a race
 * is waited for longer, and more often. Not while the kernel boots, which took minutes.
 */
static void look_for_races(void)
{
	put_text("/sys/module/kcsan/parameters/udelay_task", "500");
	put_text("/sys/module/kcsan/parameters/skip_watch", "200");
}

bool setup_rest(void)
{
	bool ok = true;

	for (size_t i = 0; i < sizeof(sysctls) / sizeof(sysctls[0]); i++)
		if (!put_text(sysctls[i].path, sysctls[i].value))
			fprintf(stderr, "init: cannot set %s: %m\n", sysctls[i].path);
	if (!credit_entropy() || !raise_loopback()) {
		port_say("fault the guest could not be set up");
		ok = false;
	}
	look_for_races();
	return check_cpus() && ok;
}

bool put_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok;

	if (fd < 0)
		return false;
	ok = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	close(fd);
	return ok;
}
