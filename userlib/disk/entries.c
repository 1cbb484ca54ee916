// SPDX-License-Identifier: LGPL-2.1-or-later
/* Collects entries from files. Which files, and in which order: stored.c and declared.c. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "entries.h"
#include "files.h"

static struct portres_entry *entries_add(struct portres_entries *entries, unsigned int line)
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

int portres_entries_add_error(struct portres_entries *entries, unsigned int line, int error,
			      const char *reason)
{
	struct portres_entry *entry = entries_add(entries, line);

	if (!entry)
		return -ENOMEM;
	entry->error = error;
	entry->reason = strdup(reason);
	return entry->reason ? 0 : -ENOMEM;
}

/* Returns false, with reason, if there is no such user. */
static bool entry_find_user(const struct portres_entries *entries, const char *user,
			    uint32_t *number, portres_reason reason)
{
	portres_quoted quoted;
	int error;

	if (portres_words_number(user, number))
		return true;
	portres_words_quote(quoted, user);
	error = portres_find_user(entries->handle, user, number);
	if (error == -ENOENT)
		snprintf(reason, PORTRES_REASON_MAX,
			 "unknown user \"%s\": expected a name or a number", quoted);
	else if (error)
		snprintf(reason, PORTRES_REASON_MAX, "cannot look up user \"%s\": %s",
			 quoted, portres_errno_text(error));
	return !error;
}

/* 0, -EINVAL with reason, or -ENOMEM. */
static int entry_add_grant(const struct portres_entries *entries,
			   const struct portres_words_grant *grant, struct portres_spec *spec,
			   portres_reason reason)
{
	uint32_t user = 0;
	uint32_t number;

	if (grant->user && !entries->users && !portres_words_number(grant->user, &number))
		return 0;
	if (grant->user && !entry_find_user(entries, grant->user, &user, reason))
		return -EINVAL;
	switch (grant->kind) {
	case PORTRES_GRANT_USER:
		return portres_spec_grant_user(spec, user);
	case PORTRES_GRANT_UNIT:
		return grant->user ? portres_spec_grant_user_unit(spec, grant->text, user) :
				     portres_spec_grant_unit(spec, grant->text);
	case PORTRES_GRANT_CGROUP:
		return portres_spec_grant_cgroup(spec, grant->text);
	case PORTRES_GRANT_KERNEL:
		break;
	}
	return portres_spec_grant_kernel(spec);
}

static int entry_set(const struct portres_entries *entries, const struct portres_words *words,
		     struct portres_entry *entry, portres_reason reason)
{
	struct portres_spec *spec = &entry->spec;
	unsigned int i;
	int error = 0;

	spec->protocol = words->protocol;
	spec->first = words->first;
	spec->count = words->count;
	spec->adopt = words->adopt;
	entry->was_first = words->other_first;
	entry->was_count = words->other_count;
	if (words->name)
		snprintf(entry->name, sizeof(entry->name), "%s", words->name);
	for (i = 0; !error && i < words->grants_count; i++)
		error = entry_add_grant(entries, &words->grants[i], spec, reason);
	return error;
}

static int entries_add_line(unsigned int line, const struct portres_words *words,
			    const char *reason, void *arg)
{
	struct portres_entries *entries = arg;
	struct portres_entry *entry;
	portres_reason unknown = "";
	int error;

	if (words && words->other_count && !entries->stored) {
		portres_words_fail(unknown, "unknown keyword \"%s\": expected name, for, user or "
				    "adopt", "was");
		words = NULL;
		reason = unknown;
	}
	if (!words)
		return portres_entries_add_error(entries, line, -EINVAL, reason);
	entry = entries_add(entries, line);
	if (!entry)
		return -ENOMEM;
	error = entry_set(entries, words, entry, unknown);
	if (error != -EINVAL && error != -E2BIG)
		return error;
	portres_entries_truncate(entries, entries->count - 1);
	return portres_entries_add_error(entries, line, -EINVAL, unknown);
}

int portres_entries_read_text(struct portres_entries *entries, char *text, size_t len)
{
	return portres_words_each_line(text, len, entries_add_line, entries);
}

/* Adds the entries of a file, or the error of reading it. Frees text. */
static int entries_add_text(struct portres_entries *entries, char *text, size_t len, int error)
{
	if (error == -ENOMEM)
		return error;
	if (error)
		return portres_entries_add_error(entries, 0, error, error == -ETIMEDOUT ?
						 "no process opened it for "
						 "writing" : portres_errno_text(error));
	error = portres_entries_read_text(entries, text, len);
	free(text);
	return error;
}

int portres_entries_read_file(struct portres_entries *entries, int fd, const char *file)
{
	char *text = NULL;
	size_t len = 0;
	int error = fd < 0 ? fd : portres_file_read(fd, &text, &len);

	entries->file = file;
	return entries_add_text(entries, text, len, error);
}

int portres_entries_read_stream(struct portres_entries *entries, const char *path)
{
	char *text = NULL;
	size_t len = 0;
	int error = portres_stream_read(portres_stream_open(path), &text, &len);

	entries->file = strcmp(path, "-") == 0 ? "standard input" : path;
	return entries_add_text(entries, text, len, error);
}

void portres_entry_clear(struct portres_entry *entry)
{
	free(entry->file);
	free(entry->reason);
	portres_spec_clear(&entry->spec);
}

void portres_entries_truncate(struct portres_entries *entries, size_t count)
{
	while (entries->count > count)
		portres_entry_clear(&entries->items[--entries->count]);
}

void portres_entries_free(struct portres_entries *entries)
{
	portres_entries_truncate(entries, 0);
	free(entries->items);
}
