// SPDX-License-Identifier: GPL-2.0-only
/*
 * A grant lets the task that it names bind explicitly, and no other task: neither root nor one that
 * has a socket of the grantee. Cgroups that are created, removed and faked are in grants_cgroup.c,
 * invalid requests in grants_input.c, sockets of the kernel in grants_kernel.c.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "attempt.h"
#include "client.h"
#include "env.h"
#include "group.h"
#include "sock.h"
#include "tap.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof(*(array)))

/* The block takes most of the ephemeral range. */
#define FIRST 20000
#define COUNT 40
#define LAST (FIRST + COUNT - 1)
#define RANGE_LAST (LAST + 20)
#define PORT (FIRST + 7)

#define UNIT_GROUP "/pgrant.slice/pgrant-rtp.slice/rtp.service"
#define USER_GROUP "/user.slice/user-4000.slice/user@4000.service/app.slice/rtp.service"

static struct client client;
static uint64_t token;

/* Results of a child: only the parent prints rows. */
static struct results {
	int create, no_user, no_unit_user;
	char told[128];
} *results;

enum {
	OUTSIDE, OWNER, STRANGER, GROUP, BELOW, BESIDE, ELSEWHERE, UNIT, IN_UNIT, FALSE_UNIT,
	SESSION, USER_UNIT, USER_UNIT_OF_ROOT, SUBJECTS
};

static const struct subject {
	const char *name, *group;
	uid_t uid;
} subjects[SUBJECTS] = {
	[OUTSIDE] = { "root", "/pgrant", 0 },
	[OWNER] = { "the owner", "/pgrant", OWNER_UID },
	[STRANGER] = { "a stranger", "/pgrant", STRANGER_UID },
	[GROUP] = { "root in /pgrant/b", "/pgrant/b", 0 },
	[BELOW] = { "a stranger in /pgrant/b/c", "/pgrant/b/c", STRANGER_UID },
	[BESIDE] = { "root in /pgrant/bc", "/pgrant/bc", 0 },
	[ELSEWHERE] = { "root in /pgrant/x/pgrant/b", "/pgrant/x/pgrant/b", 0 },
	[UNIT] = { "root in the unit", UNIT_GROUP, 0 },
	[IN_UNIT] = { "a stranger below the unit", UNIT_GROUP "/worker", STRANGER_UID },
	[FALSE_UNIT] = { "the unit's name in another unit",
			 "/pgrant.slice/s.service/rtp.service", 0 },
	[SESSION] = { "the unit's name in a session",
		      "/user.slice/user-4001.slice/session-1.scope/rtp.service", STRANGER_UID },
	[USER_UNIT] = { "the owner in the owner's unit", USER_GROUP, OWNER_UID },
	[USER_UNIT_OF_ROOT] = { "a stranger in the owner's unit", USER_GROUP, STRANGER_UID },
};

#define BIT(n) (1U << (n))

static const struct grant {
	const char *text;
	unsigned int subjects;		/* that may bind */
} grants[] = {
	{ "", 0 },
	{ "user 4000", BIT(OWNER) | BIT(USER_UNIT) },
	{ "user 0", BIT(OUTSIDE) | BIT(GROUP) | BIT(BESIDE) | BIT(ELSEWHERE) | BIT(UNIT) |
		    BIT(FALSE_UNIT) },
	{ "cgroup /pgrant/b", BIT(GROUP) | BIT(BELOW) },
	{ "cgroup /pgrant/b/c", BIT(BELOW) },
	{ "cgroup /pgrant.slice", BIT(UNIT) | BIT(IN_UNIT) | BIT(FALSE_UNIT) },
	{ "unit rtp.service", BIT(UNIT) | BIT(IN_UNIT) },
	{ "unit rtp.service of 4000", BIT(USER_UNIT) | BIT(USER_UNIT_OF_ROOT) },
	{ "unit rtp.service of 4001", 0 },
	{ "kernel", 0 },
	{ "user 1; cgroup /pgrant/nothing; kernel; unit x.service; user 4001",
	  BIT(STRANGER) | BIT(BELOW) | BIT(IN_UNIT) | BIT(SESSION) | BIT(USER_UNIT_OF_ROOT) },
};

