/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What users hold and may hold in runtime reservations, see account.c.
 */
#ifndef _PORTRES_ACCOUNT_H
#define _PORTRES_ACCOUNT_H

#include <linux/types.h>

struct portres_charges;
struct portres_net;
struct portres_runtime;

void portres_account_init(struct portres_net *pnet);
void portres_account_fini(struct portres_net *pnet);
struct portres_charges *portres_charges_alloc(struct portres_net *pnet);
void portres_charges_free(struct portres_net *pnet, struct portres_charges *charges);
int portres_account_check(struct portres_net *pnet, const struct portres_charges *charges,
			  u16 count, struct portres_runtime **expired);
void portres_account_charge(struct portres_net *pnet, struct portres_runtime *runtime,
			    struct portres_charges *charges);
void portres_account_uncharge(struct portres_net *pnet, struct portres_runtime *runtime);

#endif /* _PORTRES_ACCOUNT_H */
