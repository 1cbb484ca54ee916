// SPDX-License-Identifier: GPL-2.0-only
/*
 * The protocols whose ports can be reserved. main.c registers them before anything else uses them,
 * and they stay as long as the module.
 */
#include <linux/cache.h>

#include "protocol.h"

static const struct portres_protocol *protocols[PORTRES_PROTOCOLS] __read_mostly;

/**
 * portres_protocol_register - make a protocol known
 * @protocol: the protocol
 */
void portres_protocol_register(const struct portres_protocol *protocol)
{
	protocols[protocol->index] = protocol;
}

/**
 * portres_protocol_find - find a protocol by its number
 * @number: IPPROTO_*, or any other number
 *
 * Return: the protocol, or NULL if its ports cannot be reserved.
 */
const struct portres_protocol *portres_protocol_find(u8 number)
{
	unsigned int i;

	for (i = 0; i < PORTRES_PROTOCOLS; i++)
		if (protocols[i] && protocols[i]->number == number)
			return protocols[i];
	return NULL;
}

/**
 * portres_protocol_of - find the protocol of a socket
 * @sk: any socket
 *
 * Return: the protocol, or NULL if its ports cannot be reserved.
 */
const struct portres_protocol *portres_protocol_of(const struct sock *sk)
{
	unsigned int i;

	for (i = 0; i < PORTRES_PROTOCOLS; i++)
		if (protocols[i] && protocols[i]->supports(sk))
			return protocols[i];
	return NULL;
}

/**
 * portres_protocol_fini_all - undo portres_protocol_init_all(), when no hook is installed
 */
void portres_protocol_fini_all(void)
{
	unsigned int i;

	for (i = 0; i < PORTRES_PROTOCOLS; i++)
		if (protocols[i] && protocols[i]->fini)
			protocols[i]->fini();
}

/**
 * portres_protocol_init_all - prepare all protocols
 *
 * Return: 0, or a negative errno, then with none prepared.
 */
int portres_protocol_init_all(void)
{
	unsigned int i;
	int err;

	for (i = 0; i < PORTRES_PROTOCOLS; i++) {
		err = protocols[i] && protocols[i]->init ? protocols[i]->init() : 0;
		if (err)
			goto undo;
	}
	return 0;

undo:
	while (i--)
		if (protocols[i] && protocols[i]->fini)
			protocols[i]->fini();
	return err;
}

/**
 * portres_protocol_install_all - hook what is not hooked yet, of all protocols
 *
 * Context: process, sleeps.
 * Return: 0 or a negative errno, with some hooks installed or none.
 */
int portres_protocol_install_all(void)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < PORTRES_PROTOCOLS; i++)
		if (protocols[i])
			err = protocols[i]->install() ?: err;
	return err;
}

/**
 * portres_protocol_remove_all - remove the hooks of all protocols
 *
 * Context: process, sleeps. On return no task is in any of them.
 */
void portres_protocol_remove_all(void)
{
	unsigned int i;

	for (i = 0; i < PORTRES_PROTOCOLS; i++)
		if (protocols[i])
			protocols[i]->remove();
}
