// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Changes persistent reservations, in three steps that can each be rolled back: the kernel changes
 * what it may reject, which is name, grants and additional ports; then the store saves the new
 * entry; then the kernel gives up the ports that are not in the new block, which cannot conflict.
 * In both protocols, each step of the kernel is one for each half.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "entries.h"
#include "kernel/halves.h"
#include "kernel/reserve.h"
#include "kernel/retry.h"
#include "overflow.h"
#include "persist.h"
#include "sources.h"

/* Attempts of portres_replace() while others create and delete the reservation. */
#define REPLACE_ATTEMPTS 10

/* A reservation in the kernel, of one protocol. */
struct half {
	uint64_t token;
	unsigned int differs;		/* PORTRES_SET_* that the kernel has to change */
	struct portres_spec old;
};

struct change {
	struct portres *handle;
	const struct portres_home *home;
	struct half halves[PORTRES_HALVES];
	unsigned int count;		/* of the halves */
	struct portres_spec old;	/* without name and grants */
	struct portres_spec new;
	struct portres_spec hull;	/* as new, with the ports of both; the texts are new's */
};

static int copy_grants(struct portres_spec *spec, const struct portres_spec *to)
{
	struct portres_grants grants;
	int error = portres_spec_list_grants(to, &grants);

	if (error)
		return error;
	portres_grants_clear(&spec->grants);
	spec->grants = grants;
	return 0;
}

static void change_set_hull(struct change *c)
{
	unsigned int end = c->old.first + c->old.count;

	c->hull = c->new;
	if (c->hull.first > c->old.first)
		c->hull.first = c->old.first;
	if (end < (unsigned int)c->new.first + c->new.count)
		end = (unsigned int)c->new.first + c->new.count;
	c->hull.count = (uint16_t)(end - c->hull.first);
}

/* Name and grants that are not named are those of the first half. */
static int change_fill(struct change *c, struct portres_reservation *const *found,
		       const struct portres_spec *to, unsigned int what)
{
	int error = portres_spec_describe(&c->new, found[0]);
	unsigned int i;

	c->new.protocol = c->old.protocol;
	for (i = 0; !error && i < c->count; i++) {
		c->halves[i].token = found[i]->token;
		error = portres_spec_describe(&c->halves[i].old, found[i]);
	}
	if (!error && what & PORTRES_SET_NAME)
		error = portres_spec_set_name(&c->new, to->name);
	if (!error && what & PORTRES_SET_GRANTS)
		error = copy_grants(&c->new, to);
	if (what & PORTRES_SET_BLOCK) {
		c->new.first = to->first;
		c->new.count = to->count;
	}
	if (what & PORTRES_SET_ADOPT)
		c->new.adopt = to->adopt;
	for (i = 0; i < c->count; i++)
		c->halves[i].differs = portres_reservation_differs(found[i], &c->new);
	change_set_hull(c);
	return error;
}

static bool has_block_of(const struct portres_spec *a, const struct portres_spec *b)
{
	return a->first == b->first && a->count == b->count;
}

/* The kernel rejects such a block as well, but not before it has reserved the hull of both. */
static int check_overlap(const struct change *c)
{
	if (c->new.first < c->old.first + c->old.count &&
	    c->old.first < c->new.first + c->new.count)
		return 0;
	return portres_set_error(c->handle->text, -EINVAL, "the new block does not overlap the "
				 "present one: reserve it and delete the other");
}

static int grow_half(const struct change *c, const struct half *half)
{
	unsigned int what = half->differs & ~(unsigned int)PORTRES_SET_BLOCK;

	if (!has_block_of(&c->hull, &c->old))
		what |= PORTRES_SET_BLOCK;
	return what ? portres_kernel_set(c->handle, half->token, &c->hull, what) : 0;
}

static int shrink_in_kernel(const struct change *c)
{
	unsigned int i;
	int error = 0;

	if (has_block_of(&c->hull, &c->new))
		return 0;
	for (i = 0; !error && i < c->count; i++)
		error = portres_kernel_set(c->handle, c->halves[i].token, &c->new,
					   PORTRES_SET_BLOCK);
	return error;
}