static int attempt_all(void *arg)
{
	const bool *let_in = arg;
	struct attempt attempt = { .kind = UDP, .address = LOOPBACK, .port = PORT };
	struct outcome outcome;
	int wrong = 0, family, way, fd;

	for (family = V4; family < FAMILIES; family++) {
		for (way = EXPLICIT; way < WAYS; way++) {
			attempt.family = family;
			attempt.way = way;
			if (!attempt_exists(&attempt))
				continue;
			fd = attempt_open(&attempt);
			outcome = attempt_make(fd, &attempt);
			close(fd);
			if (way == EXPLICIT ?
			    outcome.error == (*let_in ? 0 : EADDRINUSE) :
			    !outcome.error && outcome.port > LAST && outcome.port <= RANGE_LAST)
				continue;
			tap_diag("%s, way %d: %s, port %u", family_names[family], way,
				 errno_name(outcome.error), outcome.port);
			wrong++;
		}
	}
	return wrong;
}

static void matrix(void)
{
	const struct subject *subject;
	unsigned int g, s;
	bool let_in;

	for (g = 0; g < ARRAY_SIZE(grants); g++) {
		must(set_grants(&client, token, grants[g].text), "cannot change the grants");
		for (s = 0; s < SUBJECTS; s++) {
			subject = &subjects[s];
			let_in = grants[g].subjects & BIT(s);
			tap_num(in_group(subject->group, subject->uid, attempt_all, &let_in), 0,
				"for %s: %s %s", *grants[g].text ? grants[g].text : "nobody",
				subject->name, let_in ? "binds explicitly" : "does not");
		}
	}
}

static int bind_fd(void *arg)
{
	return sock_bind_any(*(int *)arg, PORT);
}

/* Binds a socket and closes it. */
static int bind_once(void *arg)
{
	int fd = udp_open(AF_INET6);
	int error = sock_bind_any(fd, PORT);

	(void)arg;
	close(fd);
	return error;
}

static int bind_both(void *arg)
{
	return in_child(bind_once, arg) ?: bind_once(arg);
}

static int make_and_pass(void *arg)
{
	send_fd(*(int *)arg, udp_open(AF_INET));
	return 0;
}

/* The task that binds counts, not the creator of the socket. */
static void made_by_another(void)
{
	int pair[2], fd;

	must(set_grants(&client, token, "user 4000"), "cannot change the grants");
	fd = udp_open(AF_INET);
	tap_errno(as_user(OWNER_UID, bind_fd, &fd), 0,
		  "a socket that root made, bound by the owner");
	close(fd);
	must(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) ? errno : 0, "no pair");
	must(as_user(OWNER_UID, make_and_pass, &pair[0]), "cannot pass a socket");
	fd = recv_fd(pair[1]);
	tap_errno(bind_fd(&fd), EADDRINUSE, "a socket that the owner made and passed to root");
	tap_errno(as_user(STRANGER_UID, bind_fd, &fd), EADDRINUSE, "and to a stranger");
	must(fchown(fd, STRANGER_UID, STRANGER_UID) ? errno : 0, "cannot change its owner");
	tap_errno(as_user(OWNER_UID, bind_fd, &fd), 0, "and back, after fchown()");
	close(fd);
	fd = udp_open(AF_INET);
	must(fchown(fd, OWNER_UID, OWNER_UID) ? errno : 0, "cannot change its owner");
	tap_errno(as_user(STRANGER_UID, bind_fd, &fd), EADDRINUSE,
		  "a socket that fchown() gave to the owner, bound by a stranger");
	close(fd);
	close(pair[0]);
	close(pair[1]);
	tap_errno(as_user(OWNER_UID, bind_both, NULL), 0, "a child of the owner");
}

static int bind_by_effective(void *arg)
{
	const uid_t *ids = arg;

	if (setresuid(ids[0], ids[1], 0))
		tap_bail("cannot change users: %s", strerror(errno));
	return bind_once(NULL);
}

static void effective_user(void)
{
	static uid_t effective[] = { STRANGER_UID, OWNER_UID };
	static uid_t real[] = { OWNER_UID, STRANGER_UID };

	tap_errno(in_child(bind_by_effective, effective), 0, "by the effective user");
	tap_errno(in_child(bind_by_effective, real), EADDRINUSE, "not by the real user");
}

static int bind_in_userns(void *arg)
{
	return bind_once(arg);
}

static void user_namespaces(void)
{
	must(set_grants(&client, token, "user 0"), "cannot change the grants");
	tap_errno(as_userns_root(false, bind_in_userns, NULL), EADDRINUSE,
		  "root of a user namespace is not root");
	must(set_grants(&client, token, "user 4001"), "cannot change the grants");
	tap_errno(as_userns_root(false, bind_in_userns, NULL), 0, "but the user that made it");
}

