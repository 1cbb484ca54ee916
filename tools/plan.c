// SPDX-License-Identifier: GPL-2.0-only
/* Keeps the blocks that are taken, to tell conflicts by the lines that make them. */
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

static struct taken *add(struct plan *plan, struct range range, const char *name)
{
	struct taken *taken;

	plan->items = need(reallocarray(plan->items, plan->count + 1, sizeof(*plan->items)));
	taken = &plan->items[plan->count++];
	memset(taken, 0, sizeof(*taken));
	taken->range = range;
	taken->name = name ? need(strdup(name)) : NULL;
	return taken;
}

void plan_add_standing(struct plan *plan, const struct portres_reservation *reservation)
{
	struct taken *taken = add(plan, reservation_range(reservation),
				  portres_reservation_name(reservation));

	taken->has_owner = portres_reservation_owner(reservation, &taken->owner) == 0;
	taken->stands = true;
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

void plan_free(struct plan *plan)
{
	size_t i;

	for (i = 0; i < plan->count; i++) {
		free(plan->items[i].name);
		free(plan->items[i].file);
	}
	free(plan->items);
}

struct taken *plan_find(const struct plan *plan, const struct range *range)
{
	size_t i;

	for (i = 0; i < plan->count; i++)
		if (plan->items[i].range.first == range->first &&
		    plan->items[i].range.count == range->count)
			return &plan->items[i];
	return NULL;
}

static bool overlaps(const struct range *a, const struct range *b)
{
	return a->first <= range_last(b) && b->first <= range_last(a);
}

static char *taken_text(const struct taken *taken)
{
	char *ports = range_text(taken->range.first, taken->range.count);
	char *name = safe_text(taken->name ? taken->name : "");
	char *from = taken->file ? place(taken->file, taken->line) : need(strdup(""));
	char *text = format_text("%s%s%s%s%s%s", ports, taken->name ? " (" : "", name,
				 taken->name ? ")" : "", *from ? " from " : "", from);

	free(ports);
	free(name);
	free(from);
	return text;
}

char *plan_overlap(const struct plan *plan, const struct range *range)
{
	char *words = NULL;
	size_t i;

	for (i = 0; i < plan->count; i++) {
		char *text;
		char *more;

		if (!overlaps(&plan->items[i].range, range))
			continue;
		text = taken_text(&plan->items[i]);
		more = words ? format_text("%s, %s", words, text) : need(strdup(text));
		free(words);
		free(text);
		words = more;
	}
	return words;
}
