// SPDX-License-Identifier: GPL-2.0-only
/* portres del: deletes a persistent or a runtime reservation. */
#include <errno.h>

#include "command.h"
#include "message.h"
#include "open.h"
#include "failure.h"
#include "report.h"

static int delete_block(struct portres *handle, const struct block_args *args)
{
	const struct range *range = &args->range;
	int error = portres_delete(handle, args->protocol, range->first, range->count);

	if (!error) {
		/* A declaration is not the command's to change. */
		note_declared(handle, args->protocol, range, "reserves it again");
		return DONE;
	}
	if (error == -ENOENT && args->protocol != PORTRES_BOTH)
		error = portres_delete_runtime(handle, args->protocol, range->first,
					       range->count);
	return error ? print_del_error(handle, args, error) : DONE;
}

int cmd_del(const struct call *call)
{
	struct portres *handle;
	struct block_args args;
	parse_reason reason;
	int status;

	if (!parse_block(call->argc, call->argv, &args, reason))
		return print_usage_error("%s", reason);
	if (!open_handle(call, &handle))
		return FAILED;
	status = delete_block(handle, &args);
	portres_close(handle);
	return status;
}
