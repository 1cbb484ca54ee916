// SPDX-License-Identifier: GPL-2.0-only
/* Parses the word of a protocol that has ports of its own: not of both. */
#include <netinet/in.h>
#include <portres/portres.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/protocol.h"
#include "text.h"
#include "transport.h"

static bool transport_find(const char *word, uint8_t *protocol)
{
	uint8_t found;

	if (!portres_protocol_find(word, (unsigned int)strlen(word), &found) ||
	    found == PORTRES_BOTH)
		return false;
	*protocol = found;
	return true;
}

bool parse_transport(const char *word, uint8_t *protocol, parse_reason reason)
{
	char *shown;

	if (transport_find(word, protocol))
		return true;
	shown = quoted_text(word);
	snprintf(reason, REASON_MAX, "unknown protocol \"%s\": expected udp or tcp", shown);
	free(shown);
	return false;
}

int take_transport(int argc, char *const *argv, uint8_t *protocol)
{
	*protocol = IPPROTO_UDP;
	return argc > 0 && transport_find(argv[0], protocol);
}
