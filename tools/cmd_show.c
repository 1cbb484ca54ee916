// SPDX-License-Identifier: GPL-2.0-only
/* portres show: a table of all reservations, or all about those in a range. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plan.h"
#include "text.h"

struct view {
	struct range range;
	bool all;
	bool json;
	struct records records;
	struct plan standing;
	unsigned int missing;
};

static int look(const struct portres_reservation *reservation, void *arg)
{
	struct range range = reservation_range(reservation);
	struct view *view = arg;
	struct record *record;

	plan_add_standing(&view->standing, reservation);
	if (range_last(&range) < view->range.first || range.first > range_last(&view->range))
		return 0;
	record = records_add(&view->records);
	describe(record, reservation);
	if (!view->all)
		describe_bound(record, reservation);
	return 0;
}

static int refuse_empty(const struct view *view)
{
	char *ports = range_text(view->range.first, view->range.count);

	refuse(view->range.count == 1 ? "udp port %s is not reserved" :
	       "no udp port of %s is reserved", ports);
	free(ports);
	return FAILED;
}

static int print(const struct view *view)
{
	if (view->json)
		print_json(&view->records);
	else if (!view->all)
		print_details(&view->records);
	else if (view->records.count)
		print_table(&view->records);
	else
		puts("Nothing is reserved.");
	if (view->all || view->records.count)
		return DONE;
	return refuse_empty(view);
}

static int count_missing(const struct portres_entry *entry, void *arg)
{
	struct range range = entry_range(entry);
	struct view *view = arg;

	if (portres_entry_error(entry) || !plan_find(&view->standing, &range))
		view->missing++;
	return 0;
}

/* Not among what is shown: nothing guards these ports. */
static void tell_missing(struct portres *handle, struct view *view)
{
	if (portres_for_each_entry(handle, count_missing, view) == 0 && view->missing)
		note("%u more %s stored or declared, but not in force: see \"portres restore "
		     "--dry-run\"", view->missing, view->missing > 1 ? "are" : "is");
}

/* [udp] [RANGE] */
static bool parse(const struct call *call, struct view *view, parse_why why)
{
	struct wish wish;

	view->json = call->json;
	view->all = call->argc == 0 || (call->argc == 1 && strcmp(call->argv[0], "udp") == 0);
	view->range = (struct range){ 1, UINT16_MAX };
	if (view->all)
		return true;
	if (call->argc == 1)
		return parse_range(call->argv[0], &view->range, why);
	if (!parse_block(call->argc, call->argv, &wish, why))
		return false;
	view->range = wish.range;
	return true;
}

int cmd_show(const struct call *call)
{
	struct portres *handle;
	struct view view = { 0 };
	parse_why why;
	int status;
	int error;

	if (!parse(call, &view, why))
		return misuse("%s", why);
	if (!open_handle(call, &handle))
		return FAILED;
	error = portres_for_each(handle, look, &view);
	status = error ? refuse_error(error, portres_error(handle)) : print(&view);
	if (!error && view.all)
		tell_missing(handle, &view);
	plan_free(&view.standing);
	records_free(&view.records);
	portres_close(handle);
	return status;
}
