// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tokens are new after each boot, so a program keeps the numbers of its block, not the token,
 * and looks that up. This one also keeps the token, to tell whether it is another one.
 *
 *   after_boot FILE START COUNT
 */
#include <winsock2.h>
#include <mstcpip.h>
#include <iphlpapi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The last run's token, or none. */
static ULONG64 remembered(const char *path)
{
	ULONG64 token = INVALID_PORT_RESERVATION_TOKEN;
	FILE *file = fopen(path, "rb");

	if (!file)
		return token;
	if (fread(&token, sizeof(token), 1, file) != 1)
		token = INVALID_PORT_RESERVATION_TOKEN;
	fclose(file);
	return token;
}

static int remember(const char *path, ULONG64 token)
{
	FILE *file = fopen(path, "wb");

	if (!file)
		return -1;
	if (fwrite(&token, sizeof(token), 1, file) != 1) {
		fclose(file);
		return -1;
	}
	return fclose(file);
}

static int use(SOCKET s, ULONG64 token)
{
	struct sockaddr_in address;
	DWORD returned;

	memset(&address, 0, sizeof(address));
	address.sin_family = AF_INET;
	if (WSAIoctl(s, SIO_ASSOCIATE_PORT_RESERVATION, &token, sizeof(token), NULL, 0,
		     &returned, NULL, NULL) == SOCKET_ERROR ||
	    bind(s, (const struct sockaddr *)&address, sizeof(address)) == SOCKET_ERROR)
		return WSAGetLastError();
	return 0;
}

static int try_token(const char *name, ULONG64 token)
{
	SOCKET s = socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP);
	int error = s == INVALID_SOCKET ? WSAGetLastError() : use(s, token);

	printf("%s: %s\n", name, error ? "of no use" : "gets a port");
	if (s != INVALID_SOCKET)
		closesocket(s);
	return error;
}

int main(int argc, char **argv)
{
	WSADATA data;
	ULONG64 before;
	ULONG64 token;
	ULONG error;
	int failed;

	if (argc < 4 || WSAStartup(MAKEWORD(2, 2), &data))
		return EXIT_FAILURE;
	error = LookupPersistentUdpPortReservation(htons((USHORT)atoi(argv[2])),
						   (USHORT)atoi(argv[3]), &token);
	if (error != NO_ERROR) {
		printf("not reserved: error %u\n", (unsigned int)error);
		return EXIT_FAILURE;
	}
	before = remembered(argv[1]);
	if (before != INVALID_PORT_RESERVATION_TOKEN && before != token)
		try_token("the token of the last run", before);
	failed = try_token(before == token ? "the same token" : "a new token", token) ||
		remember(argv[1], token);
	WSACleanup();
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
