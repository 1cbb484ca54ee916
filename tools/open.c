// SPDX-License-Identifier: GPL-2.0-only
/* Opening the library for a command. */
#include <errno.h>
#include <linux/capability.h>
#include <netinet/in.h>
#include <stdlib.h>

#include "command.h"
#include "load.h"
#include "message.h"
#include "open.h"
#include "parse.h"

bool open_files(const struct call *call, struct portres **handle)
{
	int error = portres_open(handle);

	if (error) {
		print_error("cannot open a netlink socket: %s", portres_strerror(error));
		return false;
	}
	error = portres_set_root(*handle, call->root);
	if (error) {
		print_error("%s", portres_error(*handle));
		portres_close(*handle);
	}
	return !error;
}

/* Check by a request whether the module is missing. */
static bool is_missing(struct portres *handle)
{
	struct portres_reservation *found = NULL;
	int error = portres_get_port(handle, IPPROTO_UDP, 1, &found);

	if (!error)
		portres_reservation_free(found);
	return error == -ENOSYS;
}

bool open_handle(const struct call *call, struct portres **handle)
{
	char *reason;

	if (!open_files(call, handle))
		return false;
	/* For a caller that may not load the module the request of the command fails. */
	if (!has_capability(CAP_SYS_MODULE) || !is_missing(*handle))
		return true;
	if (load_module(&reason))
		return true;
	print_error("the kernel has no portres, and \"modprobe portres\" failed: %s",
		    reason);
	free(reason);
	portres_close(*handle);
	return false;
}

int run_on_block(const struct call *call, int (*act)(struct portres *handle,
						     const struct block_args *args, bool json))
{
	struct portres *handle;
	struct block_args args;
	parse_reason reason;
	int status;

	if (!parse_block_args(call->argc, call->argv, &args, reason))
		return print_usage_error("%s", reason);
	if (!open_handle(call, &handle))
		return FAILED;
	status = act(handle, &args, call->json);
	portres_close(handle);
	return status;
}
