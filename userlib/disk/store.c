// SPDX-License-Identifier: LGPL-2.1-or-later
/* The files of a store. Only this file and storedir.c write to the disk. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "kernel/interrupt.h"
#include "kernel/protocol.h"
#include "store.h"
#include "words.h"

static int sync_directory(const struct portres_store *store)
{
	if (RETRY(fsync(store->dir)) < 0)
		return portres_store_error(store, "", -errno);
	return 0;
}

int portres_store_has(const struct portres_store *store, const struct portres_block *block)
{
	portres_stored_name name;
	struct stat st;

	portres_stored_name_format(name, "", block);
	if (RETRY(fstatat(store->dir, name, &st, AT_SYMLINK_NOFOLLOW)) == 0)
		return 1;
	return errno == ENOENT ? 0 : portres_store_error(store, name, -errno);
}

static bool blocks_overlap(const struct portres_block *a, const struct portres_block *b)
{
	return portres_protocols_meet(a->protocol, b->protocol) &&
	       a->first < b->first + b->count && b->first < a->first + a->count;
}

int portres_store_overlaps(const struct portres_store *store, const struct portres_block *block,
			   portres_stored_fn *visit, void *arg)
{
	int copy = RETRY(openat(store->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	DIR *files = copy < 0 ? NULL : portres_file_opendir(copy);
	struct dirent *entry;
	int stop = 0;

	if (!files) {
		stop = portres_store_error(store, "", -errno);
		if (copy >= 0)
			close(copy);
		return stop;
	}
	for (errno = 0; (entry = readdir(files)) || errno == EINTR; errno = 0) {
		struct portres_block other;

		if (!entry)
			continue;
		/* Unfinished ones are left to portres_store_recover(). */
		if (portres_stored_is_leftover(entry->d_name) &&
		    !portres_stored_is_unfinished(entry->d_name, &other))
			RETRY(unlinkat(store->dir, entry->d_name, 0));
		if (!portres_stored_name_parse(entry->d_name, &other) ||
		    !blocks_overlap(&other, block))
			continue;
		stop = visit(&other, arg);
		if (stop)
			break;
	}
	if (!entry && errno)
		stop = portres_store_error(store, "", -errno);
	closedir(files);
	return stop;
}

static int write_whole(int fd, const char *text, size_t len)
{
	while (len) {
		ssize_t wrote = RETRY(write(fd, text, len));

		if (wrote < 0)
			return -errno;
		text += wrote;
		len -= (size_t)wrote;
	}
	if (RETRY(fchmod(fd, 0644)) < 0 || RETRY(fsync(fd)) < 0)
		return -errno;
	return 0;
}

/* The line of a reservation, with its end. was: the block that it replaces, or NULL. */
static int format_line(char line[PORTRES_LINE_MAX], const struct portres_spec *spec,
		       const struct portres_spec *was)
{
	struct portres_words words = { .protocol = spec->protocol, .first = spec->first,
				       .count = spec->count, .name = spec->name,
				       .adopt = spec->adopt };
	char users[PORTRES_GRANTS_MAX][sizeof("4294967295")];
	struct portres_grants grants;
	unsigned int i;
	int error = portres_spec_list_grants(spec, &grants);

	if (error)
		return error;
	if (was) {
		words.other_first = was->first;
		words.other_count = was->count;
	}
	words.grants_count = grants.count;
	for (i = 0; i < grants.count; i++) {
		words.grants[i].kind = grants.items[i].kind;
		words.grants[i].text = grants.items[i].text;
		snprintf(users[i], sizeof(users[i]), "%u", grants.items[i].user);
		if (grants.items[i].has_user)
			words.grants[i].user = users[i];
	}
	portres_words_format(line, &words);
	strcat(line, "\n");
	portres_grants_clear(&grants);
	return 0;
}

static int write_aside(const struct portres_store *store, const char *aside,
		       const struct portres_spec *spec, const struct portres_spec *was)
{
	char line[PORTRES_LINE_MAX];
	int error = format_line(line, spec, was);
	int fd;

	if (error)
		return error;
	fd = RETRY(openat(store->dir, aside, O_WRONLY | O_CREAT | O_EXCL |
				       O_NOFOLLOW | O_CLOEXEC, 0644));
	if (fd < 0)
		return -errno;
	error = write_whole(fd, line, strlen(line));
	close(fd);
	return error;
}

static int rename_entry(const struct portres_store *store, const char *from, const char *to)
{
	return RETRY(renameat(store->dir, from, store->dir, to)) < 0 ? -errno : 0;
}

