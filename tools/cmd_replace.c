// SPDX-License-Identifier: GPL-2.0-only
/* portres replace: creates a reservation, or changes the one of exactly that block. */
#include "command.h"
#include "failure.h"
#include "grantee.h"
#include "message.h"
#include "open.h"
#include "report.h"

struct replacement {
	const struct portres_spec *spec;
	uint64_t token;
	int made;
};

static int replace_block(struct portres *handle, void *arg)
{
	struct replacement *replacement = arg;

	return portres_replace(handle, replacement->spec, &replacement->token,
			       &replacement->made);
}

static int replace(struct portres *handle, const struct block_args *args, bool json)
{
	struct portres_spec *spec = args_spec(args);
	struct replacement replacement = { .spec = spec };
	int error;

	if (!spec)
		return FAILED;
	error = run_with_note(handle, replace_block, &replacement);
	portres_spec_free(spec);
	if (error)
		return print_add_error(handle, args, error, portres_error(handle));
	report_reservation(handle, args->protocol, replacement.token, json);
	if (args->adopt && replacement.made)
		note_adopted(args->protocol, &args->range);
	if (!replacement.made)
		note_declared(handle, args->protocol, &args->range,
			      "brings back what is declared there");
	if (args_need_cgroups(args))
		note_about_cgroups();
	return DONE;
}

int cmd_replace(const struct call *call)
{
	return run_on_block(call, replace);
}
