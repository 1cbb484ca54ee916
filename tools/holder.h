/* SPDX-License-Identifier: GPL-2.0-only */
/* What has a port: sockets, with their processes, units, or the part of the kernel they are of. */
#ifndef PORTRES_HOLDER_H
#define PORTRES_HOLDER_H

#include <time.h>

#include "cgroup.h"
#include "diag.h"
#include "kernelport.h"

struct holder {
	struct diag_socket socket;
	pid_t pid;		/* 0: no process that the caller sees */
	char command[64];
	bool hidden;		/* a process may have it that the caller does not see */
	bool has_unit;
	struct unit unit;
	struct kernelport kernel;	/* without a process */
};

struct holders {
	struct holder *items;	/* sockets that are bound and, of TCP, accept or are idle */
	size_t count;
	unsigned int connections;	/* of TCP, besides these */
	time_t wait_until;	/* end of the last TIME_WAIT; 0: none */
	bool unknown;		/* the kernel has listed no sockets, whether there are any or not */
	bool unseen;		/* a bind fails although no socket is listed */
};

/* reserved: a bind that only tries whether the port is in use would count as refused. */
void holders_find(uint8_t protocol, uint16_t port, bool reserved, struct holders *holders);
void holders_free(struct holders *holders);

/* "127.0.0.1:53", "[::1%lo]:53". To be freed. */
char *holder_address(const struct holder *holder);

/* Whether it is bound to all addresses. */
bool holder_is_wildcard(const struct holder *holder);

/* "named[812] of named.service", "WireGuard wg0", ... safe to print. To be freed. */
char *holder_text(const struct holder *holder);

#endif /* PORTRES_HOLDER_H */
