// SPDX-License-Identifier: GPL-2.0-only
/* portres check: whether files of declarations make sense. Asks neither kernel nor users. */
#include <stdlib.h>

#include "plan.h"
#include "text.h"

struct checks {
	struct plan plan;
	int status;
};

static int check(const struct portres_entry *entry, void *arg)
{
	struct range range = entry_range(entry);
	struct checks *checks = arg;
	char *place = entry_place(entry);
	char *overlap = NULL;
	char *ports = NULL;

	if (portres_entry_error(entry)) {
		char *safe = safe_text(portres_entry_error(entry));

		checks->status = refuse("%s: %s", place, safe);
		free(safe);
	} else {
		overlap = plan_overlap(&checks->plan, &range);
		plan_add_entry(&checks->plan, entry);
	}
	if (overlap) {
		ports = range_text(range.first, range.count);
		checks->status = refuse("%s: %s overlaps %s", place, ports, overlap);
	}
	free(ports);
	free(overlap);
	free(place);
	return 0;
}

int cmd_check(const struct call *call)
{
	struct checks checks = { .status = DONE };
	struct portres *handle;
	int i;

	if (!call->argc)
		return misuse("check needs the name of a file");
	if (!open_handle(call, &handle))
		return FAILED;
	for (i = 0; i < call->argc; i++)
		if (portres_check_file(handle, call->argv[i], check, &checks))
			checks.status = refuse("%s", portres_error(handle));
	plan_free(&checks.plan);
	portres_close(handle);
	return checks.status;
}