static int grants_in_userns(void *arg)
{
	struct client inner;
	struct resv resv;

	(void)arg;
	must(client_open(&inner), "no client");
	results->no_user = create_for(&inner, FIRST, COUNT, "user 5", 0, NULL);
	results->no_unit_user = create_for(&inner, FIRST, COUNT, "unit a.service of 5", 0, NULL);
	results->create = create_for(&inner, FIRST, COUNT, "user 0; unit a.service of 0", 0, NULL);
	must(get_port(&inner, PORT, &resv), "no reservation");
	snprintf(results->told, sizeof(results->told), "%s", told_grants());
	return bind_once(NULL);
}

static void user_namespace_with_grants(void)
{
	tap_errno(as_userns_root(true, grants_in_userns, NULL), 0,
		  "a grant of a user namespace's own root lets it in");
	tap_errno(results->create, 0, "which it could make");
	tap_errno(results->no_user, EINVAL, "not of a user that the user namespace does not have");
	tap_errno(results->no_unit_user, EINVAL, "nor of a unit of such a user");
	tap_ok(!strcmp(results->told, "user 0; unit a.service of 0"),
	       "users are told in the numbers of the caller: %s", results->told);
}

static int associate_and_bind(void *arg)
{
	int fd = udp_open(AF_INET), error;

	error = associate(fd, *(uint64_t *)arg) ?: sock_bind_any(fd, 0);
	if (!error && (sock_port(fd) < FIRST || sock_port(fd) > LAST))
		error = EBADE;
	close(fd);
	return error;
}

/* Counts replies with the token: of a GET and of a dump. */
static int times_told(void *arg)
{
	struct client own;
	struct resv one, all[8];
	size_t count;
	int told = 0;

	(void)arg;
	must(client_open(&own), "no client");
	must(get_port(&own, PORT, &one), "no reservation");
	told += one.has & 1U << PORTRES_A_TOKEN && one.token == token;
	must(dump(&own, all, ARRAY_SIZE(all), &count), "no dump");
	told += count == 1 && all[0].has & 1U << PORTRES_A_TOKEN && all[0].token == token;
	client_close(&own);
	return told;
}

static void association_rows(void)
{
	must(set_grants(&client, token, "user 4000; cgroup /pgrant/b"), "cannot change the grants");
	tap_errno(as_user(OWNER_UID, associate_and_bind, &token), 0, "the owner associates");
	tap_errno(in_group("/pgrant/b/c", STRANGER_UID, associate_and_bind, &token), 0,
		  "a task of the cgroup associates");
	tap_errno(as_user(STRANGER_UID, associate_and_bind, &token), EACCES, "a stranger does not");
	tap_num(as_user(OWNER_UID, times_told, NULL), 2, "the owner is told the token");
	tap_num(in_group("/pgrant/b/c", STRANGER_UID, times_told, NULL), 2,
		"a task of the cgroup is");
	tap_num(as_user(STRANGER_UID, times_told, NULL), 0, "a stranger is not");
}

static void first_port_of_another(void)
{
	struct resv resv;

	must(set_grants(&client, token, "user 4000"), "cannot change the grants");
	must(get_port(&client, PORT, &resv), "no reservation");
	tap_ok(!strcmp(told_grants(), "user 4000") && resv.owner == 4000,
	       "the grants are told, and the first user as the owner");
	must(as_user(OWNER_UID, bind_once, NULL), "the owner cannot bind");
	tap_errno(as_user(OWNER_UID, bind_once, NULL), 0, "a port that was let go");
	must(get_port(&client, PORT, &resv), "no reservation");
	must(as_user(STRANGER_UID, bind_once, NULL) == EADDRINUSE ? 0 : EBADE, "a stranger binds");
	tap_ok(get_port(&client, PORT, NULL) == 0, "the reservation stands");
}

int main(void)
{
	size_t i;

	results = shared_memory(sizeof(*results));
	new_netns();
	attempt_network();
	module_load();
	must(client_open(&client), "no client");
	must(set_sysctl("net/ipv4/ip_local_port_range", "%d %d", FIRST, RANGE_LAST), "no range");
	for (i = 0; i < SUBJECTS; i++)
		group_make(subjects[i].group);
	must(create_for(&client, FIRST, COUNT, "", 0, &token), "cannot reserve");

	matrix();
	made_by_another();
	effective_user();
	user_namespaces();
	user_namespace_with_grants();
	association_rows();
	first_port_of_another();

	client_close(&client);
	for (i = 0; i < SUBJECTS; i++)
		group_remove(subjects[i].group);
	for (i = 0; i < SUBJECTS; i++)
		group_remove(subjects[i].group);
	tap_ok(module_unloads(), "the module can be unloaded");
	return tap_finish();
}
