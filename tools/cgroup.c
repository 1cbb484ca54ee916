// SPDX-License-Identifier: GPL-2.0-only
/* Reads cgroups from /proc and from where cgroup2 is mounted. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgroup.h"
#include "grantee.h"
#include "text.h"

char *cgroup_of_process(pid_t pid)
{
	char *path = format_text("/proc/%d/cgroup", (int)pid);
	FILE *file = fopen(path, "re");
	char *cgroup = NULL;
	char *line = NULL;
	size_t room = 0;

	free(path);
	while (file && !cgroup && getline(&line, &room, file) >= 0) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "0::/", 4) == 0)
			cgroup = check_alloc(strdup(line + 3));
	}
	free(line);
	if (file)
		fclose(file);
	return cgroup;
}

static bool ends_in(const char *name, size_t len, const char *end)
{
	size_t end_len = strlen(end);

	return len >= end_len && memcmp(name + len - end_len, end, end_len) == 0;
}

/* Finds the first component of a path that is no slice. Returns what is behind it, or NULL. */
static const char *first_unit(const char *path, portres_unit_name name)
{
	while (*path) {
		size_t len;

		path += strspn(path, "/");
		len = strcspn(path, "/");
		if (len && !ends_in(path, len, ".slice")) {
			if (len > PORTRES_UNIT_MAX)
				return NULL;
			memcpy(name, path, len);
			name[len] = '\0';
			return path + len;
		}
		path += len;
	}
	return NULL;
}

static bool is_manager(const char *name, uid_t *user)
{
	unsigned int uid;
	int len = 0;

	if (sscanf(name, "user@%u.service%n", &uid, &len) != 1 || !len || name[len])
		return false;
	*user = uid;
	return true;
}

/*
 * Units of these types have processes. Other cgroups are not systemd's: a user may make some below
 * its manager, with any name.
 */
static bool is_unit_name(const char *name)
{
	static const char *const ends[] = { ".service", ".scope", ".socket", ".mount", ".swap" };
	size_t i;

	if (!portres_unit_is_name(name))
		return false;
	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (ends_in(name, strlen(name), ends[i]))
			return true;
	return false;
}

bool cgroup_unit(const char *cgroup, struct unit *unit)
{
	const char *rest = first_unit(cgroup, unit->name);
	portres_unit_name inner;
	uid_t user;

	unit->has_user = false;
	unit->user = 0;
	if (!rest)
		return false;
	if (is_manager(unit->name, &user) && first_unit(rest, inner)) {
		memcpy(unit->name, inner, sizeof(inner));
		unit->has_user = true;
		unit->user = user;
	}
	return is_unit_name(unit->name);
}

bool cgroup_is_of_unit(const char *cgroup, const char *name, bool has_user, uid_t user)
{
	portres_unit_name outer;
	struct unit unit;

	/* A process in a unit of a user is also in user@UID.service, the unit of the manager. */
	if (!has_user)
		return first_unit(cgroup, outer) && strcmp(outer, name) == 0;
	return cgroup_unit(cgroup, &unit) && unit.has_user && unit.user == user &&
	       strcmp(unit.name, name) == 0;
}

bool cgroup_is_below(const char *cgroup, const char *path)
{
	size_t len = strlen(path);

	return strncmp(cgroup, path, len) == 0 &&
	       (!cgroup[len] || cgroup[len] == '/' || (len && path[len - 1] == '/'));
}

/* Where cgroup2 is mounted. To be freed; NULL: nowhere. */
static char *find_mount(void)
{
	FILE *file = fopen("/proc/self/mounts", "re");
	char *found = NULL;
	char *line = NULL;
	size_t room = 0;

	while (file && !found && getline(&line, &room, file) >= 0) {
		char place[256];
		char type[32];

		if (sscanf(line, "%*s %255s %31s", place, type) == 2 && !strcmp(type, "cgroup2"))
			found = check_alloc(strdup(place));
	}
	free(line);
	if (file)
		fclose(file);
	return found;
}

