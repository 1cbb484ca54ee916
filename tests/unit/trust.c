// SPDX-License-Identifier: GPL-2.0-only
/*
 * What other users can have written is neither read nor written to: every directory and link on
 * the way to a file, and the file. Each row changes one thing of a tree that is as it should be.
 */
#include <fcntl.h>

#include "disk/files.h"
#include "disk/sources.h"
#include "disk/store.h"
#include "tree.h"

#define OTHER 4001

static const struct portres_home machine = { .realm = PORTRES_REALM_SYSTEM };

enum change { MODE, OWNER, LINK, LINK_OWNER };

static const struct row {
	const char *what;
	const char *path;
	enum change change;
	mode_t mode;
	const char *wanted;	/* in the reason; NULL: it is trusted */
	bool only_file;		/* the other file of the directory is read */
} rows[] = {
	{ "a store for everybody", STATE, MODE, 0777, "other users may write to", false },
	{ "a store for its group", STATE, MODE, 0775, "chmod go-w", false },
	{ "a store as /tmp", STATE, MODE, 01777, "other users may write to", false },
	{ "a store of another user", STATE, OWNER, 0, "belongs to user 4001", false },
	{ "what the store is in, for everybody", "/var/lib", MODE, 0777, "/var/lib", false },
	{ "what the store is in, as /tmp", "/var/lib", MODE, 01777, NULL, false },
	{ "what the store is in, of another user", "/var", OWNER, 0, "chown -h root", false },
	{ "a store behind a link", STATE, LINK, 0, NULL, false },
	{ "a store behind a link of another user", STATE, LINK_OWNER, 0, "user 4001", false },
	{ "an entry for everybody", STATE "/udp-5-5", MODE, 0666, "chmod go-w", true },
	{ "an entry that all may read", STATE "/udp-5-5", MODE, 0604, NULL, false },
	{ "an entry of another user", STATE "/udp-5-5", OWNER, 0, "user 4001", true },
	{ "declarations for everybody", "/etc/portres.d", MODE, 0777, "may write", false },
	{ "declarations of another user", "/etc/portres.d", OWNER, 0, "user 4001", false },
	{ "what they are in, for everybody", "/etc", MODE, 0777, "may write", false },
	{ "declarations behind a link", "/etc/portres.d", LINK, 0, NULL, false },
	{ "a link of another user", "/etc/portres.d", LINK_OWNER, 0, "user 4001", false },
	{ "a declaration for everybody", "/etc/portres.d/5.conf", MODE, 0646, "may write", true },
	{ "a declaration of another user", "/etc/portres.d/5.conf", OWNER, 0, "user 4001", true },
	{ "a declaration behind a link", "/etc/portres.d/5.conf", LINK, 0, NULL, false },
	{ "a declaration's link of another user", "/etc/portres.d/5.conf", LINK_OWNER, 0,
	  "user 4001", true },
};

static void build(void)
{
	tree_remove();
	mkdir(tree, 0755);
	tree_write(STATE "/udp-5-5", "udp 5\n");
	tree_write(STATE "/udp-6-6", "udp 6\n");
	tree_write("/etc/portres.d/5.conf", "udp 5\n");
	tree_write("/etc/portres.d/6.conf", "udp 6\n");
	tree_path("/data/x");
}

/* Puts a link in the place of what is moved to /data. */
static void link_away(const char *path, bool other)
{
	if (rename(tree_path(path), tree_path("/data/moved")) ||
	    symlink("/data/moved", tree_path(path)) ||
	    (other && lchown(tree_path(path), OTHER, OTHER)))
		tap_bail("no link: %s", strerror(errno));
}

static bool change(const struct row *row)
{
	switch (row->change) {
	case MODE:
		return chmod(tree_path(row->path), row->mode) == 0;
	case OWNER:
		return chown(tree_path(row->path), OTHER, OTHER) == 0;
	default:
		link_away(row->path, row->change == LINK_OWNER);
		return true;
	}
}

static void read_all(struct portres_entries *entries, bool stored)
{
	*entries = (struct portres_entries){ .handle = &handle, .users = true };
	if (stored ? portres_entries_read_store(entries, &machine) :
		     portres_entries_read_declared(entries, &machine))
		tap_bail("no memory");
}

