// SPDX-License-Identifier: GPL-2.0-only
/*
 * Puts a function of a test under the hook, which takes it for the kernel's get_port.
 */
#include <kunit/test.h>
#include <net/sock.h>

#include "fixture.h"
#include "udp/hook.h"

/* A proto with a get_port of a test's, as if the kernel had it. */
static struct {
	struct proto *prot;
	portres_get_port_t real;
} under_hook;

static void exchange_under_hook(portres_get_port_t get_port)
{
	portres_udp_hook_remove();
	WRITE_ONCE(under_hook.prot->get_port, get_port);
	WARN_ON(portres_udp_hook_install());
}

static void take_from_under_hook(void *unused)
{
	exchange_under_hook(under_hook.real);
}

/**
 * portres_test_put_under_hook - make the hook take a function for the kernel's
 * @test: the test
 * @prot: a proto that is hooked
 * @get_port: the function; it is in use until the test ends
 *
 * Return: the kernel's own get_port.
 */
portres_get_port_t portres_test_put_under_hook(struct kunit *test, struct proto *prot,
					       portres_get_port_t get_port)
{
	/* its wait for tasks and that of the removal are had one after the other */
	portres_test_ready();
	under_hook.prot = prot;
	portres_udp_hook_remove();
	under_hook.real = READ_ONCE(prot->get_port);
	KUNIT_ASSERT_EQ(test, portres_udp_hook_install(), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, take_from_under_hook, NULL), 0);
	exchange_under_hook(get_port);
	return under_hook.real;
}
