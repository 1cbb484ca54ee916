// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tasks that stay in the kernel for as long as they like, without sleeping and without a moment
 * in user mode: a grace period of RCU tasks waits for each of them. A task that began after loading
 * delays nothing. A task from before loading may be inside a bind: creations and acquisitions right
 * after loading are told to try again, and unloading waits.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "answers.h"
#include "attack.h"
#include "crew.h"
#include "env.h"
#include "gauge.h"
#include "sock.h"
#include "tap.h"

#define READER "attack-reader"	/* not longer than a task's name */
#define BUFFERS 1024
#define BUFFER (2 * 1024 * 1024)
#define FIRST 5000
#define LONGEST 60000	/* milliseconds */
#define GIVE_UP 1e9

static struct iovec vector[BUFFERS];
static int source;

static void read_all(unsigned int number)
{
	(void)number;
	if (readv(source, vector, BUFFERS) < 0)
		tap_bail("cannot read: %s", strerror(errno));
}

static void read_little(unsigned int number)
{
	(void)number;
	if (readv(source, vector, 1) < 0)
		tap_bail("cannot read: %s", strerror(errno));
}

/* Everything goes to the same place. */
static void readers(bool attacking)
{
	char *buffer = mmap(NULL, BUFFER, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	int i;

	prctl(PR_SET_NAME, READER);
	source = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
	if (source < 0 || buffer == MAP_FAILED)
		tap_bail("nothing to read, or no place for it");
	for (i = 0; i < BUFFERS; i++)
		vector[i] = (struct iovec){ buffer, attacking ? BUFFER : 64 };
	attack_become_stranger();
	attack_threads(1, attacking ? read_all : read_little);
}

static void dd(bool attacking)
{
	attack_become_stranger();
	attack_ready();
	execlp("dd", "dd", "if=/dev/urandom", "of=/dev/null", attacking ? "bs=256M" : "bs=64",
	       "status=none", NULL);
}

static const struct attack one_reader = {
	.name = "a reader of 2 GB", .crowd = readers, .families = true, .settle = 4,
};

static const struct attack one_dd = {
	.name = "dd bs=256M", .crowd = dd, .families = true, .settle = 4,
};

static int kernel_log;

/* What the kernel says from here on. */
static void open_log(void)
{
	kernel_log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (kernel_log < 0 || lseek(kernel_log, 0, SEEK_END) < 0)
		tap_bail("the kernel's log cannot be read: %s", strerror(errno));
}

/* Has the module said that it waits for the reader? */
static bool reader_is_named(void *arg)
{
	char record[8192];
	ssize_t len;

	(void)arg;
	while ((len = read(kernel_log, record, sizeof(record) - 1)) > 0) {
		record[len] = '\0';
		if (strstr(record, "portres: ") && strstr(record, READER))
			return true;
	}
	return false;
}

/* What came of an action, in shared memory. */
struct outcome {
	double took;
	int error;
	char text[256];
};

static void create_first(struct outcome *outcome)
{
	struct answer answer = { 0 };
	double begin = milliseconds();
	struct client c;

	must(client_open(&c), "no client");
	outcome->error = reserve_once(&c, FIRST, 10, &answer);
	outcome->took = milliseconds() - begin;
	memcpy(outcome->text, answer.text, sizeof(outcome->text));
}

static void acquire_first(struct outcome *outcome)
{
	double begin = milliseconds();

	attack_become_stranger();
	outcome->error = acquire_once(udp_open(AF_INET), FIRST + 100, 10, NULL);
	outcome->took = milliseconds() - begin;
}

enum { LOADING, CREATION, ACQUISITION, UNLOADING, STEPS };

static const char *const step_names[STEPS] = {
	"loading", "a creation", "an acquisition", "unloading"
};

/* How long it took: the steps, in milliseconds, and others beside the module and its end. */
struct course {
	double took[STEPS];
	struct outcome outcomes[STEPS];
	struct reading others[ANSWERS], others_of_unloading[ANSWERS];
	double kill;	/* milliseconds that a step needed to end when killed, or 0 */
	bool named, ended, ended_late;
};

/* Waits for a child, but not for ever. */
static bool ends(pid_t pid, double limit)
{
	double end = milliseconds() + limit;

	while (!waitpid(pid, NULL, WNOHANG)) {
		if (milliseconds() > end)
			return false;
		usleep(5000);
	}
	return true;
}

/* What is not through in time is killed, wherever it is. Returns false if that does not help. */
static bool take_step(int step, void (*act)(struct outcome *outcome), struct course *course,
		      double limit)
{
	struct outcome *outcome = shared_memory(sizeof(*outcome));
	pid_t pid = crew_fork();
	double begin = milliseconds();

	if (!pid) {
		act(outcome);
		_exit(0);
	}
	if (!ends(pid, limit)) {
		course->took[step] = milliseconds() - begin;
		begin = milliseconds();
		kill(pid, SIGKILL);
		course->kill = ends(pid, limit) ? milliseconds() - begin : GIVE_UP;
		return course->kill < GIVE_UP;
	}
	course->took[step] = outcome->took;
	course->outcomes[step] = *outcome;
	return true;
}

/* Returns the process that unloads. */
static pid_t begin_to_unload(void)
{
	pid_t pid = crew_fork();

	/* what the sockets of before hold has its end in the background */
	if (!pid)
		_exit(!module_unloads());
	return pid;
}

/* It may wait for the reader, but must say so; nothing else does. */
static void unload(struct course *course, pid_t crowd, const struct course *harmless)
{
	double begin = milliseconds();
	pid_t pid = begin_to_unload();

	attack_ask_others(course->others_of_unloading,
			  harmless ? harmless->others_of_unloading : NULL);
	course->ended = ends(pid, 0);
	course->took[UNLOADING] = milliseconds() - begin;
	if (!course->ended && harmless)
		course->named = wait_until(reader_is_named, NULL, 30000);
	kill_group(crowd);
	course->ended_late = course->ended ||
		ends(pid, harmless ? attack_limit(harmless->took[UNLOADING]) : LONGEST);
}

/* The limits are those beside a harmless reader, or none. */
static struct course live_beside_reader(const struct course *harmless)
{
	pid_t crowd = attack_begin(&one_reader, harmless);
	struct course course = { 0 };
	double begin = milliseconds();

	open_log();
	module_load_at_once();
	course.took[LOADING] = milliseconds() - begin;
	if (!take_step(CREATION, create_first, &course,
		       harmless ? attack_limit(harmless->took[CREATION]) : LONGEST) ||
	    !take_step(ACQUISITION, acquire_first, &course,
		       harmless ? attack_limit(harmless->took[ACQUISITION]) : LONGEST)) {
		kill_group(crowd);
		while (waitpid(-1, NULL, 0) > 0)
			;
		must(module_unloads() ? 0 : EBUSY, "the module cannot be unloaded");
		return course;
	}
	attack_ask_others(course.others, harmless ? harmless->others : NULL);
	unload(&course, crowd, harmless);
	if (module_loaded())
		must(module_unloads() ? 0 : EBUSY, "the module cannot be unloaded");
	return course;
}

static void judge_step(int step, const struct course *course, const struct course *harmless)
{
	const struct outcome *outcome = &course->outcomes[step];
	const char *what = step_names[step];

	tap_ok(course->took[step] <= attack_limit(harmless->took[step]),
	       "before loading: %s: answers in time", what);
	tap_diag("%s: %.0f ms, instead of %.0f", what, course->took[step], harmless->took[step]);
	if (step == LOADING)
		return;
	tap_ok(!outcome->error || outcome->error == EAGAIN,
	       "before loading: %s: done, or to be tried again", what);
	tap_diag("%s: %s %s", what, errno_name(outcome->error), outcome->text);
	if (step == CREATION)
		tap_ok(!outcome->error || *outcome->text, "before loading: %s: says why", what);
}

static void judge_unloading(const struct course *course, const struct course *harmless)
{
	const char *named = "while it is unloaded: the log names the task that it waits for";
	int i;

	for (i = CONTROL; i < ANSWERS; i++) {
		attack_compare("before loading", i, course->others, harmless->others);
		attack_compare("while it is unloaded", i, course->others_of_unloading,
			       harmless->others_of_unloading);
	}
	if (course->ended)
		tap_skip("unloading did not wait", "%s", named);
	else
		tap_ok(course->named, "%s", named);
	tap_ok(course->ended_late, "it is unloaded when the reader has gone");
}

static void before_loading(void)
{
	struct course harmless = live_beside_reader(NULL);
	struct course course = live_beside_reader(&harmless);
	struct client c;
	int i;

	for (i = LOADING; i <= ACQUISITION; i++)
		judge_step(i, &course, &harmless);
	tap_ok(course.kill <= attack_limit(0), "before loading: SIGKILL ends a step in time");
	if (course.kill < GIVE_UP)
		judge_unloading(&course, &harmless);
	module_load();
	must(client_open(&c), "no client");
	tap_errno(reserve(&c, FIRST, 10, NULL, NO_OWNER, NULL), 0,
		  "the reader has gone: a creation");
	tap_errno(unreserve(&c, FIRST, 10), 0, "the reader has gone: a deletion");
	client_close(&c);
}

int main(int argc, char **argv)
{
	attack_arguments(argc, argv);
	new_netns();
	before_loading();
	attack_rows(&one_reader);
	attack_rows(&one_dd);
	tap_ok(module_unloads(), "the module can be unloaded");
	return tap_finish();
}
