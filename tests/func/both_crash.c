// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reservations in both protocols that are created, changed and deleted by a process that is killed
 * at each of its system calls, and of which each system call is made to fail in turn. What was
 * acknowledged is true; what was refused has changed nothing; and of what was neither, one half
 * alone is left for no longer than until the next change.
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
#include <sys/wait.h>
#include <unistd.h>

#include "client.h"
#include "env.h"
#include "stage.h"
#include "steps.h"

#define FIRST 40000
#define COUNT 10
#define GROWN 20
#define OTHER 50000

/* Enough faults of one kind to see what is wrong. */
#define TOLD 5

enum action { CREATE, DELETE, RENAME, GROW, ACTIONS };

static const char *const texts[ACTIONS] = { "create", "delete", "change the name", "grow" };

/* The block that one place has: none, the old one by its old or new name, or the grown one. */
enum state { NONE, OLD, RENAMED, LARGE, STRANGE };

struct state_set {
	enum state udp, tcp, store;
};

static struct told {
	bool acknowledged;	/* that the call has returned */
	int error;
	char text[1024];
} *told;

static struct client kernels[2] = { { .protocol = IPPROTO_UDP }, { .protocol = IPPROTO_TCP } };

static enum state state_of(const char *name, uint16_t first, uint16_t count)
{
	if (first != FIRST || (count != COUNT && count != GROWN))
		return STRANGE;
	if (count == GROWN)
		return LARGE;
	return strcmp(name, "old") ? RENAMED : OLD;
}

static enum state look_at_kernel(struct client *client)
{
	struct resv resv;

	return get_port(client, FIRST, &resv) ? NONE :
		state_of(resv.name, resv.first, resv.count);
}

static int look_at_entry(const struct portres_entry *entry, void *arg)
{
	enum state *state = arg;
	const char *name = portres_entry_name(entry);

	if (portres_entry_error(entry) || portres_entry_protocol(entry) != PORTRES_BOTH ||
	    *state != NONE)
		*state = STRANGE;
	else
		*state = state_of(name ? name : "", portres_entry_first(entry),
				  portres_entry_count(entry));
	return 0;
}

static struct state_set look(void)
{
	struct state_set set = { .store = NONE };
	struct portres *handle;

	must(-portres_open(&handle), "open");
	must(-portres_for_each_entry(handle, look_at_entry, &set.store), "read the store");
	portres_close(handle);
	set.udp = look_at_kernel(&kernels[0]);
	set.tcp = look_at_kernel(&kernels[1]);
	return set;
}

static struct portres_spec *make_spec(uint16_t count, const char *name)
{
	struct portres_spec *spec = portres_spec_new(PORTRES_BOTH, FIRST, count);

	if (!spec || portres_spec_set_name(spec, name))
		tap_bail("no memory");
	return spec;
}

static void empty(void)
{
	DIR *files = opendir(STATE_DIR);
	struct dirent *entry;
	size_t i;

	for (i = 0; i < 2; i++) {
		unreserve(&kernels[i], FIRST, COUNT);
		unreserve(&kernels[i], FIRST, GROWN);
	}
	while (files && (entry = readdir(files)))
		unlinkat(dirfd(files), entry->d_name, 0);
	if (files)
		closedir(files);
}

static void set_scene(enum action action)
{
	struct portres_spec *spec = make_spec(COUNT, "old");
	struct portres *handle;

	empty();
	memset(told, 0, sizeof(*told));
	must(-portres_open(&handle), "open");
	if (action != CREATE)
		must(-portres_create(handle, spec, NULL), "reserve");
	portres_close(handle);
	portres_spec_free(spec);
}

static int act_with(struct portres *handle, enum action action)
{
	struct portres_spec *spec = make_spec(action == GROW ? GROWN : COUNT,
					      action == CREATE ? "old" : "new");
	int error;

	if (action == CREATE)
		error = portres_create(handle, spec, NULL);
	else if (action == DELETE)
		error = portres_delete(handle, PORTRES_BOTH, FIRST, COUNT);
	else
		error = portres_set(handle, PORTRES_BOTH, FIRST, COUNT, spec, action == GROW ?
				    PORTRES_SET_BLOCK : PORTRES_SET_NAME);
	portres_spec_free(spec);
	return error;
}

/* In the process that is interfered with. */
static int act(void *arg)
{
	struct portres *handle = NULL;
	int error = portres_open(&handle);

	if (error)
		snprintf(told->text, sizeof(told->text), "%s", portres_strerror(error));
	else
		error = act_with(handle, *(enum action *)arg);
	if (handle && error)
		snprintf(told->text, sizeof(told->text), "%s", portres_error(handle));
	told->error = error;
	told->acknowledged = true;
	portres_close(handle);
	return 0;
}

static int restore_entry(const struct portres_entry *entry, void *arg)
{
	return portres_restore(arg, entry, NULL);
}

