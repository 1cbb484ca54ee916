// SPDX-License-Identifier: GPL-2.0-only
/* Dumps that are interrupted. */
#include <errno.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "back.h"
#include "chance.h"
#include "env.h"
#include "message.h"
#include "tap.h"

static size_t write_dump(const struct world *world)
{
	struct message message;

	do {
		message_draw(world, &message);
	} while (!message.wish.dump);
	return message_write(&message, (unsigned char *)arena);
}

/*
 * In the middle of a dump: a change, another dump, or the end of the socket. The first part is
 * made when the dump is asked for, each further one when the one before it is read.
 */
void dump_input(struct world *world)
{
	const struct actor who = draw_actor();
	struct back back = { .error = -1 };
	size_t size = write_dump(world);
	unsigned int first, count, what = draw(3);
	int protocol;
	bool changed = false, more;
	struct client client;
	uint64_t token;

	netns_enter(world->netns);
	must(client_open(&client), "there is no family");
	note("user %u dumps, interrupted by %u", who.uid, what);
	more = world->n_blocks;
	call_as(who, SYS_sendto, client.fd, (long)arena, size, MSG_DONTWAIT, 0);
	draw_block(world, &protocol, &first, &count);
	if (what == 0 &&
	    !reserve(client_of(world, protocol), first, count, NULL, NO_OWNER, &token)) {
		model_add_plain(world, protocol, first, count, token);
		changed = true;
	} else if (what == 1 && more) {
		read_back(&client, &back, 1);
		call_as(who, SYS_sendto, client.fd, (long)arena, size, MSG_DONTWAIT, 0);
	}
	if (what < 2) {
		read_back(&client, &back, 1000);
		if (changed && more && !back.interrupted)
			wrong("nobody tells that the dump was interrupted");
	}
	client_close(&client);
}
