// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kills a change of a reservation at each of its system calls, and makes each system call fail in
 * turn. After success, kernel and store have the change; after a kill, both are as before or after
 * it; after an error, nothing is changed. A port of both blocks is reserved at every moment, and a
 * restore afterwards makes the kernel agree with the store.
 */
#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <portres/portres.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client.h"
#include "env.h"
#include "stage.h"
#include "steps.h"

/* Enough faults of one kind to see what is wrong. */
#define TOLD 5

struct block {
	uint16_t first;
	uint16_t count;
};

struct scene {
	const char *text;
	struct block to;
	bool similar;		/* to another one: not each error has to be tried */
	bool replaces;		/* by portres_replace() */
};

static const struct block from = { 40000, 10 };

static const struct scene scenes[] = {
	{ "name and grants", .to = { 40000, 10 } },
	{ "replace", .to = { 40000, 10 }, .similar = true, .replaces = true },
	{ "grow and shrink", .to = { 40005, 10 } },
	{ "grow", .to = { 39990, 30 }, .similar = true },
	{ "shrink", .to = { 40003, 2 }, .similar = true },
};

/* What there is: of one name or the other, of one block or the other, or of both. */
enum state { NONE, OLD, NEW, BETWEEN };

static struct told {
	bool acknowledged;
	int error;
	char text[1024];
} *told;

static struct client kernel;
static uint64_t token;

static void clear_store(void)
{
	DIR *files = opendir(STATE_DIR);
	struct dirent *entry;

	while (files && (entry = readdir(files)))
		unlinkat(dirfd(files), entry->d_name, 0);
	if (files)
		closedir(files);
}

static struct portres_spec *new_spec(const struct scene *scene)
{
	struct portres_spec *spec = portres_spec_new(IPPROTO_UDP, scene->to.first, scene->to.count);

	if (spec && (portres_spec_set_name(spec, "new") || portres_spec_grant_kernel(spec))) {
		portres_spec_free(spec);
		spec = NULL;
	}
	return spec;
}

static void set_scene(void)
{
	struct portres_spec *spec = portres_spec_new(IPPROTO_UDP, from.first, from.count);
	struct portres *handle = NULL;
	struct resv resvs[4];
	size_t count = 0;

	must(dump(&kernel, resvs, 4, &count), "list");
	while (count)
		count--, unreserve(&kernel, resvs[count].first, resvs[count].count);
	clear_store();
	memset(told, 0, sizeof(*told));
	if (!spec || portres_spec_set_name(spec, "old") || portres_spec_set_owner(spec, 7) ||
	    portres_open(&handle))
		tap_bail("no memory");
	must(-portres_create(handle, spec, &token), "reserve");
	portres_close(handle);
	portres_spec_free(spec);
}

/* In the process that is interfered with. */
static int act(void *arg)
{
	const struct scene *scene = arg;
	struct portres_spec *spec = new_spec(scene);
	struct portres *handle = NULL;
	int error = spec ? portres_open(&handle) : -ENOMEM;

	if (!error && scene->replaces)
		error = portres_replace(handle, spec, NULL, NULL);
	else if (!error)
		error = portres_set(handle, IPPROTO_UDP, from.first, from.count, spec,
				    PORTRES_SET_NAME | PORTRES_SET_GRANTS | PORTRES_SET_BLOCK);
	if (error)
		snprintf(told->text, sizeof(told->text), "%s",
			 handle ? portres_error(handle) : portres_strerror(error));
	told->error = error;
	told->acknowledged = true;
	portres_close(handle);
	portres_spec_free(spec);
	return 0;
}

static enum state judge_one(const struct scene *scene, uint16_t first, uint16_t count,
			    const char *name, bool kernel_grant)
{
	bool is_new = !strcmp(name, "new");

	if (is_new != kernel_grant)
		return BETWEEN;
	if (!is_new && first == from.first && count == from.count)
		return OLD;
	return is_new && first == scene->to.first && count == scene->to.count ? NEW : BETWEEN;
}

struct looked {
	const struct scene *scene;
	unsigned int count;
	enum state state;
};

static int look_at_reservation(const struct portres_reservation *reservation, void *arg)
{
	const struct portres_grant *grant = portres_reservation_grant(reservation, 0);
	struct looked *looked = arg;
	uint64_t told_token = 0;

	looked->count++;
	looked->state = judge_one(looked->scene, portres_reservation_first(reservation),
				  portres_reservation_count(reservation),
				  portres_reservation_name(reservation),
				  grant && portres_grant_kind(grant) == PORTRES_GRANT_KERNEL);
	if (portres_reservation_token(reservation, &told_token) || told_token != token)
		looked->count = 100;
	return 0;
}

static int look_at_entry(const struct portres_entry *entry, void *arg)
{
	const struct portres_grant *grant = portres_entry_grant(entry, 0);
	struct looked *looked = arg;

	looked->count++;
	looked->state = portres_entry_error(entry) ? BETWEEN :
		judge_one(looked->scene, portres_entry_first(entry), portres_entry_count(entry),
			  portres_entry_name(entry),
			  grant && portres_grant_kind(grant) == PORTRES_GRANT_KERNEL);
	return 0;
}

