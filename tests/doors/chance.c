// SPDX-License-Identifier: GPL-2.0-only
/* xorshift64*: the same on every machine. */
#include "chance.h"

static uint64_t state = 1;

static const uint64_t edges[] = {
	0, 1, 2, 7, 8, 15, 16, 17, 63, 64, 98, 127, 128, 255, 256, 1023, 1024, 4095, 4096, 32767,
	32768, 65534, 65535, 65536, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff, 1ULL << 32,
	1ULL << 63, UINT64_MAX - 1, UINT64_MAX,
};

void chance_seed(uint64_t seed, uint64_t sequence)
{
	state = (seed + 1) * 0x9e3779b97f4a7c15 ^ (sequence + 1) * 0xbf58476d1ce4e5b9;
	if (!state)
		state = 1;
	draw64();
	draw64();
}

uint64_t draw64(void)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return state * 0x2545f4914f6cdd1d;
}

unsigned int draw(unsigned int below)
{
	return (draw64() >> 32) % below;
}

unsigned int draw_from(unsigned int low, unsigned int high)
{
	return low + draw(high - low + 1);
}

bool once_in(unsigned int of)
{
	return !draw(of);
}

uint64_t draw_edge(void)
{
	return edges[draw(ARRAY_SIZE(edges))] + (once_in(4) ? draw(5) - 2 : 0);
}
