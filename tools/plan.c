// SPDX-License-Identifier: GPL-2.0-only
/* Keeps the blocks that are taken, to tell conflicts by the lines that make them. */
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plan.h"
#include "text.h"

struct range entry_range(const struct portres_entry *entry)
{
	return (struct range){ portres_entry_first(entry), portres_entry_count(entry) };
}

static char *place(const char *file, unsigned int line)
{
	char *safe = safe_text(file);
	char *text = line ? format_text("%s:%u", safe, line) : need(strdup(safe));

	free(safe);
	return text;
}

char *entry_place(const struct portres_entry *entry)
{
	return place(portres_entry_file(entry), portres_entry_line(entry));
}

/* By ports; what shares one is the same. */
static int compare(const void *a, const void *b)
{
	const struct taken *one = a;
	const struct taken *two = b;

	if (range_last(&one->range) < two->range.first)
		return -1;
	return one->range.first > range_last(&two->range);
}

static struct taken *add(struct plan *plan, struct range range, const char *name)
{
	struct taken *taken = need(calloc(1, sizeof(*taken)));
	struct taken *const *kept;

	taken->range = range;
	taken->name = name ? need(strdup(name)) : NULL;
	kept = need(tsearch(taken, &plan->tree, compare));
	if (*kept != taken) {
		taken->next = plan->others;
		plan->others = taken;
	}
	return taken;
}

void plan_add_standing(struct plan *plan, const struct portres_reservation *reservation)
{
	struct taken *taken = add(plan, reservation_range(reservation),
				  portres_reservation_name(reservation));

	taken->has_owner = portres_reservation_owner(reservation, &taken->owner) == 0;
	taken->process = reservation_process(reservation);
}

void plan_add_entry(struct plan *plan, const struct portres_entry *entry)
{
	struct taken *taken = add(plan, entry_range(entry), portres_entry_name(entry));

	taken->has_owner = portres_entry_owner(entry, &taken->owner) == 0;
	plan_attribute(taken, entry);
}

void plan_attribute(struct taken *taken, const struct portres_entry *entry)
{
	if (taken->file)
		return;
	taken->file = need(strdup(portres_entry_file(entry)));
	taken->line = portres_entry_line(entry);
}

static void forget(void *item)
{
	struct taken *taken = item;

	free(taken->name);
	free(taken->process);
	free(taken->file);
	free(taken);
}

void plan_free(struct plan *plan)
{
	struct taken *next;

	tdestroy(plan->tree, forget);
	for (; plan->others; plan->others = next) {
		next = plan->others->next;
		forget(plan->others);
	}
}

/* One of the tree that shares a port with the range, or NULL. */
static struct taken *find_any(const struct plan *plan, const struct range *range)
{
	const struct taken key = { .range = *range };
	struct taken *const *kept = tfind(&key, &plan->tree, compare);

	return kept ? *kept : NULL;
}

static bool is(const struct taken *taken, const struct range *range)
{
	return taken->range.first == range->first && taken->range.count == range->count &&
	       !taken->process;
}

struct taken *plan_find(const struct plan *plan, const struct range *range)
{
	/* If it is in the tree nothing else there shares a port with it. */
	struct taken *taken = find_any(plan, range);

	if (taken && is(taken, range))
		return taken;
	for (taken = plan->others; taken; taken = taken->next)
		if (is(taken, range))
			return taken;
	return NULL;
}

/* What stands in parentheses behind the ports; NULL: nothing. To be freed. */
static char *taken_note(const struct taken *taken)
{
	const char *raw = taken->process ? taken->process : taken->name;
	char *safe = raw ? safe_text(raw) : NULL;
	char *note;

	if (!taken->process)
		return safe;
	note = format_text("acquired by %s", safe);
	free(safe);
	return note;
}

static char *taken_text(const struct taken *taken)
{
	char *ports = range_text(taken->range.first, taken->range.count);
	char *note = taken_note(taken);
	char *from = taken->file ? place(taken->file, taken->line) : need(strdup(""));
	char *text = format_text("%s%s%s%s%s%s", ports, note ? " (" : "", note ? note : "",
				 note ? ")" : "", *from ? " from " : "", from);

	free(ports);
	free(note);
	free(from);
	return text;
}

static void append(char **words, const struct taken *taken)
{
	char *text = taken_text(taken);
	char *more = *words ? format_text("%s, %s", *words, text) : need(strdup(text));

	free(*words);
	free(text);
	*words = more;
}

/* By ascending ports. No deeper than the tree: what is found first is the highest there. */
static void append_overlaps(const struct plan *plan, unsigned int first, unsigned int last,
			    char **words)
{
	struct range range = { (uint16_t)first, (uint16_t)(last - first + 1) };
	const struct taken *found = first <= last ? find_any(plan, &range) : NULL;

	if (!found)
		return;
	append_overlaps(plan, first, found->range.first - 1U, words);
	append(words, found);
	append_overlaps(plan, range_last(&found->range) + 1U, last, words);
}

char *plan_overlap(const struct plan *plan, const struct range *range)
{
	const struct taken key = { .range = *range };
	const struct taken *taken;
	char *words = NULL;

	append_overlaps(plan, range->first, range_last(range), &words);
	for (taken = plan->others; taken; taken = taken->next)
		if (compare(taken, &key) == 0)
			append(&words, taken);
	return words;
}
