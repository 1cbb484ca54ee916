// SPDX-License-Identifier: GPL-2.0-only
/*
 * The store: the first line of the input is the name of a file, the rest is what is in it. It is
 * read as portres restore reads it, beside an entry that is whole.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "disk/sources.h"
#include "disk/store.h"
#include "fuzz.h"
#include "kernel/handle.h"

#define BESIDE "udp-7-7"

static char root[64];
static int directory = -1;

static void remove_root(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", root);
	if (system(command))
		perror(root);
}

static void write_file(const char *name, const void *text, size_t len)
{
	int fd = openat(directory, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	REQUIRE(fd >= 0 && write(fd, text, len) == (ssize_t)len);
	close(fd);
}

static void make_store(void)
{
	char path[128];

	snprintf(root, sizeof(root), "%s/portres-fuzz-XXXXXX",
		 access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
	REQUIRE(mkdtemp(root));
	atexit(remove_root);
	snprintf(path, sizeof(path), "%s/var", root);
	mkdir(path, 0700);
	strcat(path, "/lib");
	mkdir(path, 0700);
	strcat(path, "/portres");
	mkdir(path, 0700);
	directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	REQUIRE(directory >= 0);
	write_file(BESIDE, "udp 7\n", 6);
}

static void check_entry(const struct portres_entry *entry)
{
	struct portres_words words = { .protocol = entry->spec.protocol,
				       .first = entry->spec.first,
				       .count = entry->spec.count };
	struct portres_block block;
	char users[PORTRES_GRANTS_MAX][16];
	unsigned int i;

	REQUIRE(entry->stored && entry->file && strstr(entry->file, "/var/lib/portres/"));
	if (entry->reason) {
		bool ours =
			portres_stored_name_parse(strrchr(entry->file, '/') + 1, &block);

		/* What is no file of the store is told, and is no failure. */
		REQUIRE(*entry->reason && (ours ? entry->error < 0 : !entry->error));
		return;
	}
	REQUIRE(entry->line >= 1 && !entry->error);
	REQUIRE(portres_stored_name_parse(strrchr(entry->file, '/') + 1, &block));
	REQUIRE(block.protocol == words.protocol && block.first == words.first &&
		block.count == words.count);
	words.name = entry->name[0] ? entry->name : NULL;
	words.adopt = entry->spec.adopt;
	words.other_first = entry->was_first;
	words.other_count = entry->was_count;
	words.grants_count = entry->spec.grants.count;
	for (i = 0; i < words.grants_count; i++) {
		const struct portres_grant *grant = &entry->spec.grants.items[i];

		snprintf(users[i], sizeof(users[i]), "%u", grant->user);
		words.grants[i].kind = grant->kind;
		words.grants[i].text = grant->text;
		words.grants[i].user = grant->has_user ? users[i] : NULL;
	}
	fuzz_round_trip(&words);
}

/* Whatever is in the file: one entry comes of it, or none, and the other one is there. */
static void read_store(bool counts)
{
	struct portres handle = { .root = root };
	struct portres_entries entries = { .handle = &handle };
	struct portres_home home = { .realm = PORTRES_REALM_SYSTEM };
	unsigned int beside = 0, others = 0;
	size_t i;

	REQUIRE(portres_entries_read_store(&entries, &home) == 0);
	for (i = 0; i < entries.count; i++) {
		const struct portres_entry *entry = &entries.items[i];

		check_entry(entry);
		if (strcmp(strrchr(entry->file, '/') + 1, BESIDE))
			others++;
		else
			beside += !entry->reason && entry->spec.first == 7;
	}
	REQUIRE(beside == 1 && others == counts);
	portres_entries_free(&entries);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct portres_home home = { .realm = PORTRES_REALM_SYSTEM };
	const uint8_t *end = size ? memchr(data, '\n', size) : NULL;
	size_t len = end ? (size_t)(end - data) : size;
	char name[NAME_MAX + 1];

	if (directory < 0)
		make_store();
	if (!len || len > NAME_MAX || memchr(data, '/', len) || memchr(data, '\0', len))
		return 0;
	memcpy(name, data, len);
	name[len] = '\0';
	if (!strcmp(name, BESIDE) || !strcmp(name, ".") || !strcmp(name, ".."))
		return 0;
	write_file(name, end ? end + 1 : data, end ? size - len - 1 : 0);
	read_store(!portres_stored_is_internal(name, &home));
	REQUIRE(unlinkat(directory, name, 0) == 0);
	return 0;
}
