// SPDX-License-Identifier: GPL-2.0-only
/* portres restore: reserves what is stored and what is declared, each entry separately. */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "describe.h"
#include "message.h"
#include "open.h"
#include "output.h"
#include "plan.h"
#include "failure.h"
#include "grantee.h"
#include "sockets.h"
#include "text.h"

/* Time limit of the retries for each entry, just after the module was loaded. */
#define PATIENCE_MILLISECONDS 60000

struct restore_run {
	struct portres *handle;
	bool json;
	bool dry;
	struct plan plan;	/* active and planned blocks */
	struct socket_list tcp;	/* for a dry run */
	struct socket_list udp;
	unsigned int made;
	unsigned int changed;
	unsigned int stood;
	unsigned int again;	/* entries for blocks that are already planned */
	unsigned int failed;
	bool by_cgroup;	/* a unit or cgroup was granted */
};

static int add_active(const struct portres_reservation *reservation, void *arg)
{
	struct restore_run *r = arg;

	plan_add_active(&r->plan, reservation);
	return 0;
}

/* reason: the error message, or NULL */
static void print_result(const struct restore_run *r, const struct portres_entry *entry,
			 const char *result, const char *reason)
{
	struct record record;
	char *place = entry_location(entry);

	record_begin(&record, r->json ? FOR_JSON : FOR_WORDS);
	put_text(&record, "result", "result", IN_WORDS | BARE, result);
	put_text(&record, "reason", NULL, 0, reason);
	describe_entry(&record, entry);
	put_text(&record, NULL, "from", IN_WORDS, place);
	put_text(&record, "file", NULL, 0, portres_entry_file(entry));
	put_number(&record, "line", NULL, 0, portres_entry_line(entry));
	print_line(&record, r->json);
	record_clear(&record);
	free(place);
}

static void print_exists_error(const struct restore_run *r, const struct block_args *args,
			       int error)
{
	const struct range *range = &args->range;
	char *ports = block_ports_text(args->protocol, range);
	char *overlap = plan_overlap(&r->plan, args->protocol, range);
	const struct plan_match same = plan_find(&r->plan, args->protocol, range);
	char *from = same.count ? plan_block_location(same.blocks[0]) : NULL;

	if (from && same.blocks[0]->protocol == args->protocol)
		print_error("%s %s for others by %s: remove one of the two", ports,
			    same.blocks[0]->planned ? "would be reserved" : "is reserved", from);
	else if (overlap)
		print_error("%s overlaps %s", ports, overlap);
	else
		/* Created after the list was read. */
		print_add_error(r->handle, args, error, portres_error(r->handle));
	free(overlap);
	free(ports);
	free(from);
}

/* Prints the error, prefixed with the location of the entry. */
static void print_restore_error(const struct restore_run *r, const struct portres_entry *entry,
				int error)
{
	struct block_args args = { .protocol = portres_entry_protocol(entry),
			     .range = entry_range(entry) };
	char *place = entry_location(entry);

	set_error_prefix(place);
	if (portres_entry_error(entry))
		print_entry_error(entry);
	else if (error == -EEXIST)
		print_exists_error(r, &args, error);
	else
		print_add_error(r->handle, &args, error, portres_error(r->handle));
	set_error_prefix(NULL);
	free(place);
}

static bool is_in_use(const struct restore_run *r, uint8_t protocol, const struct range *range)
{
	return (protocol != IPPROTO_UDP && sockets_inside(&r->tcp, range)) ||
	       (protocol != IPPROTO_TCP && sockets_inside(&r->udp, range));
}

static bool is_as_wanted(const struct plan_match *match, const struct portres_entry *entry)
{
	return match->count && plan_has_name_of(match, entry) && plan_has_grants_of(match, entry);
}

static int predict_half(const struct restore_run *r, const struct portres_entry *entry,
			uint8_t protocol)
{
	struct range range = entry_range(entry);
	const struct plan_match same = plan_find(&r->plan, protocol, &range);
	char *overlap;

	if (same.count)
		return is_as_wanted(&same, entry) ? PORTRES_STOOD : PORTRES_CHANGED;
	overlap = plan_overlap(&r->plan, protocol, &range);
	free(overlap);
	if (overlap)
		return -EEXIST;
	if (is_in_use(r, protocol, &range) && !portres_entry_adopt(entry))
		return -EADDRINUSE;
	return PORTRES_MADE;
}

/* Predicts the result of a dry run, from the sockets and reservations that are visible. */
static int predict(const struct restore_run *r, const struct portres_entry *entry, int *done)
{
	uint8_t halves[PORTRES_HALVES];
	unsigned int count;
	unsigned int i;

	*done = PORTRES_STOOD;
	if (portres_entry_error(entry))
		return -EINVAL;
	count = portres_protocol_halves(portres_entry_protocol(entry), halves);
	for (i = 0; i < count; i++) {
		int result = predict_half(r, entry, halves[i]);

		if (result < 0)
			return result;
		if (result && *done != PORTRES_MADE)
			*done = result;
	}
	return 0;
}

/* Check whether an entry for one half of a block in both protocols counts. */
static bool has_half(const struct restore_run *r, const struct portres_entry *entry)
{
	struct range range = entry_range(entry);
	uint8_t halves[PORTRES_HALVES];
	unsigned int count = portres_protocol_halves(portres_entry_protocol(entry), halves);
	unsigned int i;

	for (i = 0; count > 1 && i < count; i++) {
		const struct plan_match half = plan_find(&r->plan, halves[i], &range);

		if (half.count && half.blocks[0]->file &&
		    half.blocks[0]->protocol != PORTRES_BOTH)
			return true;
	}
	return false;
}

