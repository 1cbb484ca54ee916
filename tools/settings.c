// SPDX-License-Identifier: GPL-2.0-only
/* Reads the sysctls about ports, as the network namespace of the caller has them. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "settings.h"
#include "text.h"

/* The kernel gives a list of ports to one read() only: more than the longest one has. */
#define LIST_MAX (256 * 1024)

/* Returns the text of a sysctl without its newline, or NULL. To be freed. */
static char *sysctl_text(const char *name)
{
	char *path = format_text("/proc/sys/net/%s", name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *text;
	ssize_t len;

	free(path);
	if (fd < 0)
		return NULL;
	text = check_alloc(malloc(LIST_MAX));
	len = read(fd, text, LIST_MAX - 1);
	close(fd);
	text[len < 0 ? 0 : len] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return text;
}

static void read_ephemeral(struct settings *settings)
{
	char *text = sysctl_text("ipv4/ip_local_port_range");
	unsigned int first;
	unsigned int last;

	settings->ephemeral = (struct range){ 32768, 60999 - 32768 + 1 };
	if (text && sscanf(text, "%u %u", &first, &last) == 2 && first && first <= last &&
	    last < PORTS)
		settings->ephemeral = (struct range){ (uint16_t)first,
						      (uint16_t)(last - first + 1) };
	free(text);
}

static int read_number(const char *name, int otherwise)
{
	char *text = sysctl_text(name);
	int number = otherwise;

	if (text && sscanf(text, "%d", &number) != 1)
		number = otherwise;
	free(text);
	return number;
}

void settings_read(struct settings *settings)
{
	char *list;

	memset(settings, 0, sizeof(*settings));
	read_ephemeral(settings);
	settings->unprivileged = (unsigned int)read_number("ipv4/ip_unprivileged_port_start", 1024);
	settings->denied_errno = read_number("portres/denied_errno", 0);
	list = sysctl_text("ipv4/ip_local_reserved_ports");
	if (list)
		portset_parse(&settings->kept, list);
	free(list);
}
