// SPDX-License-Identifier: GPL-2.0-only
/*
 * A creation and a deletion that are killed at each of their system calls, and of which each
 * system call is made to fail in turn. What was acknowledged is true for kernel and store; what
 * was not is there as a whole or not at all; what was refused has changed nothing.
 */
#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <portres/portres.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client.h"
#include "env.h"
#include "stage.h"
#include "steps.h"

#define FIRST 40000
#define COUNT 10
#define BLOCK "udp-40000-40009"
#define LINE(name) "udp 40000-40009 name \"" name "\"\n"
#define BESIDE "udp-50000-50000"
#define BESIDE_LINE "udp 50000 name \"beside\"\n"

/* Enough faults of one kind to see what is wrong. */
#define TOLD 5

enum stored { NONE, OLD, NEW, TORN };

struct state {
	bool stands;
	enum stored stored;
	bool beside;		/* nothing has happened to the other reservation */
	int aside;		/* files that are about to come or to go */
};

/* What there is before the call, which is about BLOCK. */
struct scene {
	const char *text;
	bool creates;
	bool similar;		/* to another one: not each error has to be tried */
	bool bare;		/* not even a directory */
	bool stands;
	const char *stored;
	const char *new, *old;	/* left by a crash */
};

static const struct scene scenes[] = {
	{ "create where there is no store", .creates = true, .bare = true },
	{ "create", .creates = true },
	{ "create in the place of one that does not stand", .creates = true,
	  .stored = LINE("old") },
	{ "create after a crash", .creates = true, .similar = true, .stored = LINE("old"),
	  .old = LINE("old"), .new = "udp 400" },
	{ "delete", .stands = true, .stored = LINE("old") },
	{ "delete after a crash", .similar = true, .stands = true, .stored = LINE("old"),
	  .old = LINE("old"), .new = "udp 400" },
	{ "delete what does not stand", .similar = true, .stored = LINE("old") },
	{ "delete what is not stored", .similar = true, .stands = true },
};

/* What the process that is interfered with says of itself. */
static struct told {
	bool acknowledged;	/* that the call has returned */
	int error;
	char text[1024];
} *told;

static struct client kernel;
static unsigned int points;	/* that were tried */

static void put_file(const char *name, const char *text)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), STATE_DIR "/%s", name);
	file = fopen(path, "we");
	if (!file || fputs(text, file) < 0 || fclose(file))
		tap_bail("cannot write %s", path);
}

static void remove_store(void)
{
	DIR *files = opendir(STATE_DIR);
	struct dirent *entry;

	while (files && (entry = readdir(files)))
		unlinkat(dirfd(files), entry->d_name, 0);
	if (files)
		closedir(files);
	if (rmdir(STATE_DIR) && errno != ENOENT)
		tap_bail("cannot remove the store: %s", strerror(errno));
}

static void set_scene(const struct scene *scene)
{
	unreserve(&kernel, FIRST, COUNT);
	remove_store();
	if (scene->stands && reserve(&kernel, FIRST, COUNT, "old", NO_OWNER, NULL))
		tap_bail("cannot reserve");
	memset(told, 0, sizeof(*told));
	if (scene->bare)
		return;
	if (mkdir(STATE_DIR, 0755))
		tap_bail("cannot make the store");
	put_file(".lock", "");
	put_file(BESIDE, BESIDE_LINE);
	if (scene->stored)
		put_file(BLOCK, scene->stored);
	if (scene->new)
		put_file(".new-" BLOCK, scene->new);
	if (scene->old)
		put_file(".old-" BLOCK, scene->old);
}

static bool has_content(const char *name, const char *wanted)
{
	char path[256], text[512];
	size_t len = 0;
	FILE *file;

	snprintf(path, sizeof(path), STATE_DIR "/%s", name);
	file = fopen(path, "re");
	if (file) {
		len = fread(text, 1, sizeof(text), file);
		fclose(file);
	}
	return file && len == strlen(wanted) && !memcmp(text, wanted, len);
}

static enum stored look_at_block(void)
{
	if (has_content(BLOCK, LINE("new")))
		return NEW;
	if (has_content(BLOCK, LINE("old")))
		return OLD;
	return access(STATE_DIR "/" BLOCK, F_OK) ? NONE : TORN;
}

static struct state look(void)
{
	struct state state = { .stored = look_at_block() };
	DIR *files = opendir(STATE_DIR);
	struct dirent *entry;
	struct resv resv;

	state.stands = get_block(&kernel, FIRST, COUNT, &resv) == 0;
	state.beside = has_content(BESIDE, BESIDE_LINE);
	while (files && (entry = readdir(files)))
		state.aside += !strncmp(entry->d_name, ".new-", 5) ||
			       !strncmp(entry->d_name, ".old-", 5);
	if (files)
		closedir(files);
	return state;
}

static int create(struct portres *handle)
{
	struct portres_spec *spec = portres_spec_new(IPPROTO_UDP, FIRST, COUNT);
	int error = spec ? portres_spec_set_name(spec, "new") : -ENOMEM;

	if (!error)
		error = portres_create(handle, spec, NULL);
	portres_spec_free(spec);
	return error;
}

/* In the process that is interfered with. */
static int act(void *arg)
{
	const struct scene *scene = arg;
	struct portres *handle = NULL;
	int error = portres_open(&handle);

	if (error)
		snprintf(told->text, sizeof(told->text), "%s", portres_strerror(error));
	else if (scene->creates)
		error = create(handle);
	else
		error = portres_delete(handle, IPPROTO_UDP, FIRST, COUNT);
	if (handle && error)
		snprintf(told->text, sizeof(told->text), "%s", portres_error(handle));
	told->error = error;
	told->acknowledged = true;
	portres_close(handle);
	return 0;
}