/*
 * Of two entries of one block the first counts; another name in the second is not an error. What
 * was active as its entry says when the list was read, in both protocols if it is for both, needs
 * no request: a deletion since then comes, as one after this restore would, after it.
 */
static int restore_one(const struct restore_run *r, const struct portres_entry *entry, int *done)
{
	struct range range = entry_range(entry);
	struct plan_match same = { 0 };

	if (!portres_entry_error(entry))
		same = plan_find(&r->plan, portres_entry_protocol(entry), &range);
	*done = PORTRES_STOOD;
	if (!portres_entry_error(entry) && has_half(r, entry))
		return -EEXIST;
	if (same.count && same.blocks[0]->file)
		return plan_has_grants_of(&same, entry) ? 0 : -EEXIST;
	if (is_as_wanted(&same, entry))
		return 0;
	return r->dry ? predict(r, entry, done) : portres_restore(r->handle, entry, done);
}

static void report_restored(struct restore_run *r, const struct portres_entry *entry)
{
	r->made++;
	plan_add_entry(&r->plan, entry, r->dry);
	print_result(r, entry, r->dry ? "would reserve" : "reserved", NULL);
}

static void report_changed(struct restore_run *r, const struct portres_entry *entry)
{
	struct range range = entry_range(entry);
	const struct plan_match match = plan_find(&r->plan, portres_entry_protocol(entry), &range);

	r->changed++;
	if (match.count)
		plan_change(&match, entry, match.blocks[0]->planned);
	print_result(r, entry, r->dry ? "would change" : "changed", NULL);
}

/* It is there, or will be by then. */
static void report_active(struct restore_run *r, const struct portres_entry *entry)
{
	struct range range = entry_range(entry);
	const struct plan_match match = plan_find(&r->plan, portres_entry_protocol(entry), &range);
	bool planned = match.count && match.blocks[0]->planned;

	if (planned)
		r->again++;
	else
		r->stood++;
	plan_set_location(&match, entry);
	if (r->json)
		print_result(r, entry, planned ? "would stand" : "stands", NULL);
}

/* A file in the store that is no reservation: no failure. */
static int report_ignored(const struct restore_run *r, const struct portres_entry *entry)
{
	char *place = entry_location(entry);
	char *safe = safe_text(portres_entry_error(entry));

	print_note("%s: %s", place, safe);
	if (r->json)
		print_result(r, entry, "ignored", safe);
	free(place);
	free(safe);
	return 0;
}

static int restore_entry(const struct portres_entry *entry, void *arg)
{
	struct restore_run *r = arg;
	int done;
	int error;

	if (portres_entry_ignored(entry))
		return report_ignored(r, entry);
	error = restore_one(r, entry, &done);
	if (error) {
		r->failed++;
		print_restore_error(r, entry, error);
		if (r->json)
			print_result(r, entry, "failed", last_error());
	} else if (done == PORTRES_MADE) {
		r->by_cgroup |= entry_needs_cgroups(entry);
		report_restored(r, entry);
	} else if (done == PORTRES_CHANGED) {
		r->by_cgroup |= entry_needs_cgroups(entry);
		report_changed(r, entry);
	} else {
		report_active(r, entry);
	}
	/* Without the module or the privilege every entry fails in the same way. */
	return error == -ENOSYS || error == -EPERM ? error : 0;
}

static void print_nothing(bool json)
{
	struct record record;

	if (!json) {
		puts("This network namespace has no name: nothing is stored for it.");
		return;
	}
	record_begin(&record, FOR_JSON);
	put_text(&record, "result", NULL, 0, "nothing");
	put_text(&record, "reason", NULL, 0,
		 "this network namespace has no name: nothing is stored for it");
	put_text(&record, "file", NULL, 0, NULL);
	put_number(&record, "line", NULL, 0, 0);
	print_line(&record, true);
	record_clear(&record);
}

static void print_summary(const struct restore_run *r)
{
	const char *path = NULL;
	char changed[64] = "";

	if (portres_store_path(r->handle, &path) == 0 && !path)
		return print_nothing(r->json);
	if (r->json)
		return;
	if (r->changed)
		snprintf(changed, sizeof(changed), ", %u %schanged", r->changed,
			 r->dry ? "would be " : "");
	if (r->dry)
		printf("%u would be reserved%s%s, %u already active, %u would fail\n", r->made,
		       r->again ? " (one or more by several lines)" : "", changed, r->stood,
		       r->failed);
	else
		printf("%u reserved%s, %u already active, %u failed\n", r->made, changed,
		       r->stood, r->failed);
}

static int restore_all(struct restore_run *r)
{
	int error = portres_for_each(r->handle, add_active, r);

	if (error)
		return print_library_error(error, portres_error(r->handle));
	error = portres_for_each_entry(r->handle, restore_entry, r);
	if (error && !r->failed)
		return print_library_error(error, portres_error(r->handle));
	print_summary(r);
	if (r->by_cgroup)
		note_about_cgroups();
	return r->failed ? FAILED : DONE;
}

int cmd_restore(const struct call *call)
{
	struct restore_run r = { .json = call->json, .dry = call->dry_run };
	const struct range all = { 1, UINT16_MAX };
	int status;

	if (call->argc)
		return print_usage_error("restore takes no arguments: see portres --help");
	if (!open_handle(call, &r.handle))
		return FAILED;
	portres_set_timeout(r.handle, PATIENCE_MILLISECONDS);
	if (r.dry) {
		sockets_list(IPPROTO_TCP, &all, &r.tcp);
		sockets_list(IPPROTO_UDP, &all, &r.udp);
	}
	status = restore_all(&r);
	sockets_free(&r.tcp);
	sockets_free(&r.udp);
	plan_free(&r.plan);
	portres_close(r.handle);
	return status;
}
