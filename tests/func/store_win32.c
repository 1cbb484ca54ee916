// SPDX-License-Identifier: GPL-2.0-only
/* The Win32 functions on a disk that refuses. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <portres/iphlpapi.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client.h"
#include "env.h"
#include "stage.h"

#define UNTOUCHED 0x7777777777777777ULL

static uint8_t ports[65536];

static bool reserved(unsigned int port)
{
	struct client client;
	struct resv found;
	bool is;

	if (client_open(&client))
		tap_bail("no client");
	is = get_port(&client, port, &found) == 0;
	client_close(&client);
	return is;
}

static void try_create(ULONG wanted, const char *what)
{
	ULONG64 token = UNTOUCHED;

	tap_num(CreatePersistentUdpPortReservation(htons(6000), 10, &token), wanted, "Create %s",
		what);
	tap_ok(token == UNTOUCHED, "%s: no token is written", what);
	tap_ok(!reserved(6000), "%s: nothing is reserved", what);
	stored_ports(ports);
	tap_ok(!ports[6000], "%s: nothing is stored", what);
}

static void fill(const char *path)
{
	static const char zeros[65536];
	int fd = open(path, O_WRONLY | O_CREAT, 0600);

	while (write(fd, zeros, sizeof(zeros)) > 0)
		continue;
	close(fd);
}

int main(void)
{
	ULONG64 token = 0;

	module_load();
	new_store("size=256k");
	tap_num(CreatePersistentUdpPortReservation(htons(5000), 10, &token), NO_ERROR, "Create");
	tap_num((long long)stored_ports(ports), 1, "it is stored");
	change_store("ro");
	try_create(ERROR_WRITE_PROTECT, "where nothing can be written");
	tap_num(DeletePersistentUdpPortReservation(htons(5000), 10), ERROR_WRITE_PROTECT,
		"Delete where nothing can be written");
	tap_ok(reserved(5000), "it stands");
	change_store("size=256k");
	fill(STATE_DIR "/filler");
	try_create(ERROR_DISK_FULL, "where there is no room");
	tap_num(DeletePersistentUdpPortReservation(htons(5000), 10), NO_ERROR,
		"Delete needs no room");
	tap_num((long long)stored_ports(ports), 0, "it is forgotten");
	return tap_finish();
}