/* Changes the first halves back: 0, or the first error. A half that is gone has nothing to undo. */
static int undo_halves(const struct change *c, unsigned int count)
{
	int first = 0;

	while (count) {
		const struct half *half = &c->halves[--count];
		int error = half->differs ? portres_kernel_set(c->handle, half->token, &half->old,
							       half->differs) : 0;

		if (!first && error != -ENOENT)
			first = error;
	}
	return first;
}

/* The store failed, or the kernel failed to give up ports; count halves had been changed. */
static int roll_back(const struct change *c, unsigned int count, int error)
{
	struct portres *handle = c->handle;
	char text[PORTRES_TEXT_MAX];
	int undo;

	memcpy(text, handle->text, sizeof(text));
	undo = undo_halves(c, count);
	if (undo)
		return portres_set_error(handle->text, error, "%.600s; rollback failed: the kernel "
					 "keeps the change until the next restore or boot: %.200s",
					 text, portres_strerror(undo));
	return portres_set_error(handle->text, error, "%.900s; nothing was changed", text);
}

static int grow_in_kernel(const struct change *c)
{
	unsigned int i;
	int error = 0;

	for (i = 0; !error && i < c->count; i++)
		error = grow_half(c, &c->halves[i]);
	/* The kernel has changed nothing of the half that failed. */
	return error && i > 1 ? roll_back(c, i - 1, error) : error;
}

static int change_block(const struct change *c, const struct portres_store *store)
{
	char text[PORTRES_TEXT_MAX];
	int error = portres_store_stage_change(store, &c->new, &c->old);

	if (error)
		return error;
	error = shrink_in_kernel(c);
	if (!error) {
		portres_store_commit_change(store, &c->new, &c->old);
		return 0;
	}
	memcpy(text, c->handle->text, sizeof(text));
	if (!portres_store_abort_change(store, &c->new))
		memcpy(c->handle->text, text, sizeof(text));
	return error;
}

/* store: NULL if the reservation is not stored. */
static int change_everywhere(const struct change *c, const struct portres_store *store)
{
	int error = check_overlap(c);

	if (!error)
		error = grow_in_kernel(c);
	if (error)
		return error;
	if (!store)
		error = shrink_in_kernel(c);
	else if (has_block_of(&c->new, &c->old))
		error = portres_store_put(store, &c->new);
	else
		error = change_block(c, store);
	return error ? roll_back(c, c->count, error) : 0;
}

/* Reads "adopt", which the kernel does not know, from the store. */
static int take_adopt(struct change *c, const struct portres_store *store, unsigned int what)
{
	const struct portres_block block = portres_spec_block(&c->old);
	struct portres_entries entries;
	int error = portres_store_load(store, &block, &entries);

	if (error)
		return error == -ENOMEM ? error : 0;
	c->old.adopt = entries.items[0].spec.adopt;
	if (!(what & PORTRES_SET_ADOPT))
		c->new.adopt = c->old.adopt;
	portres_entries_free(&entries);
	return 0;
}

/* The store would name another user at the next boot. */
static int check_users(const struct change *c, unsigned int what)
{
	if (what & PORTRES_SET_GRANTS || !portres_grants_overflow(&c->new.grants))
		return 0;
	return portres_set_error(c->handle->text, -EINVAL, "a grant is for a user that this user "
				 "namespace does not have, and cannot be stored: state all grants");
}

static int change_in_store(struct change *c, const struct portres_store *store, unsigned int what)
{
	const struct portres_block old = portres_spec_block(&c->old);
	const struct portres_block new = portres_spec_block(&c->new);
	struct portres_wanted wanted = { .store = store, .spec = &c->old };
	int has = portres_store_has(store, &old);
	int error;

	if (has < 0)
		return has;
	if (!has) {
		/* Do not store a declared block: the entry would stay when the file is changed. */
		int declared = portres_is_declared(c->handle, c->home, &old);

		if (declared)
			return declared < 0 ? declared : change_everywhere(c, NULL);
	}
	error = check_users(c, what);
	if (!error)
		error = take_adopt(c, store, what);
	if (!error)
		error = portres_store_overlaps(store, &new,
					       portres_persist_reject_unrestored, &wanted);
	return error ? error : change_everywhere(c, store);
}

