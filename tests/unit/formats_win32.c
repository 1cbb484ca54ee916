// SPDX-License-Identifier: GPL-2.0-only
/* What programs for Windows hand over: types, sizes and places on this architecture, and bytes. */
#include "../win32/layout.c"

#include "bytes.h"

#define TOKEN_VALUE 0x0102030405060708ULL

/* Ports have the order of the network, as in an address; a token is a number of the machine. */
static void test_windows(void)
{
	INET_PORT_RESERVATION_INSTANCE instance;

	memset(&instance, 0, sizeof(instance));
	instance.StartPort = htons(5000);
	instance.NumberOfPorts = 0x102;
	instance.Token = TOKEN_VALUE;
	same_bytes(&instance, sizeof(instance), "13 88 0102 00000000 0102030405060708",
		   "what is acquired on Windows");
}

int main(void)
{
	test_windows();
	return tap_finish();
}
