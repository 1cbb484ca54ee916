// SPDX-License-Identifier: GPL-2.0-only
/* The store alone, below a root of its own: what is on the disk after each step. */
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>

#include "disk/store.h"
#include "tree.h"

static const struct portres_home machine = { .realm = PORTRES_REALM_SYSTEM };
static const struct portres_home blue = { .realm = PORTRES_REALM_NAMED, .name = "blue" };

static void check(const char *got, const char *wanted, const char *what)
{
	if (!tap_ok(!strcmp(got, wanted), "%s", what))
		tap_diag("got: %s", got);
}

static int put(uint16_t first, uint16_t count, const char *name)
{
	struct portres_spec spec = { .protocol = IPPROTO_UDP, .first = first, .count = count,
				     .has_owner = true, .owner = 110, .name = (char *)name };
	struct portres_store store;
	int error = portres_store_open(&handle, &machine, &store);

	if (!error) {
		error = portres_store_put(&store, &spec);
		portres_store_close(&store);
	}
	return error;
}

static unsigned int mode(const char *path)
{
	struct stat st = { 0 };

	stat(tree_path(path), &st);
	return st.st_mode & 07777;
}

static void test_put(void)
{
	struct portres_store store;

	tap_num(portres_store_open_existing(&handle, &machine, &store), -ENOENT, "no store yet");
	tap_ok(access(tree_path("/var"), F_OK), "looking makes none");
	umask(0777);
	tap_num(put(5000, 10, "a b"), 0, "put");
	umask(0);
	tap_num(put(6000, 1, NULL), 0, "put another");
	umask(022);
	check(tree_files(), "udp-5000-5009 udp-6000-6000 ", "two files");
	check(tree_content(STATE "/udp-5000-5009"), "udp 5000-5009 for user 110 name \"a b\"\n",
	      "a line");
	tap_num(mode(STATE), 0755, "the mode of the directory");
	tap_num(mode(STATE "/udp-5000-5009"), 0644, "the mode of a file under umask 0777");
	tap_num(mode(STATE "/udp-6000-6000"), 0644, "and under umask 0");
	tap_num(put(5000, 10, "c"), 0, "put again");
	check(tree_content(STATE "/udp-5000-5009"), "udp 5000-5009 for user 110 name \"c\"\n",
	      "it is new");
	check(tree_files(), "udp-5000-5009 udp-6000-6000 ", "nothing else is left");
	tap_num(portres_store_open(&handle, &blue, &store), 0, "the store of a named namespace");
	portres_store_close(&store);
	tap_num(mode(STATE "/netns/blue"), 0755, "is in the machine's");
	rmdir(tree_path(STATE "/netns/blue"));
}

static void test_forget(void)
{
	const struct portres_block block = { IPPROTO_UDP, 5000, 10 };
	const struct portres_block part = { IPPROTO_UDP, 5000, 9 };
	struct portres_store store;

	if (portres_store_open(&handle, &machine, &store))
		tap_bail("no store");
	tap_num(portres_store_has(&store, &block), 1, "it has the block");
	tap_num(portres_store_has(&store, &(struct portres_block){ IPPROTO_TCP, 5000, 10 }), 0,
		"but not of another protocol");
	tap_num(portres_store_has(&store, &part), 0, "but not a part of it");
	tap_num(portres_store_stage_delete(&store, &block), 0, "forget");
	tap_num(portres_store_has(&store, &block), 0, "it has it no more");
	tap_num(portres_store_abort_delete(&store, &block), 0, "bring back");
	tap_num(portres_store_has(&store, &block), 1, "it has it again");
	if (link(tree_path(STATE "/udp-5000-5009"), tree_path(STATE "/.old-udp-5000-5009")))
		tap_bail("no link");
	tap_num(portres_store_stage_delete(&store, &block), 0, "forget beside a leftover");
	portres_store_commit_delete(&store, &block);
	portres_store_close(&store);
	check(tree_files(), "netns udp-6000-6000 ", "it is gone with its leftover");
}