static int change_kept(struct change *c, unsigned int what)
{
	const struct portres_block old = portres_spec_block(&c->old);
	struct portres_store store;
	int error = portres_store_open(c->handle, c->home, &store);

	/* On a read-only disk a reservation that is not stored can still be changed. */
	if (error == -EROFS) {
		error = portres_store_open_existing(c->handle, c->home, &store);
		if (error == -ENOENT) {
			error = portres_persist_reject_half(c->handle, c->home, NULL, &old);
			return error ? error : change_everywhere(c, NULL);
		}
	}
	if (error)
		return error;
	error = portres_persist_reject_half(c->handle, c->home, &store, &old);
	if (!error)
		error = change_in_store(c, &store, what);
	portres_store_close(&store);
	return error;
}

static void change_clear(struct change *c)
{
	unsigned int i;

	for (i = 0; i < c->count; i++)
		portres_spec_clear(&c->halves[i].old);
	portres_spec_clear(&c->new);
}

static int set_once(struct portres *handle, const struct portres_home *home,
		    const struct portres_block *block, const struct portres_spec *to,
		    unsigned int what)
{
	struct change c = { .handle = handle, .home = home };
	struct portres_reservation *found[PORTRES_HALVES];
	int error = portres_halves_get(handle, block, found);
	unsigned int i;

	if (error < 0)
		return error;
	c.count = (unsigned int)error;
	c.old = (struct portres_spec){ .protocol = block->protocol, .first = block->first,
				       .count = block->count };
	error = change_fill(&c, found, to, what);
	for (i = 0; i < c.count; i++)
		portres_reservation_free(found[i]);
	if (error)
		portres_set_error(handle->text, error, NULL);
	else if (home->realm == PORTRES_REALM_UNNAMED)
		error = change_everywhere(&c, NULL);
	else
		error = change_kept(&c, what);
	change_clear(&c);
	return error;
}

int portres_set(struct portres *handle, uint8_t protocol, uint16_t first, uint16_t count,
		const struct portres_spec *to, unsigned int what)
{
	const struct portres_block block = { protocol, first, count };
	struct portres_retry retry;
	struct portres_home home;
	int error = portres_persist_home(handle, &home);

	if (!error && home.realm == PORTRES_REALM_UNNAMED)
		error = portres_may_create(handle);
	if (error)
		return error;
	if (!what || what & ~(unsigned int)(PORTRES_SET_NAME | PORTRES_SET_GRANTS |
					    PORTRES_SET_BLOCK | PORTRES_SET_ADOPT))
		return portres_set_error(handle->text, -EINVAL, "nothing to change is named");
	portres_retry_begin(&retry, handle->timeout);
	do {
		error = set_once(handle, &home, &block, to, what);
	} while (portres_retry_again(&retry, error));
	return error;
}

static int replace_once(struct portres *handle, const struct portres_spec *spec, uint64_t *token,
			int *made)
{
	const struct portres_block block = portres_spec_block(spec);
	struct portres_reservation *found[PORTRES_HALVES];
	char text[PORTRES_TEXT_MAX];
	int error = portres_create(handle, spec, token);
	int count;

	*made = !error;
	if (error != -EEXIST)
		return error;
	memcpy(text, handle->text, sizeof(text));
	count = portres_halves_get(handle, &block, found);
	if (count == -ENOENT) {
		memcpy(handle->text, text, sizeof(text));
		return -EEXIST;
	}
	if (count < 0)
		return count;
	/* As of a creation, the token is that of the last half. */
	if (token)
		*token = found[count - 1]->token;
	while (count)
		portres_reservation_free(found[--count]);
	return portres_set(handle, spec->protocol, spec->first, spec->count, spec,
			   PORTRES_SET_NAME | PORTRES_SET_GRANTS | PORTRES_SET_ADOPT);
}

int portres_replace(struct portres *handle, const struct portres_spec *spec, uint64_t *token,
		    int *made)
{
	int attempts = REPLACE_ATTEMPTS;
	int ignored;
	int error;

	do {
		/* -ENOENT: it was deleted in between. */
		error = replace_once(handle, spec, token, made ? made : &ignored);
	} while (error == -ENOENT && --attempts);
	return error;
}
