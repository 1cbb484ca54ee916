// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whether the kernel has IPv6, which can be a module, and can be switched off.
 */
#include <linux/ipv6.h>
#include <linux/module.h>

#include "ipv6.h"

/**
 * portres_has_ipv6 - check whether sockets of IPv6 can be created
 *
 * Loads no module: the creation of a socket of an absent family runs modprobe and waits for it.
 */
bool portres_has_ipv6(void)
{
	bool has = false;
#if IS_BUILTIN(CONFIG_IPV6)
	has = ipv6_mod_enabled();
#elif IS_MODULE(CONFIG_IPV6)
	bool (*enabled)(void) = symbol_get(ipv6_mod_enabled);

	if (enabled) {
		has = enabled();
		symbol_put(ipv6_mod_enabled);
	}
#endif
	return has;
}
