/* SPDX-License-Identifier: GPL-2.0-only */
/* BPF programs that the kernel asks when a task of a cgroup binds. */
#ifndef PORTRES_BINDPROG_H
#define PORTRES_BINDPROG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bindprog {
	const char *attach;	/* "bind4" */
	uint32_t id;
	char name[16];		/* "": none, or not known */
};

#define BINDPROGS_MAX 32

struct bindprogs {
	struct bindprog items[BINDPROGS_MAX];
	size_t count;
	bool known;		/* the caller may ask */
};

/* Lists the programs in effect for a cgroup, those of the cgroups above it as well. */
void bindprogs_read(const char *cgroup, struct bindprogs *programs);

#endif /* PORTRES_BINDPROG_H */
