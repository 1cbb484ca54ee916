// SPDX-License-Identifier: GPL-2.0-only
/* BPF sockmaps. */
#include "sockmap.h"

#include <errno.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tap.h"

static int bpf(int cmd, union bpf_attr *attr)
{
	return syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

int sockmap_make(unsigned int slots)
{
	union bpf_attr attr;
	int map;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = BPF_MAP_TYPE_SOCKMAP;
	attr.key_size = sizeof(uint32_t);
	attr.value_size = sizeof(uint32_t);
	attr.max_entries = slots;
	map = bpf(BPF_MAP_CREATE, &attr);
	if (map < 0)
		tap_bail("cannot make a sockmap: %s", strerror(errno));
	return map;
}

void sockmap_put(int map, uint32_t slot, int fd)
{
	uint32_t value = fd;
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = map;
	attr.key = (uintptr_t)&slot;
	attr.value = (uintptr_t)&value;
	if (bpf(BPF_MAP_UPDATE_ELEM, &attr))
		tap_bail("cannot put a socket into the map: %s", strerror(errno));
}

void sockmap_take(int map, uint32_t slot)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = map;
	attr.key = (uintptr_t)&slot;
	if (bpf(BPF_MAP_DELETE_ELEM, &attr))
		tap_bail("cannot take a socket from the map: %s", strerror(errno));
}

/* A program that lets all pass. */
static int load(enum bpf_prog_type type)
{
	const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = SK_PASS },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr attr;
	int fd;

	memset(&attr, 0, sizeof(attr));
	attr.prog_type = type;
	attr.insn_cnt = sizeof(insns) / sizeof(insns[0]);
	attr.insns = (uintptr_t)insns;
	attr.license = (uintptr_t)"GPL";
	fd = bpf(BPF_PROG_LOAD, &attr);
	if (fd < 0)
		tap_bail("cannot load a program for a sockmap: %s", strerror(errno));
	return fd;
}

static void judge(int map, enum bpf_prog_type type, enum bpf_attach_type place)
{
	union bpf_attr attr;
	int fd = load(type);

	memset(&attr, 0, sizeof(attr));
	attr.target_fd = map;
	attr.attach_bpf_fd = fd;
	attr.attach_type = place;
	if (bpf(BPF_PROG_ATTACH, &attr))
		tap_bail("cannot attach a program to a sockmap: %s", strerror(errno));
	close(fd);
}

void sockmap_judge_sent(int map)
{
	judge(map, BPF_PROG_TYPE_SK_MSG, BPF_SK_MSG_VERDICT);
}

void sockmap_judge_received(int map)
{
	judge(map, BPF_PROG_TYPE_SK_SKB, BPF_SK_SKB_VERDICT);
}
