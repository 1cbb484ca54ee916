// SPDX-License-Identifier: LGPL-2.1-or-later
/* Collects entries from files; the order and the directories are for sources.c. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "entries.h"

static struct portres_entry *add(struct portres_entries *entries, unsigned int line)
{
	struct portres_entry *entry;

	if (entries->count == entries->room) {
		size_t room = entries->room ? 2 * entries->room : 16;
		void *items = reallocarray(entries->items, room, sizeof(*entries->items));

		if (!items)
			return NULL;
		entries->items = items;
		entries->room = room;
	}
	entry = &entries->items[entries->count];
	memset(entry, 0, sizeof(*entry));
	entry->file = strdup(entries->file);
	if (!entry->file)
		return NULL;
	entry->line = line;
	entry->stored = entries->stored;
	entries->count++;
	return entry;
}

int portres_entries_fault(struct portres_entries *entries, unsigned int line, int error,
			  const char *why)
{
	struct portres_entry *entry = add(entries, line);

	if (!entry)
		return -ENOMEM;
	entry->error = error;
	entry->why = strdup(why);
	return entry->why ? 0 : -ENOMEM;
}

/* Returns false, with why, if there is no such user. */
static bool find_owner(const struct portres_entries *entries, const char *user,
		       struct portres_spec *spec, portres_why why)
{
	int error;

	spec->has_owner = true;
	if (portres_words_number(user, &spec->owner))
		return true;
	if (!entries->users) {
		spec->has_owner = false;
		return true;
	}
	error = portres_find_user(entries->handle, user, &spec->owner);
	if (error == -ENOENT)
		snprintf(why, PORTRES_WHY_MAX, "\"%.100s\" is not a user here: expected the name "
			 "of one or a number", user);
	else if (error)
		snprintf(why, PORTRES_WHY_MAX, "the user \"%.100s\" cannot be looked up: %s", user,
			 portres_errno_text(error));
	return !error;
}

static int take_line(unsigned int line, const struct portres_words *words, const char *why,
		     void *arg)
{
	struct portres_entries *entries = arg;
	struct portres_spec spec = { 0 };
	struct portres_entry *entry;
	portres_why unknown;

	if (!words)
		return portres_entries_fault(entries, line, -EINVAL, why);
	spec.protocol = words->protocol;
	spec.first = words->first;
	spec.count = words->count;
	if (words->user && !find_owner(entries, words->user, &spec, unknown))
		return portres_entries_fault(entries, line, -EINVAL, unknown);
	entry = add(entries, line);
	if (!entry)
		return -ENOMEM;
	entry->spec = spec;
	if (words->name)
		snprintf(entry->name, sizeof(entry->name), "%s", words->name);
	return 0;
}

int portres_entries_read_text(struct portres_entries *entries, char *text, size_t len)
{
	return portres_words_each_line(text, len, take_line, entries);
}

int portres_entries_read_file(struct portres_entries *entries, int fd, const char *file)
{
	char *text = NULL;
	size_t len = 0;
	int error = fd < 0 ? fd : portres_file_read(fd, &text, &len);

	entries->file = file;
	if (error == -ENOMEM)
		return error;
	if (error)
		return portres_entries_fault(entries, 0, error, portres_errno_text(error));
	error = portres_entries_read_text(entries, text, len);
	free(text);
	return error;
}

void portres_entries_free(struct portres_entries *entries)
{
	size_t i;

	for (i = 0; i < entries->count; i++) {
		free(entries->items[i].file);
		free(entries->items[i].why);
	}
	free(entries->items);
}
