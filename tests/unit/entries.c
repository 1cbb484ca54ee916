// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is read from a tree of files: the directories of declarations and how they mask each
 * other, users of another root, damage in the store.
 */
#include "disk/sources.h"
#include "tree.h"

static const struct portres_home machine = { .realm = PORTRES_REALM_SYSTEM };
static const struct portres_home blue = { .realm = PORTRES_REALM_NAMED, .name = "blue" };

/* All entries in a text: the file without the tree, the line, and what there is or why not. */
static const char *read_all(const struct portres_home *home, bool stored)
{
	struct portres_entries entries = { .handle = &handle, .users = true };
	static char text[4096];
	size_t len = 0;
	int error = stored ? portres_entries_read_store(&entries, home) :
		    portres_entries_read_declared(&entries, home);
	size_t i;

	text[0] = '\0';
	if (error)
		len += (size_t)snprintf(text, sizeof(text), "error %d|", error);
	for (i = 0; i < entries.count && len < sizeof(text); i++) {
		const struct portres_entry *entry = &entries.items[i];
		const char *file = entry->file + strlen(tree);

		if (entry->reason)
			len += (size_t)snprintf(text + len, sizeof(text) - len, "%s:%u: %s|",
						file, entry->line, entry->reason);
		else
			len += (size_t)snprintf(text + len, sizeof(text) - len, "%s:%u: %u%s|",
						file, entry->line, entry->spec.first,
						entry->name);
	}
	portres_entries_free(&entries);
	return text;
}

static void check(const struct portres_home *home, bool stored, const char *wanted,
		  const char *what)
{
	const char *got = read_all(home, stored);

	if (!tap_ok(!strcmp(got, wanted), "%s", what)) {
		tap_diag("got: %s", got);
		tap_diag("wanted: %s", wanted);
	}
}

/* Every pair of directories with the same name in both: the one that is earlier counts. */
static void test_masking(void)
{
	static const char *const directories[] = { "/etc", "/run", "/usr/local/lib", "/usr/lib" };
	char above[128], below[128], wanted[160];
	size_t i, j;

	for (i = 0; i < 4; i++) {
		for (j = i + 1; j < 4; j++) {
			snprintf(above, sizeof(above), "%s/portres.d/a.conf", directories[i]);
			snprintf(below, sizeof(below), "%s/portres.d/a.conf", directories[j]);
			snprintf(wanted, sizeof(wanted), "%s:1: 1|", above);
			tree_write(below, "udp 2\n");
			tree_write(above, "udp 1\n");
			check(&machine, false, wanted, wanted);
			unlink(tree_path(above));
			if (symlink("/dev/null", tree_path(above)))
				tap_bail("no symbolic link");
			check(&machine, false, "", "masked by a link to /dev/null");
			unlink(tree_path(above));
			tree_write(above, "");
			check(&machine, false, "", "masked by an empty file");
			unlink(tree_path(above));
			unlink(tree_path(below));
		}
	}
}

static void test_order(void)
{
	check(&machine, false, "", "no directories, no entries");
	tree_write("/usr/lib/portres.d/50-b.conf", "udp 50\n");
	tree_write("/usr/lib/portres.d/10-z.conf", "# x\nudp 10 name x\nudp 11\n");
	tree_write("/etc/portres.d/60-a.conf", "udp 60");
	tree_write("/run/portres.d/20-r.conf", "udp 20\n");
	tree_write("/usr/local/lib/portres.d/9.conf", "udp 9\n");
	tree_write("/etc/portres.d/.hidden.conf", "udp 1\n");
	tree_write("/etc/portres.d/.conf", "udp 1\n");
	tree_write("/etc/portres.d/50-b.conf.dpkg-old", "udp 2\n");
	tree_write("/etc/portres.d/50-b.conf~", "udp 3\n");
	tree_write("/etc/portres.d/README", "udp 4\n");
	mkdir(tree_path("/etc/portres.d/dir.conf"), 0755);
	check(&machine, false,
	      "/usr/lib/portres.d/10-z.conf:2: 10x|/usr/lib/portres.d/10-z.conf:3: 11|"
	      "/run/portres.d/20-r.conf:1: 20|/usr/lib/portres.d/50-b.conf:1: 50|"
	      "/etc/portres.d/60-a.conf:1: 60|/usr/local/lib/portres.d/9.conf:1: 9|",
	      "by name, wherever they are; nothing but *.conf");
	check(&blue, false, "", "a named namespace has none of these");
	tree_write("/etc/netns/blue/portres.d/x.conf", "udp 7\n");
	check(&blue, false, "/etc/netns/blue/portres.d/x.conf:1: 7|", "but its own");
}

