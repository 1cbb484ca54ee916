// SPDX-License-Identifier: GPL-2.0-only
/* Assembles programs for bind4, bind6, connect4 and connect6 and attaches them to a cgroup. */
#include "bindprog.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "env.h"
#include "tap.h"

#define ROOT "/sys/fs/cgroup"

#define INSN(code_, dst, src, off_, imm_)					\
	((struct bpf_insn) { .code = (code_), .dst_reg = (dst), .src_reg = (src),	\
			     .off = (off_), .imm = (imm_) })
#define LOAD(dst, member) \
	INSN(BPF_LDX | BPF_W | BPF_MEM, dst, BPF_REG_1, offsetof(struct bpf_sock_addr, member), 0)
#define STORE(member, src) \
	INSN(BPF_STX | BPF_W | BPF_MEM, BPF_REG_1, src, offsetof(struct bpf_sock_addr, member), 0)
#define SET(dst, value) INSN(BPF_ALU64 | BPF_MOV | BPF_K, dst, 0, 0, value)
#define SKIP_IF(condition, value, count) \
	INSN(BPF_JMP | (condition) | BPF_K, BPF_REG_2, 0, count, value)
#define CALL(function) INSN(BPF_JMP | BPF_CALL, 0, 0, 0, function)
#define EXIT INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)

/* What a program returns: the lowest bit lets the bind pass, the next one is the exemption. */
enum { NO = 0, YES = 1, YES_WITHOUT_CAPABILITY = 3 };

static char group[64];
static int group_fd = -1;

static void join(const char *path)
{
	char procs[96];
	int fd;

	snprintf(procs, sizeof(procs), "%s/cgroup.procs", path);
	fd = open(procs, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "0", 1) != 1)
		tap_bail("cannot enter %s: %s", path, strerror(errno));
	close(fd);
}

