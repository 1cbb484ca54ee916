// SPDX-License-Identifier: GPL-2.0-only
/*
 * What each caller may do and is told: root, root without capabilities, the owner of a
 * reservation, a stranger, root of a user namespace in its own network namespace
 * and in ours; also on sockets that another task opened.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "env.h"
#include "refusal.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof(*(array)))

/* Root of the user namespace is the stranger outside of it. */
#define OWNERS 5000
#define NOBODYS 5100
#define STRANGERS 5200
#define COUNT 10
#define OVERFLOW_UID 65534

static uint64_t owners_token;
static struct client *opened;	/* by another task; NULL: each opens its own */

static int use_client(int (*act)(struct client *c))
{
	struct client own;
	int result;

	if (opened)
		return act(opened);
	result = client_open(&own);
	if (result)
		return result;
	result = act(&own);
	client_close(&own);
	return result;
}

/* What a caller tries. The result is an errno, or a number if the name says so. */
static int create(struct client *c)
{
	int error = reserve(c, 6000, COUNT, NULL, NO_OWNER, NULL);

	return error ? error : unreserve(c, 6000, COUNT);
}

static int create_for_0(struct client *c)
{
	int error = reserve(c, 6000, COUNT, NULL, 0, NULL);

	return error ? error : unreserve(c, 6000, COUNT);
}

static int create_for_1(struct client *c)
{
	int error = reserve(c, 6000, COUNT, NULL, 1, NULL);

	return error ? error : unreserve(c, 6000, COUNT);
}

static int delete(struct client *c)
{
	int error = unreserve(c, NOBODYS, COUNT);

	return error ? error : reserve(c, NOBODYS, COUNT, NULL, NO_OWNER, NULL);
}

static int nonsense(struct client *c, int cmd)
{
	struct request rq;

	request_init(&rq, cmd, 0);
	request_u64(&rq, PORTRES_A_SOCKETS, 1);
	return client_call(c, &rq, NULL);
}

static int create_nonsense(struct client *c)
{
	return nonsense(c, PORTRES_CMD_CREATE);
}

static int delete_nonsense(struct client *c)
{
	return nonsense(c, PORTRES_CMD_DELETE);
}

static int get_nonsense(struct client *c)
{
	return nonsense(c, PORTRES_CMD_GET);
}

/* Only a notification has it. */
static int unknown_command(struct client *c)
{
	return nonsense(c, PORTRES_CMD_CHANGED);
}

/* ENODATA: there it is, but without a token */
static int token_told(int error, const struct resv *resv)
{
	if (error)
		return error;
	return resv->has & 1U << PORTRES_A_TOKEN ? 0 : ENODATA;
}

static int token_of_owners(struct client *c)
{
	struct resv resv;

	return token_told(get_block(c, OWNERS, COUNT, &resv), &resv);
}

static int token_of_nobodys(struct client *c)
{
	struct resv resv;

	return token_told(get_port(c, NOBODYS + 1, &resv), &resv);
}

static int token_of_strangers(struct client *c)
{
	struct resv resv;

	return token_told(get_port(c, STRANGERS, &resv), &resv);
}

static int token_by_token(struct client *c)
{
	struct resv resv;

	return token_told(get_token(c, owners_token, &resv), &resv);
}

static int owner_of_owners(struct client *c)
{
	struct resv resv;
	int error = get_block(c, OWNERS, COUNT, &resv);

	return error ? -error : (int)resv.owner;
}

static int owner_of_strangers(struct client *c)
{
	struct resv resv;
	int error = get_block(c, STRANGERS, COUNT, &resv);

	return error ? -error : (int)resv.owner;
}

static int dump_count(struct client *c)
{
	size_t count;
	int error = dump(c, NULL, 0, &count);

	return error ? -error : (int)count;
}

static int dump_tokens(struct client *c)
{
	struct resv resvs[3];
	size_t count, i;
	int tokens = 0;
	int error = dump(c, resvs, ARRAY_SIZE(resvs), &count);

	for (i = 0; i < count && i < ARRAY_SIZE(resvs); i++)
		tokens += !!(resvs[i].has & 1U << PORTRES_A_TOKEN);
	return error ? -error : tokens;
}

enum who { ROOT, POWERLESS, OWNER, STRANGER, INNER_HERE, INNER_ALONE, WHOS };

static const char *const names[WHOS] = {
	[ROOT] = "root",
	[POWERLESS] = "root without capabilities",
	[OWNER] = "the owner",
	[STRANGER] = "a stranger",
	[INNER_HERE] = "root of a user namespace",
	[INNER_ALONE] = "root of a user namespace with a network namespace",
};

struct row {
	const char *name;
	int (*act)(struct client *c);
	int wanted[WHOS];
};

