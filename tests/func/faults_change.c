// SPDX-License-Identifier: GPL-2.0-only
/*
 * No memory, as in faults.c: each allocation in turn of a creation with grants that adopts, and
 * of a change of name, grants and block at once.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "acts.h"
#include "client.h"
#include "env.h"
#include "fault.h"
#include "shortage.h"
#include "sock.h"
#include "tap.h"

#define GRANTS "user 4000; unit a.service; cgroup /a/b"

static int creates_with_grants(void)
{
	int error = create_for(&scene.client, BLOCK, COUNT, GRANTS, ADOPT, &scene.token);

	return take_created(&scene.client, error, &scene.token);
}

static bool is_created_with_grants(void)
{
	struct resv resv;

	return !get_block(&watcher, BLOCK, COUNT, &resv) && !strcmp(told_grants(), GRANTS) &&
	       (!scene.token || resv.token == scene.token) &&
	       try_port(AF_INET, BLOCK) == EADDRINUSE;
}

/* Grows at both ends, shrinks, moves its token's port out; name and grants with it. */
static int changes(void)
{
	struct request rq;
	struct answer answer = { 0 };
	struct resv resv;
	int error, cmd;

	request_init(&rq, PORTRES_CMD_SET, 0);
	request_u64(&rq, PORTRES_A_TOKEN, scene.token);
	request_str(&rq, PORTRES_A_NAME, "other");
	request_u16(&rq, PORTRES_A_FIRST, BLOCK + 1);
	request_u16(&rq, PORTRES_A_COUNT, COUNT + 5);
	request_grants(&rq, GRANTS);
	error = client_call(&scene.client, &rq, &answer);
	if (error != ENOBUFS)
		return error;
	/* an answer that came, or one that was lost and so nothing was changed */
	return client_event(&scene.client, 0, &cmd, &resv) ? ENOMEM : 0;
}

static bool is_changed(void)
{
	struct resv resv;

	return !get_token(&watcher, scene.token, &resv) && !strcmp(told_grants(), GRANTS) &&
	       !strcmp(resv.name, "other") && resv.first == BLOCK + 1 &&
	       resv.count == COUNT + 5 && !try_port(AF_INET, BLOCK) &&
	       try_port(AF_INET, BLOCK + COUNT) == EADDRINUSE;
}

static void delete_token(void)
{
	struct resv resv;

	must(get_token(&watcher, scene.token, &resv), "no reservation");
	must(unreserve(&watcher, resv.first, resv.count), "cannot delete");
	close_client();
}

static const struct operation all[] = {
	{ OPERATION("creation with grants", open_client, creates_with_grants,
		    is_created_with_grants, delete_block), .event = PORTRES_CMD_CREATED },
	{ OPERATION("change", open_and_create, changes, is_changed, delete_token),
	  .event = PORTRES_CMD_CHANGED },
};

static void nothing_more(void)
{
}

int main(void)
{
	return shortage_test(IPPROTO_UDP, all, sizeof(all) / sizeof(*all), nothing_more);
}
