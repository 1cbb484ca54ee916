// SPDX-License-Identifier: GPL-2.0-only
/* Parts of a test that run in a process of their own, as somebody else. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "env.h"
#include "tap.h"

struct task {
	int (*become)(const struct task *task);
	uid_t uid;
	bool own_netns;
	int (*act)(void *arg);
	void *arg;
};

static int stay(const struct task *task)
{
	(void)task;
	return 0;
}

/* Leaving uid 0 clears all capabilities. */
static int become_user(const struct task *task)
{
	if (setgroups(0, NULL) || setresgid(task->uid, task->uid, task->uid) ||
	    setresuid(task->uid, task->uid, task->uid))
		return errno;
	return 0;
}

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int error = 0;

	if (fd < 0)
		return errno;
	if (write(fd, text, strlen(text)) < 0)
		error = errno;
	close(fd);
	return error;
}

/* An unprivileged process becomes root of a user namespace that it makes, as users do. */
static int become_userns_root(const struct task *task)
{
	char map[32];
	int error;

	error = become_user(task);
	if (error)
		return error;
	/* else the files of /proc/self belong to root */
	if (prctl(PR_SET_DUMPABLE, 1) || unshare(CLONE_NEWUSER))
		return errno;
	snprintf(map, sizeof(map), "0 %u 1", task->uid);
	error = write_file("/proc/self/setgroups", "deny");
	if (!error)
		error = write_file("/proc/self/uid_map", map);
	if (!error)
		error = write_file("/proc/self/gid_map", map);
	if (!error && task->own_netns)
		new_netns();
	return error;
}

static int run_task(const struct task *task)
{
	int fds[2], status, result = 0;
	ssize_t n;
	pid_t pid;

	fflush(stdout);
	if (pipe2(fds, O_CLOEXEC))
		tap_bail("no pipe: %s", strerror(errno));
	pid = fork();
	if (pid < 0)
		tap_bail("cannot fork: %s", strerror(errno));
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(fds[0]);
		result = task->become(task);
		if (result)
			tap_bail("cannot become somebody else: %s", strerror(result));
		result = task->act(task->arg);
		fflush(stdout);
		_exit(write(fds[1], &result, sizeof(result)) != sizeof(result));
	}
	close(fds[1]);
	n = read(fds[0], &result, sizeof(result));
	close(fds[0]);
	if (waitpid(pid, &status, 0) != pid || status || n != sizeof(result))
		tap_bail("a child of the test died: wait status %#x", status);
	return result;
}

int in_child(int (*act)(void *arg), void *arg)
{
	return run_task(&(struct task){ .become = stay, .act = act, .arg = arg });
}

int as_user(uid_t uid, int (*act)(void *arg), void *arg)
{
	return run_task(&(struct task){
		.become = become_user, .uid = uid, .act = act, .arg = arg });
}

int as_userns_root(bool own_netns, int (*act)(void *arg), void *arg)
{
	return run_task(&(struct task){
		.become = become_userns_root, .uid = STRANGER_UID, .own_netns = own_netns,
		.act = act, .arg = arg });
}

void set_caps(uint32_t caps)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { { .effective = caps, .permitted = caps } };

	if (syscall(SYS_capset, &header, data))
		tap_bail("cannot change capabilities: %s", strerror(errno));
}

static void act_and_stay(uid_t uid, int (*act)(void *arg), void *arg, int answer, int go)
{
	int result = uid ? become_user(&(struct task){ .uid = uid }) : 0;
	char byte;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (result)
		tap_bail("cannot become user %u: %s", uid, strerror(result));
	result = act(arg);
	fflush(stdout);
	if (write(answer, &result, sizeof(result)) != sizeof(result))
		_exit(1);
	close(answer);
	_exit(read(go, &byte, 1) != 1);
}

struct child child_stay(uid_t uid, int (*act)(void *arg), void *arg)
{
	int answer[2], go[2];
	struct child child;
	ssize_t n;

	fflush(stdout);
	if (pipe2(answer, O_CLOEXEC) || pipe2(go, O_CLOEXEC))
		tap_bail("no pipe: %s", strerror(errno));
	child.pid = fork();
	if (child.pid < 0)
		tap_bail("cannot fork: %s", strerror(errno));
	if (!child.pid)
		act_and_stay(uid, act, arg, answer[1], go[0]);
	close(answer[1]);
	close(go[0]);
	child.go = go[1];
	n = read(answer[0], &child.result, sizeof(child.result));
	close(answer[0]);
	if (n != sizeof(child.result))
		tap_bail("a child of the test died");
	return child;
}

void child_exit(struct child *child)
{
	int status;

	if (write(child->go, "", 1) != 1 || waitpid(child->pid, &status, 0) != child->pid || status)
		tap_bail("a child of the test does not end well");
	close(child->go);
}

void child_kill(struct child *child)
{
	int status;

	kill(child->pid, SIGKILL);
	if (waitpid(child->pid, &status, 0) != child->pid || !WIFSIGNALED(status))
		tap_bail("a child of the test cannot be killed");
	close(child->go);
}

void *shared_memory(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		tap_bail("no shared memory: %s", strerror(errno));
	return memory;
}

void send_fd(int via, int fd)
{
	char byte = 0, control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(cmsg), &fd, sizeof(fd));
	if (sendmsg(via, &msg, 0) != 1)
		tap_bail("cannot pass a descriptor: %s", strerror(errno));
}

int recv_fd(int via)
{
	char byte, control[CMSG_SPACE(sizeof(int))];
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *cmsg;
	int fd;

	if (recvmsg(via, &msg, MSG_CMSG_CLOEXEC) != 1)
		tap_bail("no descriptor came: %s", strerror(errno));
	cmsg = CMSG_FIRSTHDR(&msg);
	if (!cmsg || cmsg->cmsg_type != SCM_RIGHTS)
		tap_bail("a message without a descriptor came");
	memcpy(&fd, CMSG_DATA(cmsg), sizeof(fd));
	return fd;
}

unsigned long long stat_field(pid_t pid, int field)
{
	char path[64], line[1024] = "", *at;
	unsigned long long value;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "re");
	if (!file || !fgets(line, sizeof(line), file))
		tap_bail("cannot read %s", path);
	fclose(file);
	at = strrchr(line, ')') + 1;
	for (; field > 3; field--)
		at = strchr(at + 1, ' ');
	if (sscanf(at, " %llu", &value) != 1)
		tap_bail("no number in %s", path);
	return value;
}
