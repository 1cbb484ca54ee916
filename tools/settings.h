/* SPDX-License-Identifier: GPL-2.0-only */
/* The sysctls of the network namespace that say something about ports. */
#ifndef PORTRES_SETTINGS_H
#define PORTRES_SETTINGS_H

#include "portset.h"

struct settings {
	struct range ephemeral;		/* net.ipv4.ip_local_port_range */
	unsigned int unprivileged;	/* net.ipv4.ip_unprivileged_port_start */
	struct portset kept;		/* net.ipv4.ip_local_reserved_ports */
	int denied_errno;		/* net.portres.denied_errno; 0: without the module */
};

/* Reads them. One that cannot be read has the kernel's default. */
void settings_read(struct settings *settings);

#endif /* PORTRES_SETTINGS_H */
