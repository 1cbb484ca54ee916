// SPDX-License-Identifier: GPL-2.0-only
/* portres restore: makes stand what is stored and what is declared, each entry for itself. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plan.h"
#include "sockets.h"
#include "text.h"

struct restoration {
	struct portres *handle;
	bool json;
	bool dry;
	struct plan plan;	/* what stands, or will */
	struct socket_list bound;	/* if it is dry */
	unsigned int made;
	unsigned int stood;
	unsigned int failed;
};

static int note_standing(const struct portres_reservation *reservation, void *arg)
{
	struct restoration *r = arg;

	plan_add_standing(&r->plan, reservation);
	return 0;
}

static void tell(const struct restoration *r, const struct portres_entry *entry,
		 const char *result)
{
	struct records records = { 0 };
	struct record *record = records_add(&records);
	char *place = entry_place(entry);

	put_text(record, "result", "result", IN_WORDS | BARE, result);
	describe_entry(record, entry);
	put_text(record, NULL, "from", IN_WORDS, place);
	put_text(record, "file", NULL, 0, portres_entry_file(entry));
	put_number(record, "line", NULL, 0, portres_entry_line(entry));
	print_line(record, r->json);
	records_free(&records);
	free(place);
}

static void refuse_malformed(const struct portres_entry *entry)
{
	char *safe = safe_text(portres_entry_error(entry));

	refuse("%s", safe);
	free(safe);
}

static void refuse_taken(const struct restoration *r, const struct wish *wish, int error)
{
	const struct range *range = &wish->range;
	char *ports = range_text(range->first, range->count);
	char *overlap = plan_overlap(&r->plan, range);

	if (plan_find(&r->plan, range))
		refuse("%s stands already, but for another user: delete it first", ports);
	else if (overlap)
		refuse("%s overlaps %s", ports, overlap);
	else
		/* It was made since. */
		refuse_add(r->handle, wish, error);
	free(overlap);
	free(ports);
}

/* Says why, after the place of the entry. */
static void explain(const struct restoration *r, const struct portres_entry *entry, int error)
{
	struct wish wish = { .protocol = portres_entry_protocol(entry),
			     .range = entry_range(entry) };
	char *place = entry_place(entry);

	blame(place);
	if (portres_entry_error(entry))
		refuse_malformed(entry);
	else if (error == -EEXIST)
		refuse_taken(r, &wish, error);
	else
		refuse_add(r->handle, &wish, error);
	blame(NULL);
	free(place);
}

static bool same_owner(const struct taken *taken, const struct portres_entry *entry)
{
	uid_t owner;
	bool has = portres_entry_owner(entry, &owner) == 0;

	return has == taken->has_owner && (!has || owner == taken->owner);
}

/* What would become of it, as far as that can be seen. */
static int foresee(const struct restoration *r, const struct portres_entry *entry, int *made)
{
	struct range range = entry_range(entry);
	struct taken *same = plan_find(&r->plan, &range);
	char *overlap;

	*made = 0;
	if (portres_entry_error(entry))
		return -EINVAL;
	if (same)
		return same_owner(same, entry) ? 0 : -EEXIST;
	overlap = plan_overlap(&r->plan, &range);
	free(overlap);
	if (overlap)
		return -EEXIST;
	if (sockets_inside(&r->bound, &range))
		return -EADDRINUSE;
	*made = 1;
	return 0;
}

static int restore(const struct portres_entry *entry, void *arg)
{
	struct restoration *r = arg;
	struct range range = entry_range(entry);
	struct taken *taken;
	int made;
	int error = r->dry ? foresee(r, entry, &made) : portres_restore(r->handle, entry, &made);

	if (error) {
		r->failed++;
		if (r->json)
			tell(r, entry, "failed");
		explain(r, entry, error);
	} else if (made) {
		r->made++;
		plan_add_entry(&r->plan, entry);
		tell(r, entry, r->dry ? "would reserve" : "reserved");
	} else {
		r->stood++;
		taken = plan_find(&r->plan, &range);
		if (taken)
			plan_attribute(taken, entry);
		if (r->json)
			tell(r, entry, "stands");
	}
	/* Without the module, or the right, it is the same for each of them. */
	return error == -ENOSYS || error == -EPERM ? error : 0;
}

static void sum_up(const struct restoration *r)
{
	const char *path = NULL;

	if (r->json)
		return;
	if (portres_store_path(r->handle, &path) == 0 && !path)
		puts("This network namespace has no name: nothing is kept for it.");
	else if (r->dry)
		printf("%u would be reserved, %u stand, %u would fail\n", r->made, r->stood,
		       r->failed);
	else
		printf("%u reserved, %u stood already, %u failed\n", r->made, r->stood,
		       r->failed);
}

static int restore_all(struct restoration *r)
{
	int error = portres_for_each(r->handle, note_standing, r);

	if (error)
		return refuse_error(error, portres_error(r->handle));
	error = portres_for_each_entry(r->handle, restore, r);
	if (error && !r->failed)
		return refuse_error(error, portres_error(r->handle));
	sum_up(r);
	return r->failed ? FAILED : DONE;
}

int cmd_restore(const struct call *call)
{
	struct restoration r = { .json = call->json, .dry = call->dry_run };
	const struct range all = { 1, UINT16_MAX };
	int status;

	if (call->argc)
		return misuse("restore takes no words: see portres --help");
	if (!open_handle(call, &r.handle))
		return FAILED;
	if (r.dry)
		sockets_list(&all, &r.bound);
	status = restore_all(&r);
	sockets_free(&r.bound);
	plan_free(&r.plan);
	portres_close(r.handle);
	return status;
}
