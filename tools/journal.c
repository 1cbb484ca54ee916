// SPDX-License-Identifier: GPL-2.0-only
/* Writes to the journal without a library: one datagram for each entry. */
#include <ctype.h>
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "journal.h"
#include "text.h"

/* For "journalctl MESSAGE_ID=...": a bind was refused. */
#define MESSAGE_ID "5f1e0d7c8c6d4b5ea3b2a8d9f0c41e67"

int journal_open(void)
{
	const struct sockaddr_un journal = { .sun_family = AF_UNIX,
					     .sun_path = "/run/systemd/journal/socket" };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 && connect(fd, (const struct sockaddr *)&journal, sizeof(journal))) {
		close(fd);
		return -1;
	}
	return fd;
}

/* A value of several lines has its length in front of it. */
static void put_field(FILE *entry, const char *name, const char *value)
{
	uint64_t len = htole64(strlen(value));

	if (!strchr(value, '\n')) {
		fprintf(entry, "%s=%s\n", name, value);
		return;
	}
	fprintf(entry, "%s\n", name);
	fwrite(&len, sizeof(len), 1, entry);
	fprintf(entry, "%s\n", value);
}

static void put_fact(FILE *entry, const struct fact *fact)
{
	char *name = format_text("PORTRES_%s", fact->key);
	char *value = fact_value(fact);
	char *c;

	for (c = name; *c; c++)
		*c = (char)toupper((unsigned char)*c);
	if (value)
		put_field(entry, name, value);
	/* From this the journal adds what it knows of the process. */
	if (value && strcmp(fact->key, "process") == 0)
		put_field(entry, "OBJECT_PID", value);
	free(name);
	free(value);
}

char *journal_entry(const char *message, const struct record *record, size_t *len)
{
	char *text = NULL;
	FILE *entry = check_alloc(open_memstream(&text, len));
	size_t i;

	put_field(entry, "MESSAGE", message);
	put_field(entry, "MESSAGE_ID", MESSAGE_ID);
	put_field(entry, "PRIORITY", "5");
	put_field(entry, "SYSLOG_IDENTIFIER", "portres");
	for (i = 0; i < record->count; i++)
		if (record->facts[i].key)
			put_fact(entry, &record->facts[i]);
	fclose(entry);
	return check_alloc(text);
}

int journal_send(int fd, const char *message, const struct record *record)
{
	size_t len;
	char *entry = journal_entry(message, record, &len);
	ssize_t sent = send(fd, entry, len, MSG_NOSIGNAL);

	free(entry);
	return sent < 0 ? -1 : 0;
}