struct state_pair {
	enum state kernel, store;
	bool gap;		/* a port of both blocks is not reserved */
};

static struct state_pair look(struct portres *handle, const struct scene *scene)
{
	struct looked one = { .scene = scene };
	struct looked two = { .scene = scene };
	struct state_pair pair = { 0 };
	unsigned int port;
	struct resv resv;

	must(-portres_for_each(handle, look_at_reservation, &one), "list");
	must(-portres_for_each_entry(handle, look_at_entry, &two), "read the store");
	pair.kernel = one.count == 1 ? one.state : NONE;
	pair.store = two.count == 1 ? two.state : NONE;
	for (port = from.first; port < (unsigned int)from.first + from.count; port++)
		if (port >= scene->to.first && port - scene->to.first < scene->to.count)
			pair.gap |= get_port(&kernel, port, &resv) != 0;
	return pair;
}

static int restore_entry(const struct portres_entry *entry, void *arg)
{
	return portres_restore(arg, entry, NULL);
}

/* The reservation can be restored, changed and deleted: no lock was left. */
static const char *try_use(struct portres *handle, const struct scene *scene)
{
	struct state_pair pair;
	struct portres_spec *spec;
	int error;

	alarm(20);
	error = portres_for_each_entry(handle, restore_entry, handle);
	if (error) {
		tap_diag("restore: %s", portres_error(handle));
		return "afterwards, cannot restore";
	}
	pair = look(handle, scene);
	if (pair.kernel != pair.store)
		return "after a restore the kernel has something else than the store";
	spec = new_spec(scene);
	error = portres_replace(handle, spec, NULL, NULL);
	if (error == -EEXIST)
		error = portres_set(handle, IPPROTO_UDP, from.first, from.count, spec,
				    PORTRES_SET_NAME | PORTRES_SET_GRANTS | PORTRES_SET_BLOCK);
	portres_spec_free(spec);
	if (error) {
		tap_diag("change: %s", portres_error(handle));
		return "afterwards, cannot change it";
	}
	pair = look(handle, scene);
	if (pair.kernel != NEW || pair.store != NEW)
		return "after a further change it is not so";
	if (portres_delete(handle, IPPROTO_UDP, scene->to.first, scene->to.count))
		return "afterwards, cannot delete it";
	pair = look(handle, scene);
	alarm(0);
	if (pair.kernel != NONE || pair.store != NONE)
		return "after a deletion something is left";
	return NULL;
}

static const char *judge(const struct state_pair *now)
{
	if (now->gap)
		return "a port that stays is not reserved";
	if (now->kernel == NONE)
		return "the reservation is gone, or has another token";
	if (now->store != OLD && now->store != NEW)
		return "the store has neither of the two";
	if (!told->acknowledged)
		return now->store == NEW && now->kernel == OLD ?
			"stored, but the kernel was not asked" : NULL;
	if (!told->error)
		return now->kernel == NEW && now->store == NEW ? NULL : "acknowledged, and not so";
	if (!told->text[0])
		return "refused without a word";
	if (now->kernel != OLD || now->store != OLD)
		return "refused, and something has changed";
	return NULL;
}

/* Tries the step at each call in turn. */
static void try_all(const void *arg, struct step step, const char *kind)
{
	const struct scene *scene = arg;
	unsigned int faults = 0, refused = 0, tried = 0;

	for (step.number = steps_first();; step.number += steps_stride()) {
		struct outcome outcome;
		struct portres *handle;
		struct state_pair now;
		const char *wrong;

		set_scene();
		outcome = run_step(act, (void *)scene, &step);
		if (!outcome.reached || (step.what == FAIL && outcome.call == SYS_exit_group))
			break;
		must(-portres_open(&handle), "open");
		now = look(handle, scene);
		wrong = judge(&now);
		if (!wrong)
			wrong = try_use(handle, scene);
		portres_close(handle);
		refused += told->error != 0;
		tried++;
		if (!wrong || faults++ >= TOLD)
			continue;
		tap_diag("call %u, %s: %s (kernel %d, store %d)", step.number,
			 call_name(outcome.call), wrong, now.kernel, now.store);
		if (told->error)
			tap_diag("  told %s: %s", errno_name(-told->error), told->text);
	}
	tap_ok(!faults && tried, "%s, %s %u system calls, %s%s", scene->text, kind, tried,
	       steps_which(), step.what == FAIL ? "" : ", at which it was killed");
	if (step.what == FAIL)
		tap_diag("%u of %u were refused", refused, tried);
}

int main(int argc, char **argv)
{
	size_t i;

	steps_arguments(argc, argv);
	module_load();
	steps_stay_on_one_cpu();
	new_store("mode=755");
	told = mmap(NULL, sizeof(*told), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (told == MAP_FAILED || client_open(&kernel))
		tap_bail("cannot look at what happens");
	for (i = 0; i < sizeof(scenes) / sizeof(scenes[0]); i++)
		steps_of_all_kinds(try_all, &scenes[i], scenes[i].similar);
	client_close(&kernel);
	return tap_finish();
}
