// SPDX-License-Identifier: GPL-2.0-only
/*
 * The part of an installer that reserves ports, and of the uninstaller. It may be run any number of
 * times: a block that is already reserved, or already deleted, is not an error.
 *
 *   installer install|remove START COUNT
 */
#include <winsock2.h>
#include <iphlpapi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Checks whether the conflicting reservation is this block, from an earlier run. */
static int is_ours(USHORT start, USHORT count)
{
	ULONG64 token;

	return LookupPersistentUdpPortReservation(start, count, &token) == NO_ERROR;
}

static int install(USHORT start, USHORT count)
{
	ULONG64 token;
	ULONG error = CreatePersistentUdpPortReservation(start, count, &token);

	switch (error) {
	case NO_ERROR:
		printf("reserved\n");
		return EXIT_SUCCESS;
	case ERROR_SHARING_VIOLATION:
		if (is_ours(start, count)) {
			printf("already there\n");
			return EXIT_SUCCESS;
		}
		printf("some of the ports are taken\n");
		return EXIT_FAILURE;
	case ERROR_ACCESS_DENIED:
		printf("this takes an administrator\n");
		return EXIT_FAILURE;
	default:
		printf("error %u\n", (unsigned int)error);
		return EXIT_FAILURE;
	}
}

static int remove_block(USHORT start, USHORT count)
{
	ULONG error = DeletePersistentUdpPortReservation(start, count);

	if (error == ERROR_NOT_FOUND) {
		printf("already gone\n");
		return EXIT_SUCCESS;
	}
	if (error != NO_ERROR) {
		printf("error %u\n", (unsigned int)error);
		return EXIT_FAILURE;
	}
	printf("removed\n");
	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	USHORT start = argc > 3 ? htons((USHORT)atoi(argv[2])) : 0;
	USHORT count = argc > 3 ? (USHORT)atoi(argv[3]) : 0;

	if (argc > 3 && !strcmp(argv[1], "install"))
		return install(start, count);
	if (argc > 3 && !strcmp(argv[1], "remove"))
		return remove_block(start, count);
	fprintf(stderr, "usage: installer install|remove START COUNT\n");
	return 2;
}
