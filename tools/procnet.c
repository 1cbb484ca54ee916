// SPDX-License-Identifier: GPL-2.0-only
/* Reads /proc/net/udp, tcp and those of IPv6, see proc_net(5). */
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "procnet.h"

#define MILLISECONDS 1000

/* Parses an address of /proc/net: hexadecimal words in host byte order. */
static bool read_address(const char *hex, int *family, unsigned char address[16])
{
	size_t words = strlen(hex) / 8;
	size_t i;

	if (strlen(hex) != 8 && strlen(hex) != 32)
		return false;
	*family = words == 1 ? AF_INET : AF_INET6;
	for (i = 0; i < words; i++) {
		uint32_t word;

		if (sscanf(hex + 8 * i, "%8x", &word) != 1)
			return false;
		memcpy(address + 4 * i, &word, sizeof(word));
	}
	return true;
}

static bool read_socket(const char *line, struct diag_socket *found)
{
	unsigned long ticks;
	unsigned int port;
	unsigned int peer_port;
	unsigned int state;
	unsigned int timer;
	char hex[33];
	char peer[33];

	memset(found, 0, sizeof(*found));
	if (sscanf(line, " %*u: %32[0-9A-F]:%x %32[0-9A-F]:%x %x %*x:%*x %x:%lx %*x %u %*u %lu",
		   hex, &port, peer, &peer_port, &state, &timer, &ticks,
		   &found->uid, &found->inode) != 9 ||
	    port > UINT16_MAX || peer_port > UINT16_MAX ||
	    !read_address(peer, &found->family, found->peer) ||
	    !read_address(hex, &found->family, found->address))
		return false;
	found->port = (uint16_t)port;
	found->peer_port = (uint16_t)peer_port;
	found->state = (uint8_t)state;
	found->waits = timer == DIAG_TIME_WAIT;
	if (found->waits)
		found->milliseconds = (uint32_t)(ticks * MILLISECONDS /
						 (unsigned long)sysconf(_SC_CLK_TCK));
	return true;
}

bool procnet_for_each(const char *path, diag_visit_fn *visit, void *arg)
{
	FILE *file = fopen(path, "re");
	struct diag_socket found;
	char line[512];

	if (!file)
		return false;
	while (fgets(line, sizeof(line), file))
		if (read_socket(line, &found) && found.port)
			visit(&found, arg);
	fclose(file);
	return true;
}
