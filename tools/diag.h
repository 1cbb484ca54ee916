/* SPDX-License-Identifier: GPL-2.0-only */
/* The sockets of a protocol in the network namespace, also those that only wait for their end. */
#ifndef PORTRES_DIAG_H
#define PORTRES_DIAG_H

#include "diagsocket.h"

enum diag_extent {
	DIAG_NONE,	/* the kernel does not say anything */
	DIAG_NOT_BOUND,	/* none of TCP that is bound, but neither listens nor is connected */
	DIAG_ALL,
};

/* Calls visit for each socket that has a port. Returns which ones the kernel has listed. */
enum diag_extent diag_for_each(uint8_t protocol, diag_visit_fn *visit, void *arg);

#endif /* PORTRES_DIAG_H */
