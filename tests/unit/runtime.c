// SPDX-License-Identifier: GPL-2.0-only
/* Runtime reservations, as far as they go without the module. */
#include <errno.h>
#include <netinet/in.h>
#include <portres/portres.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tap.h"

static void test_descriptors(void)
{
	struct portres_association block = { .token = 7 };
	int pipe_ends[2];

	tap_num(portres_acquire(-1, 0, 1, &block), -EBADF, "acquire without a descriptor");
	tap_num(portres_release(-1, 1), -EBADF, "release without a descriptor");
	if (pipe(pipe_ends) < 0)
		tap_bail("no pipe: %s", strerror(errno));
	tap_num(portres_acquire(pipe_ends[0], 0, 1, &block), -ENOTSOCK, "acquire on a pipe");
	tap_num(portres_release(pipe_ends[0], 1), -ENOTSOCK, "release on a pipe");
	tap_num((long long)block.token, 7, "nothing is written on failure");
	close(pipe_ends[0]);
	close(pipe_ends[1]);
}

static void test_no_module(void)
{
	struct portres_association block = { .token = 7 };
	int fd;

	if (access("/sys/module/portres", F_OK) == 0) {
		tap_skip("the module is loaded", "a kernel without the module");
		return;
	}
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	tap_num(portres_acquire(fd, 0, 1, &block), -ENOSYS, "acquire without the module");
	tap_num(portres_release(fd, 1), -ENOSYS, "release without the module");
	tap_num((long long)block.token, 7, "nothing is written then");
	close(fd);
}

static void test_texts(void)
{
	tap_ok(strstr(portres_strerror(-EDQUOT), "net.portres"), "EDQUOT: whose bounds");
	tap_ok(strstr(portres_strerror(-EACCES), "CAP_NET_BIND_SERVICE"), "EACCES: what lacks");
	tap_ok(strstr(portres_strerror(-ESRCH), "process"), "ESRCH: what cannot be seen");
}

int main(void)
{
	test_descriptors();
	test_no_module();
	test_texts();
	return tap_finish();
}