/* The kernel's FILEID_KERNFS: the handle of a file of cgroup2 is its id. */
#define HANDLE_OF_CGROUP 0xfe

static int open_by_id(const char *mount, uint64_t id)
{
	struct {
		struct file_handle handle;
		unsigned char id[sizeof(id)];
	} file = { .handle = { .handle_bytes = sizeof(id), .handle_type = HANDLE_OF_CGROUP } };
	int root = open(mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int fd;

	if (root < 0)
		return -1;
	memcpy(file.id, &id, sizeof(id));
	fd = open_by_handle_at(root, &file.handle, O_PATH | O_CLOEXEC);
	close(root);
	return fd;
}

char *cgroup_of_id(uint64_t id)
{
	char *mount = find_mount();
	int fd = mount ? open_by_id(mount, id) : -1;
	char *link = format_text("/proc/self/fd/%d", fd);
	char path[4096];
	ssize_t len = fd < 0 ? -1 : readlink(link, path, sizeof(path) - 1);
	char *cgroup = NULL;

	path[len < 0 ? 0 : len] = '\0';
	if (len > 0 && cgroup_is_below(path, mount))
		cgroup = check_alloc(strdup(path[strlen(mount)] ? path + strlen(mount) : "/"));
	if (fd >= 0)
		close(fd);
	free(link);
	free(mount);
	return cgroup;
}

static char *directory_of(const char *cgroup)
{
	char *mount = find_mount();
	char *path = mount ? format_text("%s%s", mount, cgroup) : NULL;

	free(mount);
	return path;
}

int cgroup_open(const char *cgroup)
{
	char *path = directory_of(cgroup);
	int fd = path ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

	free(path);
	return fd;
}

/* Looks for a unit among the slices below a cgroup. To be freed; NULL: it is not there. */
static char *find_unit(const char *cgroup, const char *name)
{
	char *path = directory_of(cgroup);
	DIR *files = path ? opendir(path) : NULL;
	struct dirent *entry;
	char *found = NULL;

	free(path);
	while (files && !found && (entry = readdir(files))) {
		size_t len = strlen(entry->d_name);
		char *below = format_text("%s/%s", strcmp(cgroup, "/") ? cgroup : "",
					  entry->d_name);

		if (strcmp(entry->d_name, name) == 0)
			found = check_alloc(strdup(below));
		else if (ends_in(entry->d_name, len, ".slice"))
			found = find_unit(below, name);
		free(below);
	}
	if (files)
		closedir(files);
	return found;
}

char *cgroup_of_unit(const struct unit *unit)
{
	char *manager = NULL;
	char *outer;
	char *found;

	if (!unit->has_user)
		return find_unit("/", unit->name);
	manager = format_text("user@%u.service", unit->user);
	outer = find_unit("/", manager);
	found = outer ? find_unit(outer, unit->name) : NULL;
	free(manager);
	free(outer);
	return found;
}

static pid_t first_process(const char *directory)
{
	char *path = format_text("%s/cgroup.procs", directory);
	FILE *file = fopen(path, "re");
	int pid = 0;

	free(path);
	if (!file)
		return 0;
	if (fscanf(file, "%d", &pid) != 1)
		pid = 0;
	fclose(file);
	return pid;
}

static pid_t find_process(const char *directory)
{
	pid_t pid = first_process(directory);
	struct dirent *entry;
	DIR *files;

	if (pid)
		return pid;
	files = opendir(directory);
	if (!files)
		return 0;
	while (!pid && (entry = readdir(files))) {
		char *below;

		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		below = format_text("%s/%s", directory, entry->d_name);
		pid = find_process(below);
		free(below);
	}
	closedir(files);
	return pid;
}

pid_t cgroup_process(const char *cgroup)
{
	char *path = directory_of(cgroup);
	pid_t pid = path ? find_process(path) : 0;

	free(path);
	return pid;
}

char *unit_text(const struct unit *unit)
{
	char *user = unit->has_user ? user_text(unit->user) : NULL;
	char *text = format_text("%s%s%s", unit->name, user ? " of " : "", user ? user : "");

	free(user);
	return text;
}
