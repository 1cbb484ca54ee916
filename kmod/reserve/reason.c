// SPDX-License-Identifier: GPL-2.0-only
/*
 * Why a block was not reserved, as a text for the requester.
 */
#include <linux/errno.h>
#include <linux/netlink.h>

#include "reason.h"

/**
 * portres_reason_set - set the reason why a block was not reserved
 * @extack: where to, or NULL
 * @err: the error; nothing is set for an error that does not come from the block, nor for
 *	-EADDRINUSE, whose reason the probe knows
 */
void portres_reason_set(struct netlink_ext_ack *extack, int err)
{
	if (err == -EEXIST)
		NL_SET_ERR_MSG(extack, "block overlaps an existing reservation");
	else if (err == -EAGAIN)
		NL_SET_ERR_MSG(extack,
			       "another creation of these ports, or the loading of IPv6, is in progress; try again");
}

/**
 * portres_reason_in_use - set the reason why a block was not reserved: -EADDRINUSE
 * @extack: where to, or NULL
 * @found: from the probe, or NULL if that found nothing
 */
void portres_reason_in_use(struct netlink_ext_ack *extack, const char *found)
{
	if (extack)
		extack->_msg = found ?: "a socket took a port of the block meanwhile";
}
