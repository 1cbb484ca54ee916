// SPDX-License-Identifier: GPL-2.0-only
/*
 * Makes struct portres_terms, the name and the grants of a reservation.
 *
 * portres_reservation.terms is NULL for a reservation without name and grants. The pointer is
 * written under the table lock, or before the reservation is in the table, and read under RCU. A
 * change replaces the object as a whole; it is freed after a grace period, as it is with the
 * reservation. So a reader sees all grants of one moment, and may follow pointers into the object
 * within its RCU section.
 */
#include <linux/errno.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "terms.h"

/* Terms of an acquisition with PORTRES_ACQUIRE_TREE, for copying; @process is set in the copy. */
const struct portres_terms portres_terms_tree = {
	.size = sizeof(struct portres_terms) + sizeof(struct portres_grant),
	.texts = sizeof(struct portres_terms) + sizeof(struct portres_grant),
	.n = 1,
	.grants = { { .kind = PORTRES_GRANT_TREE } },
};

static atomic64_t last_serial;

/**
 * portres_terms_alloc - allocate room for grants
 * @n: number of grants
 * @text: bytes of their texts
 *
 * The memory is charged to the memory cgroup of the caller, as that of the reservation.
 *
 * Return: an object of zeros with @n set, for kfree(); NULL if there is no memory.
 */
struct portres_terms *portres_terms_alloc(unsigned int n, size_t text)
{
	struct portres_terms *terms;
	size_t texts = struct_size(terms, grants, n);

	terms = kzalloc(texts + text, GFP_KERNEL_ACCOUNT);
	if (!terms)
		return NULL;
	terms->n = n;
	terms->texts = texts;
	terms->size = texts + text;
	return terms;
}

/*
 * Forgets the last matches: they may have been written while they were copied, and half of an
 * id is that of another cgroup where 64 bits are not copied at once.
 */
static struct portres_terms *terms_copy(const struct portres_terms *grants)
{
	struct portres_terms *terms = kmemdup(grants, grants->size, GFP_KERNEL_ACCOUNT);
	unsigned int i;

	for (i = 0; terms && i < terms->n; i++)
		atomic64_set(&terms->grants[i].matched, 0);
	return terms;
}

/**
 * portres_terms_make - make an object for a reservation
 * @terms: set to the new object, or to NULL if there is neither a name nor a grant
 * @grants: grants to copy, whose name is ignored; NULL for no grants
 * @name: at most PORTRES_NAME_MAX bytes; empty or NULL for no name
 *
 * Return: 0 or -ENOMEM.
 */
int portres_terms_make(struct portres_terms **terms, const struct portres_terms *grants,
		       const char *name)
{
	bool named = name && name[0];

	*terms = NULL;
	if (!named && (!grants || !grants->n))
		return 0;
	if (grants && grants->n)
		*terms = terms_copy(grants);
	else
		*terms = portres_terms_alloc(0, 0);
	if (!*terms)
		return -ENOMEM;
	memset((*terms)->name, 0, sizeof((*terms)->name));
	if (named)
		strscpy((*terms)->name, name, sizeof((*terms)->name));
	(*terms)->serial = atomic64_inc_return(&last_serial);
	return 0;
}
