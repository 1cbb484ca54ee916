// SPDX-License-Identifier: GPL-2.0-only
/*
 * Charges users of a namespace for runtime reservations that were acquired without privilege,
 * and enforces their limits.
 *
 * A reservation is charged to several users: to the effective user of the task that acquired it,
 * to the owner of the user namespace of that task, and so on up to the user namespace that owns
 * the network namespace. So new user namespaces with users of their own do not raise a limit;
 * ucounts work in the same way.
 */
#include <linux/cred.h>
#include <linux/errno.h>
#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/rbtree.h>
#include <linux/slab.h>
#include <linux/user_namespace.h>

#include "account.h"
#include "core/net.h"
#include "core/reservation.h"

/* User namespaces nest to 33 levels below the initial one; plus the user of the task. */
#define MAX_PAYERS	34

/**
 * struct portres_user - what a user is charged for in a namespace
 * @node: entry in portres_net.users
 * @uid: the user
 * @pins: number of struct charge that refer to this user, even if not counted yet
 * @ports: number of ports
 * @reservations: number of reservations
 * @charged: list of struct charge that are counted
 *
 * All members are under the table lock.
 */
struct portres_user {
	struct rb_node node;
	kuid_t uid;
	unsigned int pins;
	unsigned int ports;
	unsigned int reservations;
	struct list_head charged;
};

/**
 * struct charge - a reservation and one of the users that are charged for it
 * @user: the user, pinned
 * @runtime: the reservation while it is counted, else NULL
 * @link: entry in portres_user.charged while @runtime is counted
 */
struct charge {
	struct portres_user *user;
	struct portres_runtime *runtime;
	struct list_head link;
};

/**
 * struct portres_charges - all users that are charged for one reservation
 * @n: number of users
 * @each: one entry for each user
 */
struct portres_charges {
	unsigned int n;
	struct charge each[];
};

static struct portres_user *account_find(struct portres_net *pnet, kuid_t uid,
					 struct rb_node **parent, struct rb_node ***place)
{
	struct rb_node **link = &pnet->users.rb_node;

	lockdep_assert_held(&pnet->lock);
	*parent = NULL;
	while (*link) {
		struct portres_user *user = rb_entry(*link, struct portres_user, node);

		if (uid_eq(user->uid, uid))
			return user;
		*parent = *link;
		link = uid_lt(uid, user->uid) ? &(*link)->rb_left : &(*link)->rb_right;
	}
	*place = link;
	return NULL;
}

/* Return: the user in the tree; @fresh is inserted if there was none. */
static struct portres_user *account_pin(struct portres_net *pnet, struct portres_user *fresh)
{
	struct rb_node *parent, **place;
	struct portres_user *user;

	user = account_find(pnet, fresh->uid, &parent, &place);
	if (!user) {
		user = fresh;
		rb_link_node(&user->node, parent, place);
		rb_insert_color(&user->node, &pnet->users);
	}
	user->pins++;
	return user;
}

static void account_unpin(struct portres_net *pnet, struct portres_user *user)
{
	lockdep_assert_held(&pnet->lock);
	if (--user->pins)
		return;
	rb_erase(&user->node, &pnet->users);
	kfree(user);
}

static unsigned int account_add_payer(kuid_t *payers, unsigned int n, kuid_t uid)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (uid_eq(payers[i], uid))
			return n;
	if (!WARN_ON_ONCE(n == MAX_PAYERS))
		payers[n++] = uid;
	return n;
}

/*
 * Collects the owners of user namespaces from the task's own up to that of the network namespace,
 * or up to the initial one if the task's is not below that.
 */
static unsigned int account_find_payers(const struct net *net, kuid_t *payers)
{
	const struct user_namespace *user_ns = current_user_ns();
	unsigned int n = account_add_payer(payers, 0, current_euid());

	for (; user_ns != net->user_ns && user_ns->parent; user_ns = user_ns->parent)
		n = account_add_payer(payers, n, user_ns->owner);
	return n;
}

static struct portres_user *account_alloc(kuid_t uid)
{
	struct portres_user *user = kzalloc(sizeof(*user), GFP_KERNEL_ACCOUNT);

	if (!user)
		return NULL;
	user->uid = uid;
	INIT_LIST_HEAD(&user->charged);
	return user;
}

static int charges_add(struct portres_net *pnet, struct portres_charges *charges, kuid_t uid)
{
	struct charge *charge = &charges->each[charges->n];
	struct portres_user *fresh = account_alloc(uid);

	if (!fresh)
		return -ENOMEM;
	spin_lock_bh(&pnet->lock);
	charge->user = account_pin(pnet, fresh);
	spin_unlock_bh(&pnet->lock);
	charges->n++;
	if (charge->user != fresh)
		kfree(fresh);
	return 0;
}

