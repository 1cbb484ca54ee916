// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory that is not there is an error, also in a sandbox that refuses the call which finds that
 * out best.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tap.h"

int portres_copy(void *to, const void *from, size_t size);

static void test_copy(const char *where, char *page)
{
	/* half of it is beyond what is there */
	char *edge = page + getpagesize() - 4;
	char got[8] = "";

	errno = 77;
	tap_num(portres_copy(got, "7 bytes", 8), 0, "%s: what is there is copied", where);
	tap_ok(!strcmp(got, "7 bytes"), "%s: whole", where);
	tap_num(portres_copy(page, "7 bytes", 8), 0, "%s: to what is there", where);
	tap_num(portres_copy(NULL, got, 8), -EFAULT, "%s: to NULL", where);
	tap_num(portres_copy(got, NULL, 8), -EFAULT, "%s: from NULL", where);
	tap_num(portres_copy(edge, got, 8), -EFAULT, "%s: beyond the end", where);
	tap_num(portres_copy(got, edge, 8), -EFAULT, "%s: from beyond the end", where);
	tap_num(portres_copy(page + getpagesize(), got, 8), -EFAULT, "%s: to nowhere", where);
	tap_num(portres_copy(got, page + getpagesize(), 8), -EFAULT, "%s: from nowhere", where);
	tap_num(errno, 77, "%s: errno is as before", where);
}

static void enter_sandbox(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_process_vm_readv, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(filter) / sizeof(filter[0]), filter };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		tap_bail("cannot enter a sandbox: %s", strerror(errno));
}

static void test_no_descriptor(char *page)
{
	struct rlimit none = { 0, 0 }, before;

	getrlimit(RLIMIT_NOFILE, &before);
	none.rlim_max = before.rlim_max;
	setrlimit(RLIMIT_NOFILE, &none);
	tap_num(portres_copy(page, "7 bytes", 8), -EMFILE, "nor a descriptor: it says so");
	setrlimit(RLIMIT_NOFILE, &before);
}

int main(void)
{
	char *page = mmap(NULL, 2 * getpagesize(), PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED || mprotect(page + getpagesize(), getpagesize(), PROT_NONE))
		tap_bail("no memory: %s", strerror(errno));
	test_copy("as ever", page);
	enter_sandbox();
	test_copy("in a sandbox", page);
	test_no_descriptor(page);
	return tap_finish();
}
