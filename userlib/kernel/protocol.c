// SPDX-License-Identifier: LGPL-2.1-or-later
/* Protocols and their words. Pure. */
#include <netinet/in.h>
#include <portres/portres.h>
#include <string.h>

#include "protocol.h"

static const struct {
	const char *word;
	uint8_t protocol;
} protocols[] = {
	{ "udp", IPPROTO_UDP },
	{ "tcp", IPPROTO_TCP },
	{ "both", PORTRES_BOTH },
};

unsigned int portres_protocol_halves(uint8_t protocol, uint8_t halves[PORTRES_HALVES])
{
	if (protocol != PORTRES_BOTH) {
		halves[0] = protocol;
		return 1;
	}
	halves[0] = IPPROTO_TCP;
	halves[1] = IPPROTO_UDP;
	return 2;
}

bool portres_protocols_meet(uint8_t a, uint8_t b)
{
	return a == b || a == PORTRES_BOTH || b == PORTRES_BOTH;
}

const char *portres_protocol_word(uint8_t protocol)
{
	size_t i;

	for (i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++)
		if (protocols[i].protocol == protocol)
			return protocols[i].word;
	return "?";
}

bool portres_protocol_find(const char *word, unsigned int len, uint8_t *protocol)
{
	size_t i;

	for (i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++) {
		if (strlen(protocols[i].word) != len || memcmp(word, protocols[i].word, len) != 0)
			continue;
		*protocol = protocols[i].protocol;
		return true;
	}
	return false;
}
