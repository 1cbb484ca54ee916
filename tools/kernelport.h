/* SPDX-License-Identifier: GPL-2.0-only */
/* What in the kernel has a port: tunnels, and NFS. */
#ifndef PORTRES_KERNELPORT_H
#define PORTRES_KERNELPORT_H

#include <stdint.h>

struct kernelport {
	char *what;		/* "WireGuard wg0"; NULL: not known */
	char *advice;		/* how it gives the port up; NULL: not known */
};

/* Finds what has a port in the network namespace of the caller. */
void kernelport_find(uint8_t protocol, uint16_t port, struct kernelport *found);
void kernelport_free(struct kernelport *found);

#endif /* PORTRES_KERNELPORT_H */