static const struct row rows[] = {
	{ "creates", create, { 0, EPERM, EPERM, EPERM, EPERM, 0 } },
	{ "creates for user 0", create_for_0, { 0, EPERM, EPERM, EPERM, EPERM, 0 } },
	{ "creates for user 1", create_for_1, { 0, EPERM, EPERM, EPERM, EPERM, EINVAL } },
	{ "deletes", delete, { 0, EPERM, EPERM, EPERM, EPERM, ENOENT } },
	/* privilege is judged first */
	{ "creates nonsense", create_nonsense, { EINVAL, EPERM, EPERM, EPERM, EPERM, EINVAL } },
	{ "deletes nonsense", delete_nonsense, { EINVAL, EPERM, EPERM, EPERM, EPERM, EINVAL } },
	{ "gets nonsense", get_nonsense, { EINVAL, EINVAL, EINVAL, EINVAL, EINVAL, EINVAL } },
	{ "uses an unknown command", unknown_command,
	  { EOPNOTSUPP, EOPNOTSUPP, EOPNOTSUPP, EOPNOTSUPP, EOPNOTSUPP, EOPNOTSUPP } },
	{ "is told the owner's token", token_of_owners,
	  { 0, ENODATA, 0, ENODATA, ENODATA, ENOENT } },
	{ "is told a token that has no owner", token_of_nobodys,
	  { 0, ENODATA, ENODATA, ENODATA, ENODATA, ENOENT } },
	{ "is told the stranger's token", token_of_strangers,
	  { 0, ENODATA, ENODATA, 0, 0, ENOENT } },
	{ "is told the owner's token for that token", token_by_token,
	  { 0, ENODATA, 0, ENODATA, ENODATA, ENOENT } },
	{ "dumps, number of reservations", dump_count, { 3, 3, 3, 3, 3, 0 } },
	{ "dumps, number of tokens", dump_tokens, { 3, 0, 1, 1, 1, 0 } },
	{ "is told the owner, number of the user", owner_of_owners,
	  { OWNER_UID, OWNER_UID, OWNER_UID, OWNER_UID, OVERFLOW_UID, -ENOENT } },
	{ "is told the stranger as owner, number of the user", owner_of_strangers,
	  { STRANGER_UID, STRANGER_UID, STRANGER_UID, STRANGER_UID, 0, -ENOENT } },
};

static int act_of(void *arg)
{
	const struct row *row = arg;

	return use_client(row->act);
}

static int powerless(void *arg)
{
	set_caps(0);
	return act_of(arg);
}

static int act_as(enum who who, const struct row *row)
{
	void *arg = (void *)row;

	switch (who) {
	case ROOT:
		return in_child(act_of, arg);
	case POWERLESS:
		return in_child(powerless, arg);
	case OWNER:
		return as_user(OWNER_UID, act_of, arg);
	case STRANGER:
		return as_user(STRANGER_UID, act_of, arg);
	case INNER_HERE:
		return as_userns_root(false, act_of, arg);
	default:
		return as_userns_root(true, act_of, arg);
	}
}

static void run_rows(void)
{
	const struct row *row;
	enum who who;

	for (row = rows; row < rows + ARRAY_SIZE(rows); row++) {
		for (who = 0; who < WHOS; who++)
			tap_num(act_as(who, row), row->wanted[who], "%s %s", names[who], row->name);
	}
}

static int open_and_send(void *arg)
{
	struct client c;
	int error = client_open(&c);

	if (!error)
		send_fd(*(int *)arg, c.fd);
	return error;
}

/* Both the task that opened a socket and the task that uses it must have the privilege. */
static void sockets_of_others(struct client *roots)
{
	struct client strangers = *roots;
	int via[2];

	opened = roots;
	tap_errno(act_as(STRANGER, &rows[0]), EPERM, "a stranger creates on a socket of root");
	tap_errno(as_user(STRANGER_UID, act_of, &(struct row){ .act = token_of_owners }), ENODATA,
		  "a stranger is told no token on a socket of root");

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, via))
		tap_bail("no socket pair: %s", strerror(errno));
	tap_errno(as_user(STRANGER_UID, open_and_send, &via[0]), 0, "a stranger opens a socket");
	strangers.fd = recv_fd(via[1]);
	close(via[0]);
	close(via[1]);
	opened = &strangers;
	tap_errno(create(&strangers), EPERM, "root creates on a socket of a stranger");
	tap_errno(token_of_owners(&strangers), ENODATA,
		  "root is told no token on a socket of a stranger");
	close(strangers.fd);
	opened = NULL;
}

/* A socket acts on the namespace in which it was opened. */
static void other_netns(struct client *here)
{
	struct client there;
	uint64_t before = state_of(here);

	new_netns();
	tap_errno(client_open(&there), 0, "the family is known in another namespace");
	tap_num(dump_count(&there), 0, "no reservations are seen there");
	tap_errno(unreserve(&there, OWNERS, COUNT), ENOENT, "none can be deleted from there");
	tap_errno(get_token(&there, owners_token, NULL), ENOENT, "none is found by its token");
	tap_errno(reserve(&there, OWNERS, COUNT, NULL, NO_OWNER, NULL), 0,
		  "the same ports can be reserved there");
	tap_ok(state_of(here) == before, "the other namespace is as before");
	tap_errno(unreserve(here, NOBODYS, COUNT), 0, "a socket acts where it was opened");
	tap_num(dump_count(&there), 1, "the namespace of its user is as before");
	client_close(&there);
}

int main(void)
{
	struct client client;
	int error;

	new_netns();
	module_load();
	error = client_open(&client);
	if (!error)
		error = reserve(&client, OWNERS, COUNT, NULL, OWNER_UID, &owners_token);
	if (!error)
		error = reserve(&client, NOBODYS, COUNT, NULL, NO_OWNER, NULL);
	if (!error)
		error = reserve(&client, STRANGERS, COUNT, NULL, STRANGER_UID, NULL);
	if (error)
		tap_bail("cannot begin: %s", errno_name(error));
	run_rows();
	sockets_of_others(&client);
	other_netns(&client);
	client_close(&client);
	tap_errno(module_unload(), 0, "the module can be unloaded");
	return tap_finish();
}
