// SPDX-License-Identifier: GPL-2.0-only
/* portres set: changes name, grantees or block of a reservation, and nothing else. */
#include "command.h"
#include "failure.h"
#include "grantee.h"
#include "message.h"
#include "open.h"
#include "report.h"

struct change {
	const struct block_args *args;
	const struct portres_spec *spec;
	unsigned int what;
};

static unsigned int what_changes(const struct block_args *args)
{
	return (args->name ? PORTRES_SET_NAME : 0U) |
	       (args->to.count ? PORTRES_SET_BLOCK : 0U) |
	       (args->nobody || args->grantee_count ? PORTRES_SET_GRANTS : 0U);
}

static int set_block(struct portres *handle, void *arg)
{
	const struct change *change = arg;
	const struct block_args *args = change->args;

	return portres_set(handle, args->protocol, args->range.first, args->range.count,
			   change->spec, change->what);
}

static void print_changed(struct portres *handle, const struct block_args *args, bool json)
{
	const struct range *range = args->to.count ? &args->to : &args->range;

	if (print_block(handle, args->protocol, range, json))
		print_note("the reservation was changed but cannot be read back: %s; check with "
			   "\"portres show\"", portres_error(handle));
}

static int set(struct portres *handle, const struct block_args *args, bool json)
{
	struct portres_spec *spec = args_spec(args);
	struct change change = { .args = args, .spec = spec, .what = what_changes(args) };
	int error;

	if (!spec)
		return FAILED;
	error = run_with_note(handle, set_block, &change);
	portres_spec_free(spec);
	if (error)
		return print_set_error(handle, args, error, portres_error(handle));
	print_changed(handle, args, json);
	note_declared(handle, args->protocol, &args->range, "brings back what is declared there");
	if (args_need_cgroups(args))
		note_about_cgroups();
	return DONE;
}

int cmd_set(const struct call *call)
{
	struct portres *handle;
	struct block_args args;
	parse_reason reason;
	int status;

	if (!parse_change_args(call->argc, call->argv, &args, reason))
		return print_usage_error("%s", reason);
	if (!what_changes(&args))
		return print_usage_error("nothing to change: expected name, range, for or user");
	if (!open_handle(call, &handle))
		return FAILED;
	status = set(handle, &args, call->json);
	portres_close(handle);
	return status;
}
