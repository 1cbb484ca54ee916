// SPDX-License-Identifier: GPL-2.0-only
/* portres show: a table of reservations, or the details of those in a range. */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "active.h"
#include "command.h"
#include "describe.h"
#include "failure.h"
#include "filter.h"
#include "kernel/protocol.h"
#include "message.h"
#include "open.h"
#include "output.h"
#include "parse.h"
#include "refused.h"
#include "text.h"

struct view {
	struct portres *handle;
	uint8_t protocol;	/* PORTRES_BOTH: each */
	struct range range;
	bool all;
	bool filtered;
	bool json;
	struct filter filter;
	struct records records;	/* JSON: none, each is printed when it comes */
	size_t shown;
	struct active active;
	unsigned int missing;
};

/* The details of one: the list does not have what only the look at one reservation tells. */
static void view_describe(struct view *view, struct record *record,
			  const struct portres_reservation *listed)
{
	struct portres_reservation *found = NULL;

	describe(record, listed);
	if (view->all)
		return;
	portres_get_block(view->handle, portres_reservation_protocol(listed),
			  portres_reservation_first(listed), portres_reservation_count(listed),
			  &found);
	refused_describe_all(record, found ? found : listed);
	portres_reservation_free(found);
	describe_bound(record, listed);
}

static void view_print_item(struct view *view, const struct portres_reservation *reservation)
{
	struct record record = { .use = FOR_JSON };

	view_describe(view, &record, reservation);
	print_item(&record, view->shown);
	record_clear(&record);
}

static void view_add_record(struct view *view, const struct portres_reservation *reservation)
{
	struct record *record = records_add(&view->records);

	if (view->all)
		record->use = FOR_TABLE;
	view_describe(view, record, reservation);
}

static int view_add(const struct portres_reservation *reservation, void *arg)
{
	struct range range = reservation_range(reservation);
	struct view *view = arg;

	active_add(&view->active, reservation);
	if (!portres_protocols_meet(portres_reservation_protocol(reservation), view->protocol) ||
	    !range_overlaps(&range, &view->range))
		return 0;
	if (view->filtered && !filter_has(&view->filter, reservation))
		return 0;
	if (view->json)
		view_print_item(view, reservation);
	else
		view_add_record(view, reservation);
	view->shown++;
	return 0;
}

static int print_empty_error(const struct view *view)
{
	bool any = view->protocol == PORTRES_BOTH;
	char *ports;

	if (view->filtered)
		return print_error("no reservation is like that");
	ports = range_text(view->range.first, view->range.count);
	print_error(view->range.count == 1 ? "%s%sport %s is not reserved" :
		    "no %s%sport of %s is reserved",
		    any ? "" : portres_protocol_word(view->protocol), any ? "" : " ", ports);
	free(ports);
	return FAILED;
}

static int view_print(const struct view *view)
{
	bool needless = view->all && !view->filtered;

	if (view->json)
		print_end(view->shown);
	else if (!view->all)
		print_details(&view->records);
	else if (view->shown)
		print_table(&view->records);
	else if (needless)
		puts(view->protocol == PORTRES_BOTH ? "Nothing is reserved." :
		     view->protocol == IPPROTO_TCP ? "No TCP port is reserved." :
						     "No UDP port is reserved.");
	if (needless || view->shown)
		return DONE;
	return print_empty_error(view);
}

static int count_missing(const struct portres_entry *entry, void *arg)
{
	struct range range = entry_range(entry);
	struct view *view = arg;

	if (portres_entry_ignored(entry) ||
	    (!portres_entry_error(entry) &&
	     !portres_protocols_meet(portres_entry_protocol(entry), view->protocol)))
		return 0;
	if (portres_entry_error(entry) ||
	    !active_has(&view->active, portres_entry_protocol(entry), &range))
		view->missing++;
	return 0;
}

/* Entries that are not active are not shown: nothing enforces them. */
static void note_missing(struct portres *handle, struct view *view)
{
	if (portres_for_each_entry(handle, count_missing, view) == 0 && view->missing)
		print_note("%u more %s stored or declared, but not active: see \"portres restore "
			   "--dry-run\"", view->missing, view->missing > 1 ? "are" : "is");
}

/* [PROTOCOL] [RANGE] */
static bool parse_place(int argc, char **argv, struct view *view, parse_reason reason)
{
	const char *word = argc ? argv[0] : "";
	struct block_args args;

	view->protocol = PORTRES_BOTH;
	view->range = (struct range){ 1, UINT16_MAX };
	view->all = argc == 0 ||
		    (argc == 1 &&
		     portres_protocol_find(word, (unsigned int)strlen(word), &view->protocol));
	if (view->all)
		return true;
	/* A word that cannot be a range is parsed as a protocol, as by add. */
	if (argc == 1 && strspn(word, "0123456789-+"))
		return parse_range(word, &view->range, reason);
	if (!parse_block(argc, argv, &args, reason))
		return false;
	view->protocol = args.protocol;
	view->range = args.range;
	return true;
}

/* [PROTOCOL] [RANGE] [for GRANTEE]... [name GLOB] [bound] */
static bool view_parse(const struct call *call, struct view *view, parse_reason reason)
{
	int place = filter_find(call->argc, call->argv);

	view->json = call->json;
	view->filtered = place < call->argc;
	return parse_place(place, call->argv, view, reason) &&
	       filter_parse(call->argc - place, call->argv + place, &view->filter, reason);
}

int cmd_show(const struct call *call)
{
	struct portres *handle;
	struct view view = { 0 };
	parse_reason reason;
	int status;
	int error;

	if (!view_parse(call, &view, reason))
		return print_usage_error("%s", reason);
	if (!open_handle(call, &handle))
		return FAILED;
	view.handle = handle;
	error = portres_for_each(handle, view_add, &view);
	status = error ? print_library_error(error, portres_error(handle)) : view_print(&view);
	if (!error && view.all && !view.filtered)
		note_missing(handle, &view);
	active_free(&view.active);
	filter_free(&view.filter);
	records_free(&view.records);
	portres_close(handle);
	return status;
}
