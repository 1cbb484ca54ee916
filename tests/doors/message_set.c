// SPDX-License-Identifier: GPL-2.0-only
/* Grants and new blocks in messages to the family. */
#include <string.h>

#include "chance.h"
#include "message.h"

/* Few are wrong; many have the same user. */
void draw_grants(struct wish *wish)
{
	static const int kinds[] = {
		TO_USER, TO_USER, TO_USER, TO_USER, TO_CGROUP, TO_UNIT, TO_UNIT_OF, TO_KERNEL,
	};
	unsigned int i;

	wish->n_grants = once_in(16) ? draw_from(1, WISHED_GRANTS) : draw_from(1, 3);
	for (i = 0; i < wish->n_grants; i++) {
		wish->grants[i].kind = once_in(40) ? draw_from(TO_ROOT, TO_NOTHING) :
				       (unsigned int)kinds[draw(ARRAY_SIZE(kinds))];
		wish->grants[i].user = owners[draw(once_in(4) ? ARRAY_SIZE(owners) : 5)];
	}
}

static void put_inner(struct attr *nest, int type, const void *data, size_t size)
{
	const uint16_t header[2] = { NLA_HDRLEN + size, type };

	memset(nest->data + nest->size, 0, NLA_ALIGN(NLA_HDRLEN + size));
	memcpy(nest->data + nest->size, header, sizeof(header));
	memcpy(nest->data + nest->size + NLA_HDRLEN, data, size);
	nest->size += NLA_ALIGN(NLA_HDRLEN + size);
}

static void put_inner_text(struct attr *nest, int type, const char *text)
{
	put_inner(nest, type, text, strlen(text) + 1);
}

static void fill_grant(struct attr *nest, const struct wished_grant *grant)
{
	switch (grant->kind) {
	case TO_UNIT_OF:
		put_inner(nest, PORTRES_GRANT_A_UNIT_USER, &grant->user, sizeof(grant->user));
		/* fall through */
	case TO_UNIT:
		return put_inner_text(nest, PORTRES_GRANT_A_UNIT, "none.service");
	case TO_SLICE:
		return put_inner_text(nest, PORTRES_GRANT_A_UNIT, "none.slice");
	case TO_CGROUP:
		return put_inner_text(nest, PORTRES_GRANT_A_CGROUP, "/nowhere/at all");
	case TO_ROOT:
		return put_inner_text(nest, PORTRES_GRANT_A_CGROUP, "/");
	case TO_TWO:
		put_inner(nest, PORTRES_GRANT_A_USER, &grant->user, sizeof(grant->user));
		/* fall through */
	case TO_KERNEL:
		return put_inner(nest, PORTRES_GRANT_A_KERNEL, "", 0);
	case TO_USER:
		return put_inner(nest, PORTRES_GRANT_A_USER, &grant->user, sizeof(grant->user));
	case TO_NOTHING:
		return;
	}
}

void put_grants(struct message *message)
{
	const struct wish *wish = &message->wish;
	unsigned int i;

	for (i = 0; i < wish->n_grants; i++) {
		struct attr nest = { .type = PORTRES_A_GRANT | NLA_F_NESTED };

		fill_grant(&nest, &wish->grants[i]);
		nest.len = nest.size;
		message->attrs[message->n_attrs++] = nest;
	}
}

void draw_new_block(struct wish *wish, const struct block *known)
{
	unsigned int by = draw(7);

	wish->moves = true;
	if (!known || once_in(6))
		return;
	/* wherever it is at an end of all ports */
	wish->first = (uint16_t)(known->first + by > 3 ? known->first + by - 3 : 1);
	wish->first += !wish->first;
	wish->count = known->count + draw(7) > 3 ? known->count : 1;
	if (once_in(3))
		wish->count = known->first + known->count + 2 - wish->first;
	wish->count = (uint16_t)wish->count + !(uint16_t)wish->count;
}