/**
 * portres_charges_alloc - prepare to charge the users of the current task
 * @pnet: the namespace, its table not locked
 *
 * Return: charges that are not counted yet, for portres_charges_free() or for
 * portres_account_charge(); NULL if there is no memory.
 */
struct portres_charges *portres_charges_alloc(struct portres_net *pnet)
{
	struct portres_charges *charges;
	kuid_t payers[MAX_PAYERS];
	unsigned int i, n;

	n = account_find_payers(pnet->net, payers);
	charges = kzalloc(struct_size(charges, each, n), GFP_KERNEL_ACCOUNT);
	if (!charges)
		return NULL;
	for (i = 0; i < n; i++) {
		if (charges_add(pnet, charges, payers[i])) {
			portres_charges_free(pnet, charges);
			return NULL;
		}
	}
	return charges;
}

static void charges_free_locked(struct portres_net *pnet, struct portres_charges *charges)
{
	unsigned int i;

	for (i = 0; i < charges->n; i++)
		account_unpin(pnet, charges->each[i].user);
	kfree(charges);
}

/**
 * portres_charges_free - free charges that are not counted
 * @pnet: the namespace, its table not locked
 * @charges: the charges, or NULL
 */
void portres_charges_free(struct portres_net *pnet, struct portres_charges *charges)
{
	if (!charges)
		return;
	spin_lock_bh(&pnet->lock);
	charges_free_locked(pnet, charges);
	spin_unlock_bh(&pnet->lock);
}

static bool account_has_room(const struct portres_net *pnet, const struct portres_user *user,
			     u16 count)
{
	return user->reservations < READ_ONCE(pnet->user_max_reservations) &&
	       user->ports + count <= READ_ONCE(pnet->user_max_ports);
}

static struct portres_runtime *account_find_expired(const struct portres_user *user)
{
	const struct charge *charge;

	list_for_each_entry(charge, &user->charged, link)
		if (portres_reservation_gone(&charge->runtime->resv))
			return charge->runtime;
	return NULL;
}

/**
 * portres_account_check - check whether users may hold another runtime reservation
 * @pnet: the namespace, its table locked
 * @charges: the users
 * @count: the number of its ports
 * @expired: set on failure to an expired reservation that is still charged to the user at the
 *	limit, if there is one: try again after its removal
 *
 * Return: 0, or -EDQUOT if one of the users is at a limit.
 */
int portres_account_check(struct portres_net *pnet, const struct portres_charges *charges,
			  u16 count, struct portres_runtime **expired)
{
	unsigned int i;

	lockdep_assert_held(&pnet->lock);
	for (i = 0; i < charges->n; i++) {
		const struct portres_user *user = charges->each[i].user;

		if (account_has_room(pnet, user, count))
			continue;
		*expired = account_find_expired(user);
		return -EDQUOT;
	}
	return 0;
}

/**
 * portres_account_charge - charge users for a reservation
 * @pnet: the namespace, its table locked
 * @runtime: the reservation; owns @charges afterwards
 * @charges: the users
 */
void portres_account_charge(struct portres_net *pnet, struct portres_runtime *runtime,
			    struct portres_charges *charges)
{
	unsigned int i;

	lockdep_assert_held(&pnet->lock);
	for (i = 0; i < charges->n; i++) {
		struct charge *charge = &charges->each[i];

		charge->user->ports += portres_reservation_count(&runtime->resv);
		charge->user->reservations++;
		list_add_tail(&charge->link, &charge->user->charged);
		charge->runtime = runtime;
	}
	runtime->charges = charges;
}

/**
 * portres_account_uncharge - uncharge the users of a reservation
 * @pnet: the namespace, its table locked
 * @runtime: the reservation; no user need be charged for it
 */
void portres_account_uncharge(struct portres_net *pnet, struct portres_runtime *runtime)
{
	struct portres_charges *charges = runtime->charges;
	unsigned int i;

	lockdep_assert_held(&pnet->lock);
	if (!charges)
		return;
	for (i = 0; i < charges->n; i++) {
		struct charge *charge = &charges->each[i];

		charge->user->ports -= portres_reservation_count(&runtime->resv);
		charge->user->reservations--;
		list_del(&charge->link);
	}
	runtime->charges = NULL;
	charges_free_locked(pnet, charges);
}

void portres_account_init(struct portres_net *pnet)
{
	pnet->users = RB_ROOT;
}

/**
 * portres_account_fini - warn if a user is still charged
 * @pnet: the namespace
 */
void portres_account_fini(struct portres_net *pnet)
{
	WARN_ON(!RB_EMPTY_ROOT(&pnet->users));
}