/* One reason, and what else there is. */
static void check_entries(const struct row *row, bool stored)
{
	struct portres_entries entries;
	const char *reason = NULL;
	size_t good = 0;
	size_t i;

	read_all(&entries, stored);
	for (i = 0; i < entries.count; i++) {
		if (entries.items[i].reason)
			reason = entries.items[i].reason;
		else
			good++;
	}
	if (!row->wanted)
		tap_ok(!reason && good == 2, "%s: both are read", row->what);
	else
		tap_ok(reason && strstr(reason, row->wanted) && strstr(reason, "not trusted") &&
		       entries.items[0].error == -EACCES && good == row->only_file,
		       "%s is not read: %s", row->what, row->wanted);
	if (reason && (!row->wanted || !strstr(reason, row->wanted)))
		tap_diag("reason: %s", reason);
	portres_entries_free(&entries);
}

/* What is not trusted is not written to, either. */
static void check_writer(const struct row *row)
{
	struct portres_store store;
	int error = portres_store_open(&handle, &machine, &store);

	tap_num(error, row->wanted && !row->only_file ? -EACCES : 0, "%s: to write", row->what);
	if (error)
		tap_ok(strstr(handle.text, row->wanted ? row->wanted : "?"), "it is told");
	else
		portres_store_close(&store);
}

static void test_rows(void)
{
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		bool stored = strncmp(row->path, "/var", 4) == 0;

		if (geteuid() && (row->change == OWNER || row->change == LINK_OWNER)) {
			tap_skip("only root gives files away", "%s", row->what);
			continue;
		}
		build();
		if (!change(row))
			tap_bail("%s: %s", row->path, strerror(errno));
		check_entries(row, stored);
		if (stored)
			check_writer(row);
	}
}

/* The way to another root counts as well, and so does one that is not there. */
static void test_root(void)
{
	struct portres_entries entries;
	struct portres_store store;

	build();
	if (chmod(tree, 0777))
		tap_bail("no mode");
	read_all(&entries, true);
	tap_ok(entries.count == 1 && entries.items[0].error == -EACCES, "a root for everybody");
	portres_entries_free(&entries);
	if (chmod(tree, 0755) || rename(tree_path(STATE), tree_path("/data/moved")) ||
	    chmod(tree_path("/var/lib"), 0777))
		tap_bail("no mode");
	tap_num(portres_store_open(&handle, &machine, &store), -EACCES,
		"a store is not made where others may write");
	tap_ok(access(tree_path(STATE), F_OK) != 0, "nothing is made");
}

/* Links that lead nowhere, in circles, up and out. */
static void test_links(void)
{
	portres_reason reason;
	int fd;

	build();
	if (symlink("b", tree_path("/a")) || symlink("a", tree_path("/b")) ||
	    symlink("../../../../../../etc/./portres.d/../portres.d/5.conf", tree_path("/up")) ||
	    symlink("/", tree_path("/slash")))
		tap_bail("no links");
	tap_num(portres_file_open(&handle, "/a", O_RDONLY, reason), -ELOOP, "a circle");
	tap_num(portres_file_open(&handle, "/a/b", O_RDONLY, reason), -ELOOP, "on the way");
	tap_num(portres_file_open(&handle, "/b", O_RDONLY | O_NOFOLLOW, reason), -ELOOP,
		"a link that is not followed");
	tap_num(portres_file_open(&handle, "/etc/portres.d/5.conf/x", O_RDONLY, reason), -ENOTDIR,
		"a file is no way");
	fd = portres_file_open(&handle, "/slash/slash/up", O_RDONLY, reason);
	tap_ok(fd >= 0, "up and down again, inside of the root");
	close(fd);
	fd = portres_file_open(&handle, "//etc//portres.d/", O_RDONLY | O_DIRECTORY, reason);
	tap_ok(fd >= 0, "slashes");
	close(fd);
	fd = portres_file_open(&handle, "/slash", O_RDONLY | O_DIRECTORY, reason);
	tap_ok(fd >= 0, "the root by a link");
	close(fd);
}

int main(void)
{
	tree_make();
	test_rows();
	test_root();
	test_links();
	return tap_finish();
}
