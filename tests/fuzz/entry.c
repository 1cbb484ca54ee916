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

#include "entries.h"
#include "fuzz.h"
#include "internal.h"
#include "store.h"

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
	uint16_t first, count;
	char user[16];

	REQUIRE(entry->stored && entry->file && strstr(entry->file, "/var/lib/portres/"));
	if (entry->error) {
		REQUIRE(entry->error < 0 && entry->why && *entry->why);
		return;
	}
	REQUIRE(entry->line >= 1 && !entry->why);
	REQUIRE(portres_stored_block(strrchr(entry->file, '/') + 1, &first, &count));
	REQUIRE(first == words.first && count == words.count);
	words.name = entry->name[0] ? entry->name : NULL;
	snprintf(user, sizeof(user), "%u", entry->spec.owner);
	words.user = entry->spec.has_owner ? user : NULL;
	fuzz_round_trip(&words);
}

/* Whatever is in the file: one entry comes of it, or none, and the other one is there. */
static void read_store(bool counts)
{
	struct portres handle = { .root = root };
	struct portres_entries entries = { .handle = &handle };
	struct portres_home home = { .realm = PORTRES_MACHINE };
	unsigned int beside = 0, others = 0;
	size_t i;

	REQUIRE(portres_entries_read_store(&entries, &home) == 0);
	for (i = 0; i < entries.count; i++) {
		const struct portres_entry *entry = &entries.items[i];

		check_entry(entry);
		if (strcmp(strrchr(entry->file, '/') + 1, BESIDE))
			others++;
		else
			beside += !entry->error && entry->spec.first == 7;
	}
	REQUIRE(beside == 1 && others == counts);
	portres_entries_free(&entries);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct portres_home home = { .realm = PORTRES_MACHINE };
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
	read_store(!portres_stored_aside(name, &home));
	REQUIRE(unlinkat(directory, name, 0) == 0);
	return 0;
}