static int count_it(const struct portres_block *block, void *arg)
{
	*(unsigned int *)arg += block->count;
	return 0;
}

static void test_overlaps(void)
{
	static const struct {
		uint16_t first;
		uint16_t count;
		unsigned int ports;	/* of the blocks that overlap */
	} rows[] = {
		{ 1, 65535, 21 }, { 6000, 1, 1 }, { 6001, 1, 0 }, { 5999, 1, 0 }, { 6500, 1, 20 },
		{ 6519, 1, 20 }, { 6520, 1, 0 }, { 6499, 1, 0 }, { 5000, 1600, 21 },
		{ 65535, 1, 0 },
	};
	struct portres_store store;
	size_t i;

	put(6500, 20, NULL);
	tree_write(STATE "/.new-udp-1-1", "");
	tree_write(STATE "/stranger", "");
	if (portres_store_open(&handle, &machine, &store))
		tap_bail("no store");
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct portres_block block = { IPPROTO_UDP, rows[i].first, rows[i].count };
		unsigned int ports = 0;

		tap_num(portres_store_overlaps(&store, &block, count_it, &ports), 0,
			"look for overlaps");
		tap_num(ports, rows[i].ports, "%u+%u", rows[i].first, rows[i].count);
	}
	portres_store_close(&store);
	check(tree_files(), "netns stranger udp-6000-6000 udp-6500-6519 ",
	      "what a crash left is removed, what is strange is not");
	unlink(tree_path(STATE "/stranger"));
}

/* A disk without room, as a limit of the process makes it. */
static void test_no_room(void)
{
	struct rlimit usual, none;
	int error;

	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &usual);
	none = usual;
	none.rlim_cur = 0;
	setrlimit(RLIMIT_FSIZE, &none);
	error = put(7000, 1, NULL);
	setrlimit(RLIMIT_FSIZE, &usual);
	tap_num(error, -EFBIG, "a file that cannot be written");
	tap_ok(strstr(handle.text, STATE "/udp-7000-7000: File too large"), "is told: %s",
	       handle.text);
	check(tree_files(), "netns udp-6000-6000 udp-6500-6519 ", "and leaves nothing");
	unlink(tree_path(STATE "/.new-udp-7000-7000"));
}

static void test_links(void)
{
	tree_write("/elsewhere", "untouched");
	if (symlink("../../../elsewhere", tree_path(STATE "/.new-udp-7000-7000")))
		tap_bail("no link");
	/* Nobody cleans up here: the file is made over the link, not behind it. */
	tap_num(put(7000, 1, NULL), -EIO, "a link in the place of a new file is not followed");
	check(tree_content("/elsewhere"), "untouched", "nor written through");
	unlink(tree_path(STATE "/.new-udp-7000-7000"));
	unlink(tree_path(STATE "/.lock"));
	if (symlink("../../../elsewhere", tree_path(STATE "/.lock")))
		tap_bail("no link");
	tap_num(put(7000, 1, NULL), -ELOOP, "a link in the place of the lock is not followed");
	unlink(tree_path(STATE "/.lock"));
}

static void test_no_permission(void)
{
	if (geteuid() == 0) {
		tap_skip("root may write anywhere", "a store without permission to write");
		return;
	}
	chmod(tree_path(STATE), 0555);
	tap_num(put(7000, 1, NULL), -EACCES, "a store without permission to write");
	tap_ok(strstr(handle.text, "Permission denied"), "is told: %s", handle.text);
	chmod(tree_path(STATE), 0755);
}

static void test_lock(void)
{
	struct portres_store store;
	int other;

	if (portres_store_open(&handle, &machine, &store))
		tap_bail("no store");
	other = open(tree_path(STATE "/.lock"), O_RDWR);
	tap_ok(other >= 0 && flock(other, LOCK_SH | LOCK_NB) < 0, "nobody else gets the lock");
	tap_num(fcntl(store.lock, F_GETFD) & fcntl(store.dir, F_GETFD), FD_CLOEXEC,
		"its descriptors are not passed on");
	portres_store_close(&store);
	tap_num(flock(other, LOCK_EX | LOCK_NB), 0, "until it is closed");
	close(other);
}

