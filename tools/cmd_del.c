// SPDX-License-Identifier: GPL-2.0-only
/* portres del: ends a reservation. */
#include "describe.h"

int cmd_del(const struct call *call)
{
	struct portres *handle;
	struct wish wish;
	int status = DONE;
	parse_why why;
	int error;

	if (!parse_block(call->argc, call->argv, &wish, why))
		return misuse("%s", why);
	if (!open_handle(&handle))
		return FAILED;
	error = portres_delete(handle, wish.protocol, wish.range.first, wish.range.count);
	if (error)
		status = refuse_del(handle, &wish, error);
	portres_close(handle);
	return status;
}
