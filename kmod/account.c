// SPDX-License-Identifier: GPL-2.0-only
/*
 * What each user holds in runtime reservations that he acquired without privilege, and
 * whether he may hold more.
 */
#include <linux/errno.h>
#include <linux/lockdep.h>
#include <linux/slab.h>
#include <linux/xarray.h>

#include "portres.h"

/**
 * struct portres_user - what a user holds in a namespace; there while he holds any
 * @ports: the number of ports
 * @reservations: the number of reservations
 * @charged: these reservations
 */
struct portres_user {
	unsigned int ports;
	unsigned int reservations;
	struct list_head charged;
};

static struct portres_user *find(struct portres_net *pnet, kuid_t uid)
{
	lockdep_assert_held(&pnet->table.lock);
	return xa_load(&pnet->users, __kuid_val(uid));
}

/**
 * portres_account_judge - may a user hold another runtime reservation?
 * @pnet: the namespace, its table locked
 * @uid: the user
 * @count: of how many ports
 *
 * Return: 0 or -EDQUOT.
 */
int portres_account_judge(struct portres_net *pnet, kuid_t uid, u16 count)
{
	const struct portres_user *user = find(pnet, uid);
	unsigned int reservations = user ? user->reservations : 0;
	unsigned int ports = user ? user->ports : 0;

	if (reservations + 1 > READ_ONCE(pnet->user_max_reservations) ||
	    ports + count > READ_ONCE(pnet->user_max_ports))
		return -EDQUOT;
	return 0;
}

/**
 * portres_account_find_over - a reservation that a user is charged for in vain
 * @pnet: the namespace, its table locked
 * @uid: the user
 *
 * Return: a reservation that is over but has not been ended yet, or NULL.
 */
struct portres_runtime *portres_account_find_over(struct portres_net *pnet, kuid_t uid)
{
	struct portres_user *user = find(pnet, uid);
	struct portres_runtime *runtime;

	if (!user)
		return NULL;
	list_for_each_entry(runtime, &user->charged, charged)
		if (portres_reservation_over(&runtime->resv))
			return runtime;
	return NULL;
}

static struct portres_user *provide(struct portres_net *pnet, kuid_t uid)
{
	struct portres_user *user = find(pnet, uid);

	if (user)
		return user;
	user = kzalloc(sizeof(*user), GFP_KERNEL_ACCOUNT);
	if (!user)
		return NULL;
	INIT_LIST_HEAD(&user->charged);
	if (xa_err(xa_store(&pnet->users, __kuid_val(uid), user, GFP_KERNEL_ACCOUNT))) {
		kfree(user);
		return NULL;
	}
	return user;
}

/**
 * portres_account_charge - put a reservation down to the user who acquired it
 * @pnet: the namespace, its table locked
 * @runtime: the reservation
 *
 * Return: 0 or -ENOMEM.
 */
int portres_account_charge(struct portres_net *pnet, struct portres_runtime *runtime)
{
	struct portres_user *user = provide(pnet, runtime->resv.owner);

	if (!user)
		return -ENOMEM;
	user->ports += portres_reservation_count(&runtime->resv);
	user->reservations++;
	list_add_tail(&runtime->charged, &user->charged);
	runtime->user = user;
	return 0;
}

/**
 * portres_account_uncharge - the user holds a reservation no more
 * @pnet: the namespace, its table locked
 * @runtime: the reservation; nothing happens if nobody was charged for it
 */
void portres_account_uncharge(struct portres_net *pnet, struct portres_runtime *runtime)
{
	struct portres_user *user = runtime->user;

	lockdep_assert_held(&pnet->table.lock);
	if (!user)
		return;
	runtime->user = NULL;
	list_del(&runtime->charged);
	user->ports -= portres_reservation_count(&runtime->resv);
	if (!--user->reservations) {
		xa_erase(&pnet->users, __kuid_val(runtime->resv.owner));
		kfree(user);
	}
}

void portres_account_init(struct portres_net *pnet)
{
	xa_init_flags(&pnet->users, XA_FLAGS_ACCOUNT);
}

/**
 * portres_account_fini - end the accounts, when nobody holds anything any more
 * @pnet: the namespace
 */
void portres_account_fini(struct portres_net *pnet)
{
	WARN_ON(!xa_empty(&pnet->users));
	xa_destroy(&pnet->users);
}
