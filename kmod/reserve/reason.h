/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Why a block was not reserved, see reason.c.
 */
#ifndef _PORTRES_REASON_H
#define _PORTRES_REASON_H

struct netlink_ext_ack;

void portres_reason_set(struct netlink_ext_ack *extack, int err);
void portres_reason_in_use(struct netlink_ext_ack *extack, const char *found);

#endif /* _PORTRES_REASON_H */
