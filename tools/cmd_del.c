// SPDX-License-Identifier: GPL-2.0-only
/* portres del: ends a reservation. */
#include <stdlib.h>

#include "plan.h"

/* A declaration is not the command's to change. */
static int find_declared(const struct portres_entry *entry, void *arg)
{
	const struct wish *wish = arg;
	struct range range = entry_range(entry);
	char *place;

	if (range.first != wish->range.first || range.count != wish->range.count)
		return 0;
	place = entry_place(entry);
	note("it is declared in %s: it comes back with the next restore or boot", place);
	free(place);
	return 1;
}

int cmd_del(const struct call *call)
{
	struct portres *handle;
	struct wish wish;
	int status = DONE;
	parse_why why;
	int error;

	if (!parse_block(call->argc, call->argv, &wish, why))
		return misuse("%s", why);
	if (!open_handle(call, &handle))
		return FAILED;
	error = portres_delete(handle, wish.protocol, wish.range.first, wish.range.count);
	if (error)
		status = refuse_del(handle, &wish, error);
	else
		portres_for_each_entry(handle, find_declared, &wish);
	portres_close(handle);
	return status;
}