void bindprog_enter_group(void)
{
	snprintf(group, sizeof(group), ROOT "/portres-test-%d", getpid());
	if (mkdir(group, 0755))
		tap_bail("cannot make a cgroup: %s", strerror(errno));
	group_fd = open(group, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	must(group_fd < 0 ? errno : 0, "no cgroup");
	join(group);
}

void bindprog_leave_group(void)
{
	join(ROOT);
	close(group_fd);
	must(rmdir(group) ? errno : 0, "cannot remove the cgroup");
}

static struct bpf_insn *add_action(struct bpf_insn *at, const struct bindprog *prog, int family)
{
	switch (prog->action) {
	case REFUSE:
		*at++ = SET(BPF_REG_0, NO);
		break;
	case REFUSE_BY_EXDEV:
		*at++ = SET(BPF_REG_1, -EXDEV);
		*at++ = CALL(BPF_FUNC_set_retval);
		*at++ = SET(BPF_REG_0, NO);
		break;
	case CHANGE_PORT:
		*at++ = SET(BPF_REG_3, htons(7));
		*at++ = STORE(user_port, BPF_REG_3);
		*at++ = SET(BPF_REG_0, YES);
		break;
	case CHANGE_ADDRESS:
		*at++ = SET(BPF_REG_3, htonl(family == AF_INET ? 0x7f000002 : 2));
		*at++ = family == AF_INET ? STORE(user_ip4, BPF_REG_3) :
					    STORE(user_ip6[3], BPF_REG_3);
		*at++ = SET(BPF_REG_0, YES);
		break;
	case EXEMPT:
		*at++ = SET(BPF_REG_0, YES_WITHOUT_CAPABILITY);
		break;
	}
	*at++ = EXIT;
	return at;
}

/* Returns the number of instructions. */
static size_t assemble(struct bpf_insn *insns, const struct bindprog *prog, int family)
{
	struct bpf_insn *test = insns + 1, *action = insns + 2, *end;

	insns[0] = LOAD(BPF_REG_2, user_port);
	end = add_action(action, prog, family);
	switch (prog->ports) {
	case ALL_PORTS:
		*test = SKIP_IF(BPF_JGT, 0xffff, end - action);
		break;
	case NAMED_PORTS:
		*test = SKIP_IF(BPF_JEQ, 0, end - action);
		break;
	case ONE_PORT:
		*test = SKIP_IF(BPF_JNE, htons(prog->port), end - action);
		break;
	}
	*end++ = SET(BPF_REG_0, YES);
	*end++ = EXIT;
	return end - insns;
}

static enum bpf_attach_type place(int family)
{
	return family == AF_INET ? BPF_CGROUP_INET4_BIND : BPF_CGROUP_INET6_BIND;
}

static int bpf(int cmd, union bpf_attr *attr)
{
	return syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

static int load(const struct bpf_insn *insns, size_t count, enum bpf_attach_type at,
		const char *name)
{
	static char log[4096];
	union bpf_attr attr;
	int fd;

	memset(&attr, 0, sizeof(attr));
	attr.prog_type = BPF_PROG_TYPE_CGROUP_SOCK_ADDR;
	attr.expected_attach_type = at;
	attr.insn_cnt = count;
	attr.insns = (uintptr_t)insns;
	attr.license = (uintptr_t)"GPL";
	attr.log_buf = (uintptr_t)log;
	attr.log_size = sizeof(log);
	attr.log_level = 1;
	fd = bpf(BPF_PROG_LOAD, &attr);
	if (fd < 0)
		tap_bail("cannot load a BPF program that %s: %s: %s", name, strerror(errno), log);
	return fd;
}

static void attach(const struct bpf_insn *insns, size_t count, enum bpf_attach_type at,
		   const char *name)
{
	union bpf_attr attr;
	int fd = load(insns, count, at, name);

	memset(&attr, 0, sizeof(attr));
	attr.target_fd = group_fd;
	attr.attach_bpf_fd = fd;
	attr.attach_type = at;
	if (bpf(BPF_PROG_ATTACH, &attr))
		tap_bail("cannot attach a BPF program: %s", strerror(errno));
	close(fd);
}

static void detach(enum bpf_attach_type at)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.target_fd = group_fd;
	attr.attach_type = at;
	if (bpf(BPF_PROG_DETACH, &attr))
		tap_bail("cannot detach a BPF program: %s", strerror(errno));
}

void bindprog_attach(const struct bindprog *prog, int family)
{
	struct bpf_insn insns[16];

	attach(insns, assemble(insns, prog, family), place(family), prog->name);
}

void bindprog_detach(int family)
{
	detach(place(family));
}

static enum bpf_attach_type connect_place(int family)
{
	return family == AF_INET ? BPF_CGROUP_INET4_CONNECT : BPF_CGROUP_INET6_CONNECT;
}

#define STORE_STACK(offset, imm) INSN(BPF_ST | BPF_MEM | BPF_W, BPF_REG_10, 0, offset, imm)
#define COPY(dst, src) INSN(BPF_ALU64 | BPF_MOV | BPF_X, dst, src, 0, 0)
#define ADD(dst, value) INSN(BPF_ALU64 | BPF_ADD | BPF_K, dst, 0, 0, value)

/* Puts an address on the stack, as words in network order; the helper takes the family as it is. */
static struct bpf_insn *add_address(struct bpf_insn *at, int family, unsigned int port)
{
	const union {
		uint32_t words[7];
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} addr = { .v4 = { .sin_family = family, .sin_port = htons(port) } };
	int i;

	for (i = 0; i < 7; i++)
		*at++ = STORE_STACK(4 * i - 32, addr.words[i]);
	return at;
}

void bindprog_attach_connect(int family, unsigned int port)
{
	struct bpf_insn insns[24], *at = insns;

	/* the wildcard address, whose words are 0 in both families */
	at = add_address(at, family, port);
	*at++ = COPY(BPF_REG_2, BPF_REG_10);
	*at++ = ADD(BPF_REG_2, -32);
	*at++ = SET(BPF_REG_3, family == AF_INET ? sizeof(struct sockaddr_in) :
						   sizeof(struct sockaddr_in6));
	*at++ = CALL(BPF_FUNC_bind);
	*at++ = COPY(BPF_REG_2, BPF_REG_0);
	*at++ = SET(BPF_REG_0, NO);
	*at++ = SKIP_IF(BPF_JNE, 0, 1);
	*at++ = SET(BPF_REG_0, YES);
	*at++ = EXIT;
	attach(insns, at - insns, connect_place(family), "binds in connect");
}

void bindprog_detach_connect(int family)
{
	detach(connect_place(family));
}
