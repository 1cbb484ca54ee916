// SPDX-License-Identifier: GPL-2.0-only
/* portres add: makes a reservation and tells its token. */
#include "describe.h"
#include "text.h"

/* Tells what now stands, as the kernel says. */
static int tell(struct portres *handle, uint64_t token, bool json)
{
	struct portres_reservation *made;
	struct records records = { 0 };
	struct record *record;
	int error = portres_get_token(handle, token, &made);

	if (error)
		return refuse("it was reserved, but is not there any more: %s",
			      portres_error(handle));
	record = records_add(&records);
	describe(record, made);
	print_line(record, json);
	records_free(&records);
	portres_reservation_free(made);
	return DONE;
}

/* The ports are reserved; that they will not be for long has to be known. */
static void tell_end(struct portres *handle)
{
	const char *path;

	if (portres_store_path(handle, &path) == 0 && !path)
		note("this network namespace has no name: the reservation ends with it");
}

static int create(struct portres *handle, const struct wish *wish, uint64_t *token)
{
	struct portres_spec *spec = need(portres_spec_new(wish->protocol, wish->range.first,
							  wish->range.count));
	int error = portres_spec_set_name(spec, wish->name);

	if (!error && wish->has_owner)
		error = portres_spec_set_owner(spec, wish->owner);
	if (error)
		refuse("%s", portres_strerror(error));
	else
		error = portres_create(handle, spec, token);
	portres_spec_free(spec);
	return error;
}

int cmd_add(const struct call *call)
{
	struct portres *handle;
	struct wish wish;
	uint64_t token;
	parse_why why;
	int status;
	int error;

	if (!parse_wish(call->argc, call->argv, &wish, why))
		return misuse("%s", why);
	if (!open_handle(call, &handle))
		return FAILED;
	error = create(handle, &wish, &token);
	status = error ? refuse_add(handle, &wish, error) : tell(handle, token, call->json);
	if (!error)
		tell_end(handle);
	portres_close(handle);
	return status;
}
