// SPDX-License-Identifier: GPL-2.0-only
/* Asks the kernel for the programs at bind4, bind6 and their likes, see bpf(2). */
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bindprog.h"
#include "cgroup.h"

static long bpf(enum bpf_cmd command, union bpf_attr *attr)
{
	return syscall(SYS_bpf, command, attr, sizeof(*attr));
}

/* Only a caller with CAP_SYS_ADMIN learns it. */
static void read_name(struct bindprog *program)
{
	struct bpf_prog_info info = { 0 };
	union bpf_attr attr = { .prog_id = program->id };
	long fd = bpf(BPF_PROG_GET_FD_BY_ID, &attr);

	if (fd < 0)
		return;
	memset(&attr, 0, sizeof(attr));
	attr.info.bpf_fd = (uint32_t)fd;
	attr.info.info_len = sizeof(info);
	attr.info.info = (uintptr_t)&info;
	if (bpf(BPF_OBJ_GET_INFO_BY_FD, &attr) == 0)
		snprintf(program->name, sizeof(program->name), "%.15s", info.name);
	close((int)fd);
}

/* Check for a kernel without BPF, or without programs of the type: there are none then. */
static bool is_impossible(int error)
{
	return error == ENOSYS || error == EINVAL;
}

/* Returns whether the programs are known. */
static bool query(int cgroup, enum bpf_attach_type type, const char *name,
		  struct bindprogs *programs)
{
	uint32_t ids[BINDPROGS_MAX] = { 0 };
	union bpf_attr attr = { 0 };
	uint32_t i;

	attr.query.target_fd = (uint32_t)cgroup;
	attr.query.attach_type = type;
	attr.query.query_flags = BPF_F_QUERY_EFFECTIVE;
	attr.query.prog_ids = (uintptr_t)ids;
	attr.query.prog_cnt = BINDPROGS_MAX;
	if (bpf(BPF_PROG_QUERY, &attr) < 0)
		return is_impossible(errno);
	for (i = 0; i < attr.query.prog_cnt && programs->count < BINDPROGS_MAX; i++) {
		struct bindprog *program = &programs->items[programs->count++];

		program->attach = name;
		program->id = ids[i];
		read_name(program);
	}
	return true;
}

void bindprogs_read(const char *cgroup, struct bindprogs *programs)
{
	static const struct {
		enum bpf_attach_type type;
		const char *name;
	} places[] = {
		{ BPF_CGROUP_INET4_BIND, "bind4" },
		{ BPF_CGROUP_INET6_BIND, "bind6" },
		{ BPF_CGROUP_INET4_POST_BIND, "post_bind4" },
		{ BPF_CGROUP_INET6_POST_BIND, "post_bind6" },
	};
	int fd = cgroup ? cgroup_open(cgroup) : -1;
	size_t i;

	memset(programs, 0, sizeof(*programs));
	if (fd < 0)
		return;
	programs->known = true;
	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		programs->known &= query(fd, places[i].type, places[i].name, programs);
	close(fd);
}