/* A further change, of something else, which ends what was interrupted; then a restore. */
static int go_on(struct portres *handle)
{
	struct portres_spec *spec = portres_spec_new(IPPROTO_UDP, OTHER, 1);
	int error = spec ? portres_create(handle, spec, NULL) : -ENOMEM;

	portres_spec_free(spec);
	if (!error)
		error = portres_delete(handle, IPPROTO_UDP, OTHER, 1);
	return error ? error : portres_for_each_entry(handle, restore_entry, handle);
}

/*
 * It is deleted if it is there, created and deleted once more: no lock was left, and nothing else.
 */
static const char *try_use(void)
{
	struct portres_spec *spec = make_spec(COUNT, "old");
	const char *wrong = NULL;
	struct portres *handle;
	struct state_set now;

	alarm(20);
	must(-portres_open(&handle), "open");
	if (go_on(handle))
		wrong = "afterwards, cannot change anything or restore";
	now = look();
	if (!wrong && (now.udp != now.tcp || (now.store != NONE && now.store != now.udp)))
		wrong = "after a further change one half is left";
	if (!wrong && now.udp != NONE &&
	    portres_delete(handle, PORTRES_BOTH, FIRST, now.udp == LARGE ? GROWN : COUNT))
		wrong = "afterwards, cannot delete it";
	if (!wrong && (portres_create(handle, spec, NULL) ||
		       portres_delete(handle, PORTRES_BOTH, FIRST, COUNT)))
		wrong = "afterwards, cannot create and delete it";
	if (wrong)
		tap_diag("%s", portres_error(handle));
	alarm(0);
	portres_spec_free(spec);
	portres_close(handle);
	now = look();
	if (!wrong && (now.udp != NONE || now.tcp != NONE || now.store != NONE))
		wrong = "after a deletion something is left";
	return wrong;
}

static enum state after(enum action action)
{
	static const enum state states[ACTIONS] = { OLD, NONE, RENAMED, LARGE };

	return states[action];
}

static bool all_are(const struct state_set *set, enum state state)
{
	return set->udp == state && set->tcp == state && set->store == state;
}

static const char *judge(enum action action)
{
	enum state before = action == CREATE ? NONE : OLD;
	struct state_set now = look();

	if (now.udp == STRANGE || now.tcp == STRANGE || now.store == STRANGE)
		return "something else is there";
	if (now.store != before && now.store != after(action))
		return "the store has neither of the two";
	if (!told->acknowledged)
		return now.store == after(action) && action == CREATE &&
		       (now.udp == NONE || now.tcp == NONE) ?
			"stored, but the kernel was not asked for each" : NULL;
	if (!told->error)
		return all_are(&now, after(action)) ? NULL : "acknowledged, and not so";
	if (!told->text[0])
		return "refused without a word";
	return all_are(&now, before) ? NULL : "refused, and something has changed";
}

static const char *judge_step(enum action action, const struct step *step,
			      const struct outcome *outcome)
{
	const char *wrong = NULL;

	if (step->what == FAIL && outcome->status)
		wrong = "the process did not survive it";
	if (!wrong)
		wrong = judge(action);
	return wrong || step->what == FAIL ? wrong : try_use();
}

/* Tries the step at each call in turn. */
static void try_all(enum action action, struct step step, const char *kind)
{
	unsigned int faults = 0, tried = 0;

	for (step.number = steps_first();; step.number += steps_stride()) {
		struct outcome outcome;
		const char *wrong;

		set_scene(action);
		outcome = run_step(act, &action, &step);
		if (!outcome.reached ||
		    (step.what == FAIL && outcome.call == SYS_exit_group))
			break;
		wrong = judge_step(action, &step, &outcome);
		tried++;
		if (!wrong || faults++ >= TOLD)
			continue;
		tap_diag("call %u, %s: %s", step.number, call_name(outcome.call), wrong);
		if (told->error)
			tap_diag("  told %s: %s", errno_name(-told->error), told->text);
	}
	tap_ok(!faults && tried, "%s, %s %u system calls, %s", texts[action], kind, tried,
	       steps_which());
}

int main(int argc, char **argv)
{
	static const int errors[] = { EIO, EINTR, ENOSPC };
	enum action action;
	size_t i;

	steps_arguments(argc, argv);
	module_load();
	steps_stay_on_one_cpu();
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("none", "/var/lib", "tmpfs", 0, "mode=755"))
		tap_bail("no store of our own: %s", strerror(errno));
	told = mmap(NULL, sizeof(*told), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (told == MAP_FAILED || client_open(&kernels[0]) || client_open(&kernels[1]))
		tap_bail("cannot look at what happens");
	kernels[0].protocol = IPPROTO_UDP;
	kernels[1].protocol = IPPROTO_TCP;
	for (action = 0; action < ACTIONS; action++) {
		try_all(action, (struct step){ KILL_BEFORE, 0, 0 }, "killed before");
		try_all(action, (struct step){ KILL_AFTER, 0, 0 }, "killed after");
		for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
			try_all(action, (struct step){ FAIL, 0, errors[i] }, errno_name(errors[i]));
	}
	empty();
	client_close(&kernels[0]);
	client_close(&kernels[1]);
	return tap_finish();
}
