// SPDX-License-Identifier: GPL-2.0-only
/*
 * Binds by a BPF program: bpf_bind() of a program at connect4 gives the socket that connects a port
 * of the program's choice. Grants are compared with the task that connects, though the program was
 * attached by root.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "client.h"
#include "env.h"
#include "group.h"
#include "sock.h"
#include "tap.h"

#define FIRST 5000
#define COUNT 10
#define PORT (FIRST + 4)
#define FREE (FIRST + COUNT)
#define GROUP "/pbpf"
#define UNIT GROUP "/x.service"

#define INSN(code_, dst, src, off_, imm_)					\
	((struct bpf_insn) { .code = (code_), .dst_reg = (dst), .src_reg = (src),	\
			     .off = (off_), .imm = (imm_) })
#define MOVE(dst, src) INSN(BPF_ALU64 | BPF_MOV | BPF_X, dst, src, 0, 0)
#define SET(dst, value) INSN(BPF_ALU64 | BPF_MOV | BPF_K, dst, 0, 0, value)
#define PUT(size, off, value) INSN(BPF_ST | (size) | BPF_MEM, BPF_REG_10, 0, off, value)
#define ADDRESS -16	/* of a struct sockaddr_in on the stack */

static struct client client;
static uint64_t token;

/* What connect() answered, and the port that the socket has then; only the parent prints rows. */
static struct result {
	int error;
	unsigned int port;
} *result;

static int bpf(int cmd, union bpf_attr *attr)
{
	return syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

/* Where bpf_bind() fails, connect() is refused by EPERM. */
static int load(unsigned int port)
{
	const struct bpf_insn insns[] = {
		PUT(BPF_H, ADDRESS, AF_INET),
		PUT(BPF_H, ADDRESS + 2, htons(port)),
		PUT(BPF_W, ADDRESS + 4, 0),
		PUT(BPF_DW, ADDRESS + 8, 0),
		/* the first register has the context already */
		MOVE(BPF_REG_2, BPF_REG_10),
		INSN(BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_2, 0, 0, ADDRESS),
		SET(BPF_REG_3, sizeof(struct sockaddr_in)),
		INSN(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_bind),
		MOVE(BPF_REG_1, BPF_REG_0),
		SET(BPF_REG_0, 1),
		INSN(BPF_JMP | BPF_JEQ | BPF_K, BPF_REG_1, 0, 1, 0),
		SET(BPF_REG_0, 0),
		INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
	};
	static char log[4096];
	union bpf_attr attr;
	int fd;

	memset(&attr, 0, sizeof(attr));
	attr.prog_type = BPF_PROG_TYPE_CGROUP_SOCK_ADDR;
	attr.expected_attach_type = BPF_CGROUP_INET4_CONNECT;
	attr.insn_cnt = sizeof(insns) / sizeof(*insns);
	attr.insns = (uintptr_t)insns;
	attr.license = (uintptr_t)"GPL";
	attr.log_buf = (uintptr_t)log;
	attr.log_size = sizeof(log);
	attr.log_level = 1;
	fd = bpf(BPF_PROG_LOAD, &attr);
	if (fd < 0)
		tap_bail("cannot load a BPF program: %s: %s", strerror(errno), log);
	return fd;
}

/* Instead of the one that was attached before. */
static void choose_port(unsigned int port)
{
	int group = open(GROUP_ROOT GROUP, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	union bpf_attr attr;
	int fd = load(port);

	memset(&attr, 0, sizeof(attr));
	attr.target_fd = group;
	attr.attach_bpf_fd = fd;
	attr.attach_type = BPF_CGROUP_INET4_CONNECT;
	if (group < 0 || bpf(BPF_PROG_ATTACH, &attr))
		tap_bail("cannot attach a BPF program: %s", strerror(errno));
	close(fd);
	close(group);
}

static int connect_once(void *arg)
{
	int fd = udp_open(AF_INET);

	(void)arg;
	result->error = sock_connect(fd, "127.0.0.1", 9);
	result->port = sock_port(fd);
	close(fd);
	return 0;
}

static void expect(const char *group, uid_t uid, unsigned int port, const char *text)
{
	memset(result, 0xff, sizeof(*result));
	in_group(group, uid, connect_once, NULL);
	tap_errno(result->error, port ? 0 : EPERM, "%s", text);
	if (port)
		tap_num(result->port, port, "%s: the port", text);
}

static void each_grant(void)
{
	struct resv resv;

	must(set_grants(&client, token, "user 4000"), "cannot change the grants");
	expect(GROUP, OWNER_UID, PORT, "bpf_bind for the granted user");
	expect(GROUP, STRANGER_UID, 0, "for another user");
	expect(GROUP, 0, 0, "for root, which attached the program");
	must(get_token(&client, token, &resv), "cannot get the reservation");
	tap_num(resv.refused, 2, "the refusals were counted");
	must(set_grants(&client, token, "unit x.service"), "cannot change the grants");
	expect(UNIT, STRANGER_UID, 0, "for the unit, below a cgroup that is none");
	must(set_grants(&client, token, "cgroup " UNIT), "cannot change the grants");
	expect(UNIT, STRANGER_UID, PORT, "in the granted cgroup");
	expect(GROUP, STRANGER_UID, 0, "above it");
	must(set_grants(&client, token, "kernel"), "cannot change the grants");
	expect(GROUP, 0, 0, "for kernel: the socket is not of the kernel");
	must(set_grants(&client, token, ""), "cannot change the grants");
	expect(GROUP, OWNER_UID, 0, "for nobody");
}

int main(void)
{
	new_netns();
	module_load();
	must(client_open(&client), "no client");
	result = shared_memory(sizeof(*result));
	group_make(UNIT);
	must(create_for(&client, FIRST, COUNT, "", 0, &token), "cannot reserve");
	choose_port(FREE);
	expect(GROUP, STRANGER_UID, FREE, "bpf_bind to a free port");
	choose_port(PORT);
	each_grant();
	/* with it go its programs */
	group_remove(UNIT);
	client_close(&client);
	tap_ok(module_unloads(), "the module can be unloaded");
	return tap_finish();
}
