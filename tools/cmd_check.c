// SPDX-License-Identifier: GPL-2.0-only
/* portres check: checks files of declarations. Needs neither the kernel nor the names of users. */
#include <stdlib.h>

#include "command.h"
#include "describe.h"
#include "message.h"
#include "open.h"
#include "output.h"
#include "plan.h"
#include "failure.h"
#include "text.h"

struct checks {
	struct plan plan;
	bool json;
	int status;
};

/* Prints the last error, which is about an entry or a file, as JSON. */
static void report_failure(struct checks *checks, const char *file, unsigned int line)
{
	struct records records = { 0 };
	struct record *record = records_add(&records);

	checks->status = FAILED;
	if (checks->json) {
		put_text(record, "result", NULL, 0, "failed");
		put_text(record, "reason", NULL, 0, last_error());
		put_text(record, "file", NULL, 0, file);
		put_number(record, "line", NULL, 0, line);
		print_line(record, true);
	}
	records_free(&records);
}

static int check_entry(const struct portres_entry *entry, void *arg)
{
	uint8_t protocol = portres_entry_protocol(entry);
	struct range range = entry_range(entry);
	struct checks *checks = arg;
	char *place = entry_location(entry);
	char *overlap = NULL;
	char *ports = NULL;

	set_error_prefix(place);
	if (portres_entry_error(entry)) {
		print_entry_error(entry);
		report_failure(checks, portres_entry_file(entry), portres_entry_line(entry));
	} else {
		overlap = plan_overlap(&checks->plan, protocol, &range);
		plan_add_entry(&checks->plan, entry, true);
	}
	if (overlap) {
		ports = block_ports_text(protocol, &range);
		print_error("%s overlaps %s", ports, overlap);
		report_failure(checks, portres_entry_file(entry), portres_entry_line(entry));
	}
	set_error_prefix(NULL);
	free(ports);
	free(overlap);
	free(place);
	return 0;
}

int cmd_check(const struct call *call)
{
	struct checks checks = { .json = call->json, .status = DONE };
	struct portres *handle;
	int i;

	if (!call->argc)
		return print_usage_error("check needs a file: see portres --help");
	if (!open_files(call, &handle))
		return FAILED;
	for (i = 0; i < call->argc; i++)
		if (portres_check_file(handle, call->argv[i], check_entry, &checks)) {
			print_error("%s", portres_error(handle));
			report_failure(&checks, call->argv[i], 0);
		}
	plan_free(&checks.plan);
	portres_close(handle);
	return checks.status;
}