static void remove_entry(const struct portres_store *store, const char *name)
{
	RETRY(unlinkat(store->dir, name, 0));
}

/* Keeps the old file under another name until the new one is on the disk. */
static int replace_entry(const struct portres_store *store, const char *aside,
			 const char *name, const char *old)
{
	bool replaces;
	int error;

	remove_entry(store, old);
	replaces = RETRY(linkat(store->dir, name, store->dir, old, 0)) == 0;
	if (!replaces && errno != ENOENT)
		return portres_store_error(store, name, -errno);
	error = rename_entry(store, aside, name);
	if (error)
		return portres_store_error(store, name, error);
	error = sync_directory(store);
	if (error && replaces)
		rename_entry(store, old, name);
	else if (error)
		remove_entry(store, name);
	else if (replaces)
		remove_entry(store, old);
	if (error)
		RETRY(fsync(store->dir));
	return error;
}

static int put_entry(const struct portres_store *store, const struct portres_spec *spec,
		     const struct portres_spec *was)
{
	const struct portres_block block = portres_spec_block(spec);
	portres_stored_name aside;
	portres_stored_name name;
	portres_stored_name old;
	int error;

	portres_stored_name_format(name, "", &block);
	portres_stored_name_format(aside, PORTRES_NEW, &block);
	portres_stored_name_format(old, PORTRES_OLD, &block);
	error = write_aside(store, aside, spec, was);
	if (error)
		error = portres_store_error(store, name, error);
	else
		error = replace_entry(store, aside, name, old);
	if (error)
		remove_entry(store, aside);
	return error;
}

int portres_store_put(const struct portres_store *store, const struct portres_spec *spec)
{
	return put_entry(store, spec, NULL);
}

int portres_store_stage_add(const struct portres_store *store, const struct portres_block *block)
{
	portres_stored_name name;
	int fd;

	portres_stored_name_format(name, PORTRES_ADD, block);
	/* After a power cut the kernel has no half, so the file need not be on the disk. */
	fd = RETRY(openat(store->dir, name, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644));
	if (fd < 0)
		return portres_store_error(store, name, -errno);
	close(fd);
	return 0;
}

void portres_store_end_add(const struct portres_store *store, const struct portres_block *block)
{
	portres_stored_name name;

	portres_stored_name_format(name, PORTRES_ADD, block);
	remove_entry(store, name);
}

int portres_store_stage_change(const struct portres_store *store, const struct portres_spec *spec,
			       const struct portres_spec *was)
{
	return put_entry(store, spec, was);
}

void portres_store_commit_change(const struct portres_store *store,
				 const struct portres_spec *spec, const struct portres_spec *was)
{
	const struct portres_block block = portres_spec_block(was);
	portres_stored_name name;

	portres_stored_name_format(name, "", &block);
	/* The entry must name the old one until the deletion of that is on the disk. */
	if (RETRY(unlinkat(store->dir, name, 0)) < 0 && errno != ENOENT)
		return;
	if (RETRY(fsync(store->dir)) == 0)
		portres_store_put(store, spec);
}

int portres_store_abort_change(const struct portres_store *store, const struct portres_spec *spec)
{
	const struct portres_block block = portres_spec_block(spec);
	portres_stored_name name;

	portres_stored_name_format(name, "", &block);
	remove_entry(store, name);
	return sync_directory(store);
}

int portres_store_stage_delete(const struct portres_store *store,
			       const struct portres_block *block)
{
	portres_stored_name name;
	portres_stored_name old;
	int error;

	portres_stored_name_format(name, "", block);
	portres_stored_name_format(old, PORTRES_OLD, block);
	/* After a crash old may be a link to the same file: rename() would then do nothing. */
	remove_entry(store, old);
	error = rename_entry(store, name, old);
	if (error)
		return portres_store_error(store, name, error);
	error = sync_directory(store);
	if (error)
		portres_store_abort_delete(store, block);
	return error;
}

int portres_store_abort_delete(const struct portres_store *store,
			       const struct portres_block *block)
{
	portres_stored_name name;
	portres_stored_name old;
	int error;

	portres_stored_name_format(name, "", block);
	portres_stored_name_format(old, PORTRES_OLD, block);
	error = rename_entry(store, old, name);
	return error ? portres_store_error(store, name, error) : sync_directory(store);
}

void portres_store_commit_delete(const struct portres_store *store,
				 const struct portres_block *block)
{
	portres_stored_name old;

	portres_stored_name_format(old, PORTRES_OLD, block);
	remove_entry(store, old);
}
