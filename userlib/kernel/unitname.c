// SPDX-License-Identifier: LGPL-2.1-or-later
/* Names of units and paths of cgroups. Also linked into the command. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unitname.h"

#define PLAIN_CHARS "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ:-_.\\"
#define UNIT_CHARS PLAIN_CHARS "@"
#define GLOB_CHARS "*?["

static bool is_unit_type(const char *suffix)
{
	static const char *const types[] = { "service", "socket", "scope", "slice", "mount",
					     "swap", "automount", "target", "device", "timer",
					     "path" };
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(suffix, types[i]) == 0)
			return true;
	return false;
}

bool portres_unit_is_name(const char *name)
{
	const char *suffix = strrchr(name, '.');

	return strlen(name) <= PORTRES_UNIT_MAX && suffix && suffix != name && *name != '@' &&
	       is_unit_type(suffix + 1) && !name[strspn(name, UNIT_CHARS)];
}

static bool is_template(const char *name)
{
	const char *at = strchr(name, '@');

	return at && at + 1 == strrchr(name, '.');
}

/* Writes text with each byte that is not in chars as \xNN, a slash as a dash. false: no room. */
static bool escape_text(portres_unit_name name, const char *text, const char *chars)
{
	size_t len = 0;

	for (; *text; text++) {
		if (len + strlen("\\xff") > PORTRES_UNIT_MAX)
			return false;
		if (*text == '/')
			name[len++] = '-';
		else if (strchr(chars, *text))
			name[len++] = *text;
		else
			len += (size_t)sprintf(name + len, "\\x%02x", (unsigned char)*text);
	}
	name[len] = '\0';
	return true;
}

static bool append_suffix(portres_unit_name name, const char *suffix)
{
	if (strlen(name) + strlen(suffix) > PORTRES_UNIT_MAX)
		return false;
	strcat(name, suffix);
	return true;
}

/* The unit of a mount point or a device. A dash stands for a slash, so dashes are escaped. */
static bool name_path(const char *path, portres_unit_name name)
{
	static const char chars[] =
		"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ:_.";
	bool device = strncmp(path, "/dev/", 5) == 0 || strncmp(path, "/sys/", 5) == 0;
	char *plain = portres_cgroup_normalize(path);
	bool good = plain;

	if (good && !plain[1])
		strcpy(name, "-");
	else if (good && plain[1] == '.')
		good = escape_text(name, plain + 2, chars) &&
		       strlen(name) + strlen("\\x2e") <= PORTRES_UNIT_MAX &&
		       memmove(name + 4, name, strlen(name) + 1) && memcpy(name, "\\x2e", 4);
	else if (good)
		good = escape_text(name, plain + 1, chars);
	free(plain);
	return good && append_suffix(name, device ? ".device" : ".mount");
}

const char *portres_unit_mangle(const char *word, portres_unit_name name)
{
	bool good;

	if (!*word)
		return "the name of the unit is empty";
	if (strpbrk(word, GLOB_CHARS))
		return "patterns are not possible: name each unit";
	if (portres_unit_is_name(word)) {
		strcpy(name, word);
		good = true;
	} else {
		good = (*word == '/' && name_path(word, name)) ||
		       escape_text(name, word, UNIT_CHARS);
		if (good && !portres_unit_is_name(name))
			good = append_suffix(name, ".service") && portres_unit_is_name(name);
	}
	if (!good)
		return "expected the name of a unit, as systemctl takes it";
	if (strcmp(strrchr(name, '.'), ".slice") == 0)
		return "a slice has units: name one of them, or the cgroup of the slice";
	if (is_template(name))
		return "a template has no processes: name an instance of it";
	return NULL;
}

char *portres_cgroup_normalize(const char *path)
{
	char *plain = *path == '/' ? malloc(strlen(path) + 1) : NULL;
	char *to = plain;

	errno = *path == '/' ? ENOMEM : EINVAL;
	while (plain && *path) {
		size_t len;

		path += strspn(path, "/");
		len = strcspn(path, "/");
		if (len == 2 && !memcmp(path, "..", 2)) {
			free(plain);
			errno = EINVAL;
			return NULL;
		}
		if (len && !(len == 1 && *path == '.')) {
			*to++ = '/';
			to = mempcpy(to, path, len);
		}
		path += len;
	}
	if (plain && to == plain)
		*to++ = '/';
	if (plain)
		*to = '\0';
	return plain;
}
