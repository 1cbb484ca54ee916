// SPDX-License-Identifier: GPL-2.0-only
/* Loads a BPF program that refuses listed ports. */
#include "deny.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "env.h"
#include "tap.h"

#define OBJECT "/portres/tests/bench/deny.bpf.o"
#define GROUP "/sys/fs/cgroup"

static const enum bpf_attach_type places[] = { BPF_CGROUP_INET4_BIND, BPF_CGROUP_INET6_BIND };
static const char families[] = "46";

struct deny {
	struct bpf_object *object;
	int map;
	int group;
	int programs[2];
};

static void attach(struct deny *deny, const char *map, int which)
{
	struct bpf_program *program;
	char name[16];

	snprintf(name, sizeof(name), "%s%c", map, families[which]);
	program = bpf_object__find_program_by_name(deny->object, name);
	if (!program)
		tap_bail("no BPF program %s", name);
	deny->programs[which] = bpf_program__fd(program);
	must(-bpf_prog_attach(deny->programs[which], deny->group, places[which], 0),
	     "cannot attach a BPF program");
}

struct deny *deny_start(const char *map)
{
	struct deny *deny = calloc(1, sizeof(*deny));
	int i;

	must(deny ? 0 : ENOMEM, "no memory");
	deny->group = open(GROUP, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	must(deny->group < 0 ? errno : 0, "no cgroups");
	deny->object = bpf_object__open_file(OBJECT, NULL);
	must(deny->object ? 0 : errno, "no " OBJECT);
	must(-bpf_object__load(deny->object), "cannot load " OBJECT);
	deny->map = bpf_object__find_map_fd_by_name(deny->object, map);
	for (i = 0; i < 2; i++)
		attach(deny, map, i);
	return deny;
}

void deny_port(struct deny *deny, unsigned int port)
{
	uint32_t key = port;
	uint8_t value = 1;

	must(-bpf_map_update_elem(deny->map, &key, &value, BPF_ANY), "cannot list a port");
}

void deny_stop(struct deny *deny)
{
	int i;

	for (i = 0; i < 2; i++)
		must(-bpf_prog_detach2(deny->programs[i], deny->group, places[i]),
		     "cannot detach a BPF program");
	bpf_object__close(deny->object);
	close(deny->group);
	free(deny);
}