static int refuse_damage(const struct portres_entry *entry, void *arg)
{
	(void)arg;
	return !!portres_entry_error(entry);
}

/* Ends what is left, makes and ends it once more. A lock that was left would stop it. */
static int use(void *arg)
{
	struct portres *handle;
	int error = portres_open(&handle);

	(void)arg;
	alarm(20);
	if (error)
		return 1;
	if (portres_for_each_entry(handle, refuse_damage, NULL))
		return 2;
	error = portres_delete(handle, IPPROTO_UDP, FIRST, COUNT);
	if (error && error != -ENOENT)
		return 3;
	if (create(handle) || look_at_block() != NEW)
		return 4;
	if (portres_delete(handle, IPPROTO_UDP, FIRST, COUNT))
		return 5;
	portres_close(handle);
	return 0;
}

static const char *try_use(void)
{
	static const char *const steps[] = { "", "open", "read the store", "delete", "create",
					      "delete again" };
	static char text[64];
	struct state state;
	int status;
	pid_t pid;

	pid = fork();
	if (!pid)
		_exit(use(NULL));
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return "it could not be used afterwards: a lock was left?";
	if (status) {
		snprintf(text, sizeof(text), "afterwards, cannot %s", steps[WEXITSTATUS(status)]);
		return text;
	}
	state = look();
	if (state.stands || state.stored != NONE || state.aside)
		return "after further use something is left";
	return NULL;
}

static bool done(const struct scene *scene, const struct state *now)
{
	if (scene->creates)
		return now->stands && now->stored == NEW;
	return !now->stands && now->stored == NONE;
}

/* Neither acknowledged nor refused. The kernel hears first what is made, last what is ended. */
static const char *judge_between(const struct scene *scene, const struct state *before,
				 const struct state *now)
{
	enum stored after = scene->creates ? NEW : NONE;

	if (now->stored != before->stored && now->stored != after)
		return "not acknowledged, and the store has something else";
	if (scene->creates && now->stored == NEW && !now->stands)
		return "stored, but the kernel was not asked";
	if (!scene->creates && !now->stands && before->stands && now->stored != NONE)
		return "stored, but the kernel has ended it";
	return NULL;
}

static const char *judge(const struct scene *scene, const struct state *before)
{
	struct state now = look();

	if (now.stored == TORN)
		return "half of it is in the store";
	if (now.beside != before->beside)
		return "another reservation has changed";
	if (!told->acknowledged)
		return judge_between(scene, before, &now);
	if (!told->error)
		return done(scene, &now) ? NULL : "acknowledged, and not so";
	if (!told->text[0])
		return "refused without a word";
	if (now.stands != before->stands)
		return now.stands ? "refused, and the kernel has it" :
			"refused, and the kernel has it no more";
	return now.stored == before->stored ? NULL : "refused, and the store has changed";
}

/* What can be done again when a signal comes has to be. */
static bool restartable(long call)
{
	static const long calls[] = { SYS_openat, SYS_flock, SYS_fchmod, SYS_fsync, SYS_write,
				      SYS_renameat, SYS_linkat, SYS_unlinkat, SYS_mkdirat,
				      SYS_newfstatat, SYS_getdents64, SYS_recvmsg };
	size_t i;

	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (calls[i] == call)
			return true;
	return false;
}

static const char *judge_step(const struct scene *scene, const struct state *before,
			      const struct step *step, const struct outcome *outcome)
{
	const char *wrong = NULL;

	if (step->what == FAIL && outcome->status)
		wrong = "the process did not survive it";
	else if (step->what == FAIL && step->error == EINTR && told->error &&
		 restartable(outcome->call))
		wrong = "a signal has ended it";
	if (!wrong)
		wrong = judge(scene, before);
	return wrong || step->what == FAIL ? wrong : try_use();
}

/* Tries the step at each call in turn. */
static void try_all(const void *arg, struct step step, const char *kind)
{
	const struct scene *scene = arg;
	unsigned int faults = 0, refused = 0, tried = 0;

	for (step.number = steps_first();; step.number += steps_stride()) {
		struct outcome outcome;
		struct state before;
		const char *wrong;

		set_scene(scene);
		before = look();
		outcome = run_step(act, (void *)scene, &step);
		if (!outcome.reached ||
		    (step.what == FAIL && outcome.call == SYS_exit_group))
			break;
		wrong = judge_step(scene, &before, &step, &outcome);
		refused += told->error != 0;
		tried++;
		if (!wrong || faults++ >= TOLD)
			continue;
		tap_diag("call %u, %s: %s", step.number, call_name(outcome.call), wrong);
		if (told->error)
			tap_diag("  told %s: %s", errno_name(-told->error), told->text);
	}
	tap_ok(!faults && tried, "%s, %s %u system calls, %s%s", scene->text, kind, tried,
	       steps_which(), step.what == FAIL ? "" : ", at which it was killed");
	if (step.what == FAIL)
		tap_diag("%u of %u were refused", refused, tried);
	points += tried;
}

int main(int argc, char **argv)
{
	size_t i;

	steps_arguments(argc, argv);
	module_load();
	steps_stay_on_one_cpu();
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("none", "/var/lib", "tmpfs", 0, "mode=755"))
		tap_bail("no store of our own: %s", strerror(errno));
	told = mmap(NULL, sizeof(*told), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (told == MAP_FAILED || client_open(&kernel))
		tap_bail("cannot look at what happens");
	for (i = 0; i < sizeof(scenes) / sizeof(scenes[0]); i++)
		steps_of_all_kinds(try_all, &scenes[i], scenes[i].similar);
	tap_diag("%u points were tried", points);
	unreserve(&kernel, FIRST, COUNT);
	client_close(&kernel);
	return tap_finish();
}