static void test_faults(void)
{
	tree_remove();
	mkdir(tree, 0755);
	tree_write("/etc/portres.d/a.conf", "udp 1\n\nudp 2 user asterisk\nudp 3 user nobody\n"
		   "udp 4 user 77\nnonsense\nudp 5\n");
	tree_write("/etc/passwd", "root:x:0:0::/:\nasterisk:x:110:110::/:\n");
	if (symlink("gone", tree_path("/etc/portres.d/b.conf")) ||
	    symlink("/etc/portres.d/target", tree_path("/etc/portres.d/c.conf")) ||
	    symlink("../../../../../../etc/hostname", tree_path("/etc/portres.d/d.conf")) ||
	    mkfifo(tree_path("/etc/portres.d/pipe"), 0644) ||
	    symlink("pipe", tree_path("/etc/portres.d/e.conf")))
		tap_bail("no links");
	tree_write("/etc/portres.d/target", "udp 6\n");
	check(&machine, false,
	      "/etc/portres.d/a.conf:1: 1|/etc/portres.d/a.conf:3: 2|"
	      "/etc/portres.d/a.conf:4: unknown user \"nobody\": expected a name or "
	      "a number|/etc/portres.d/a.conf:5: 4|"
	      "/etc/portres.d/a.conf:6: unknown protocol \"nonsense\": "
	      "expected udp, tcp or both|/etc/portres.d/a.conf:7: 5|"
	      "/etc/portres.d/b.conf:0: No such file or directory|/etc/portres.d/c.conf:1: 6|"
	      "/etc/portres.d/d.conf:0: No such file or directory|"
	      "/etc/portres.d/e.conf:0: Invalid argument|",
	      "each fault is told, links stay below the root, users are those of the root");
}

static void test_store(void)
{
	tree_remove();
	mkdir(tree, 0755);
	check(&machine, true, "", "no store, no entries");
	tree_write(STATE "/udp-9000-9000", "udp 9000 name \"x\"\n");
	tree_write(STATE "/udp-10000-10009", "# by hand\n\nudp 10000+10 user 4\n");
	tree_write(STATE "/.lock", "");
	tree_write(STATE "/.new-udp-1-1", "udp 1\n");
	tree_write(STATE "/.old-udp-2-2", "udp 2\n");
	tree_write(STATE "/netns/blue/udp-5-5", "udp 5\n");
	check(&machine, true, STATE "/udp-9000-9000:1: 9000x|" STATE "/udp-10000-10009:3: 10000|",
	      "by ports; what a crash leaves does not count");
	check(&blue, true, STATE "/netns/blue/udp-5-5:1: 5|", "the store of a named one");
	tree_write(STATE "/netns/blue/netns", "");
	tree_write(STATE "/netns/blue/udp-5-5", "udp 5");
	tree_write(STATE "/netns/blue/udp-6-6", "udp 6\nudp 6\n");
	tree_write(STATE "/netns/blue/udp-7-7", "udp 8\n");
	tree_write(STATE "/netns/blue/udp-8-8", "");
	tree_write(STATE "/netns/blue/udp-9-9", "udp 9 name \"\n");
	tree_write(STATE "/netns/blue/udp-010-10", "udp 10\n");
	tree_write(STATE "/netns/blue/udp-11-10", "udp 10\n");
	tree_write(STATE "/netns/blue/udp-65535-65536", "udp 65535\n");
	check(&blue, true,
	      STATE "/netns/blue/netns:0: not a file of the store, ignored|"
	      STATE "/netns/blue/udp-010-10:0: not a file of the store, ignored|"
	      STATE "/netns/blue/udp-11-10:0: not a file of the store, ignored|"
	      STATE "/netns/blue/udp-65535-65536:0: not a file of the store, ignored|"
	      STATE "/netns/blue/udp-5-5:1: the file is truncated: delete the file|"
	      STATE "/netns/blue/udp-6-6:1: more than one reservation in the file: delete the file|"
	      STATE "/netns/blue/udp-7-7:1: ports in the file do not match the file name: "
	      "correct or delete the file|"
	      STATE "/netns/blue/udp-8-8:1: no reservation in the file: delete the file|"
	      STATE "/netns/blue/udp-9-9:1: missing closing quote|", "damage, each for itself");
}

/* A change of a block that was interrupted: the new one counts. */
static void test_replaced(void)
{
	tree_remove();
	mkdir(tree, 0755);
	tree_write(STATE "/udp-5000-5009", "udp 5000-5009 name old\n");
	tree_write(STATE "/udp-5005-5014", "udp 5005-5014 name new was 5000-5009\n");
	tree_write(STATE "/udp-6000-6009", "udp 6000-6009 name new was 6005-6014\n");
	tree_write(STATE "/udp-6005-6014", "udp 6005-6014 name old\n");
	tree_write(STATE "/udp-7000-7000", "udp 7000 was 7000\n");
	check(&machine, true, STATE "/udp-5005-5014:1: 5005new|" STATE "/udp-6000-6009:1: 6000new|"
	      STATE "/udp-7000-7000:1: 7000|", "what was replaced does not count");
	tree_write(STATE "/tcp-5000-5009", "tcp 5000-5009 name tcp\n");
	tree_write(STATE "/both-8000-8000", "both 8000\n");
	tree_write(STATE "/both-8001-8001", "udp 8001\n");
	tree_write(STATE "/.add-both-9-9", "");
	check(&machine, true, STATE "/tcp-5000-5009:1: 5000tcp|" STATE "/udp-5005-5014:1: 5005new|"
	      STATE "/udp-6000-6009:1: 6000new|" STATE "/udp-7000-7000:1: 7000|"
	      STATE "/both-8000-8000:1: 8000|" STATE "/both-8001-8001:1: ports in the file do not "
	      "match the file name: correct or delete the file|",
	      "another protocol is no other block");
	tree_write("/etc/portres.d/a.conf", "udp 1 was 2\nudp 3 adopt for kernel\n");
	check(&machine, false, "/etc/portres.d/a.conf:1: unknown keyword \"was\": expected name, "
	      "for, user or adopt|/etc/portres.d/a.conf:2: 3|", "a declaration replaces nothing");
}

int main(void)
{
	tree_make();
	test_masking();
	test_order();
	test_faults();
	test_store();
	test_replaced();
	return tap_finish();
}