/* Each state that a crash can leave when a block is changed, and what becomes of it. */
static void test_recover(void)
{
	static const struct {
		const char *what;
		const char *old, *new;		/* contents, NULL: no file */
		const char *left;		/* the files once it was opened */
	} rows[] = {
		{ "before the new one", "udp 8000-8009\n", NULL, "udp-8000-8009 " },
		{ "both", "udp 8000-8009\n", "udp 8005-8014 was 8000-8009\n", "udp-8005-8014 " },
		{ "only the new one", NULL, "udp 8005-8014 was 8000-8009\n", "udp-8005-8014 " },
		{ "both, of which the second is the old one",
		  "udp 8000-8009 was 8005-8014\n", "udp 8005-8014\n", "udp-8000-8009 " },
		{ "both, none of which names the other", "udp 8000-8009\n", "udp 8005-8014\n",
		  "udp-8000-8009 udp-8005-8014 " },
		{ "one that names a third", "udp 8000-8009\n", "udp 8005-8014 was 8010-8019\n",
		  "udp-8000-8009 udp-8005-8014 " },
		{ "one that is damaged", "udp 8000-8009\n", "udp 8005-8014 was",
		  "udp-8000-8009 udp-8005-8014 " },
	};
	struct portres_store store;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		tree_remove();
		mkdir(tree, 0755);
		if (rows[i].old)
			tree_write(STATE "/udp-8000-8009", rows[i].old);
		if (rows[i].new)
			tree_write(STATE "/udp-8005-8014", rows[i].new);
		tap_num(portres_store_open(&handle, &machine, &store), 0, "%s: open", rows[i].what);
		portres_store_close(&store);
		check(tree_files(), rows[i].left, rows[i].what);
	}
}

static void test_change(void)
{
	struct portres_spec old = { .protocol = IPPROTO_UDP, .first = 8000, .count = 10 };
	struct portres_spec new = { .protocol = IPPROTO_UDP, .first = 8005, .count = 10,
				    .name = (char *)"x", .adopt = true };
	struct portres_store store;

	tree_remove();
	mkdir(tree, 0755);
	portres_spec_grant_unit(&new, "a b");
	portres_spec_grant_cgroup(&new, "/c d");
	portres_spec_grant_kernel(&new);
	portres_spec_grant_user_unit(&new, "e", 7);
	if (portres_store_open(&handle, &machine, &store) || portres_store_put(&store, &old))
		tap_bail("no store");
	tap_num(portres_store_stage_change(&store, &new, &old), 0, "stage a change");
	check(tree_files(), "udp-8000-8009 udp-8005-8014 ", "both are there");
	check(tree_content(STATE "/udp-8005-8014"), "udp 8005-8014 for unit \"a\\\\x20b.service\" "
	      "for cgroup \"/c d\" for kernel for unit e.service of 7 name \"x\" adopt was "
	      "8000-8009\n", "the new one names the old one");
	tap_num(portres_store_abort_change(&store, &new), 0, "take it back");
	check(tree_files(), "udp-8000-8009 ", "the old one is there");
	portres_store_stage_change(&store, &new, &old);
	portres_store_commit_change(&store, &new, &old);
	check(tree_files(), "udp-8005-8014 ", "done, the new one is there");
	check(tree_content(STATE "/udp-8005-8014"), "udp 8005-8014 for unit \"a\\\\x20b.service\" "
	      "for cgroup \"/c d\" for kernel for unit e.service of 7 name \"x\" adopt\n",
	      "and names nothing");
	portres_store_close(&store);
	portres_grants_clear(&new.grants);
}

int main(void)
{
	tree_make();
	test_put();
	test_forget();
	test_overlaps();
	test_no_room();
	test_links();
	test_no_permission();
	test_lock();
	test_recover();
	test_change();
	return tap_finish();
}
