// SPDX-License-Identifier: GPL-2.0-only
/* portres add: creates a reservation and prints it with its token. */
#include <errno.h>
#include <string.h>

#include "command.h"
#include "describe.h"
#include "failure.h"
#include "grantee.h"
#include "kernel/protocol.h"
#include "message.h"
#include "open.h"
#include "report.h"
#include "text.h"

struct creation {
	const struct portres_spec *spec;
	uint64_t token;
};

static bool has_name(const struct portres_reservation *reservation, const char *wanted)
{
	const char *name = portres_reservation_name(reservation);

	return name && wanted ? strcmp(name, wanted) == 0 : !name && !wanted;
}

/* What stands: exactly that block, of one protocol. */
enum same { SAME, OTHER_GRANTS, OTHER_NAME, NOT_SAME };

static enum same compare_block(struct portres *handle, const struct block_args *args,
			       uint8_t protocol)
{
	struct portres_reservation *found;
	enum same same = SAME;

	if (portres_get_block(handle, protocol, args->range.first, args->range.count, &found))
		return NOT_SAME;
	if (portres_reservation_runtime(found))
		same = NOT_SAME;
	else if (!has_grants_of(found, args))
		same = OTHER_GRANTS;
	else if (!has_name(found, args->name))
		same = OTHER_NAME;
	portres_reservation_free(found);
	return same;
}

/* Finds an entry for one of the two halves alone. */
static int find_half(const struct portres_entry *entry, void *arg)
{
	const struct range *wanted = arg;
	struct range range = entry_range(entry);

	return !portres_entry_error(entry) && portres_entry_protocol(entry) != PORTRES_BOTH &&
	       range.first == wanted->first && range.count == wanted->count;
}

static enum same compare(struct portres *handle, const struct block_args *args)
{
	struct range range = args->range;
	uint8_t halves[PORTRES_HALVES];
	unsigned int count = portres_protocol_halves(args->protocol, halves);
	enum same same = SAME;
	unsigned int i;

	for (i = 0; i < count; i++) {
		enum same one = compare_block(handle, args, halves[i]);

		if (one > same)
			same = one;
	}
	if (count > 1 && same != NOT_SAME && portres_for_each_entry(handle, find_half, &range) > 0)
		same = NOT_SAME;
	return same;
}

/* Something is in the way: is it what was asked for? */
static int check_overlap(struct portres *handle, const struct block_args *args, bool json)
{
	char *message = check_alloc(strdup(portres_error(handle)));
	char *ports = block_ports_text(args->protocol, &args->range);
	int status = FAILED;

	switch (compare(handle, args)) {
	case NOT_SAME:
		print_add_error(handle, args, -EEXIST, message);
		break;
	case OTHER_GRANTS:
		print_error("%s is already reserved for others: use \"portres replace\" or "
			    "\"portres set\"", ports);
		break;
	case OTHER_NAME:
		print_error("%s is already reserved with another name: use \"portres replace\" or "
			    "\"portres set\"", ports);
		break;
	case SAME:
		print_block(handle, args->protocol, &args->range, json);
		print_note("%s is already reserved exactly so: nothing was changed", ports);
		status = ALREADY_EXISTS;
	}
	free(ports);
	free(message);
	return status;
}

static int create(struct portres *handle, void *arg)
{
	struct creation *creation = arg;

	return portres_create(handle, creation->spec, &creation->token);
}

static int add(struct portres *handle, const struct block_args *args, bool json)
{
	struct portres_spec *spec = args_spec(args);
	struct creation creation = { .spec = spec };
	int error;

	if (!spec)
		return FAILED;
	error = run_with_note(handle, create, &creation);
	portres_spec_free(spec);
	if (error == -EEXIST)
		return check_overlap(handle, args, json);
	if (error)
		return print_add_error(handle, args, error, portres_error(handle));
	report_reservation(handle, args->protocol, creation.token, json);
	if (args->adopt)
		note_adopted(args->protocol, &args->range);
	if (args_need_cgroups(args))
		note_about_cgroups();
	return DONE;
}

int cmd_add(const struct call *call)
{
	return run_on_block(call, add);
}
