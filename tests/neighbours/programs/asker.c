// SPDX-License-Identifier: GPL-2.0-only
/*
 * Asks a resolver for many names, each of them only once, some at a time.
 *
 *   asker ADDRESS NAMES AT-A-TIME SEED    prints how many were answered, how many were not, and
 *                                         how often the resolver failed or was silent
 *
 * What fails or is not answered is asked again, as any client would do.
 */
#include <arpa/inet.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define PORT 53
#define MOST 1024
#define AGAIN_MS 5000
#define LATER_MS 1500	/* a failure is remembered for a second */
#define TRIES 12

struct query {
	unsigned int name;	/* 0: none */
	int tries;
	bool failed;	/* the last try */
	int64_t again;
};

static struct query queries[MOST];	/* by the low bits of the id */
static const char *seed;
static int fd;
static unsigned int answered, given_up, failures, silence;

static int64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000LL + time.tv_nsec / 1000000;
}

static void ask(unsigned int slot)
{
	struct query *query = &queries[slot];
	uint8_t text[256] = { slot >> 8, slot, 1, 0, 0, 1 };
	char label[32];
	size_t len;

	len = snprintf(label, sizeof(label), "%s-%u", seed, query->name);
	text[12] = len;
	memcpy(&text[13], label, len);
	memcpy(&text[13 + len], "\7example\3net\0\0\1\0\1", 17);
	query->again = now() + AGAIN_MS;
	query->failed = false;
	query->tries++;
	send(fd, text, 13 + len + 17, 0);
}

/* Is the answer about what was asked? A late answer to an earlier query of the slot is not. */
static int fits(const struct query *query, const uint8_t *text, ssize_t len)
{
	char label[32];
	int size = snprintf(label, sizeof(label), "%s-%u", seed, query->name);

	return len > 13 + size && text[12] == size && memcmp(&text[13], label, size) == 0;
}

static void hear(void)
{
	uint8_t text[512];
	ssize_t len = recv(fd, text, sizeof(text), MSG_DONTWAIT);
	struct query *query;

	if (len <= 12)
		return;
	query = &queries[(text[0] << 8 | text[1]) % MOST];
	if (!query->name || !fits(query, text, len))
		return;
	if ((text[3] & 15) == 0 && (text[6] || text[7])) {
		answered++;
		query->name = 0;
	} else if (!query->failed) {
		failures++;
		query->failed = true;
		query->again = now() + LATER_MS;
	}
}

static void ask_again(unsigned int slot)
{
	silence += !queries[slot].failed;
	if (queries[slot].tries < TRIES) {
		ask(slot);
	} else {
		given_up++;
		queries[slot].name = 0;
	}
}

int main(int argc, char **argv)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(PORT) };
	unsigned int names, width, next = 1;

	if (argc != 5 || inet_pton(AF_INET, argv[1], &address.sin_addr) != 1)
		return 2;
	names = atoi(argv[2]);
	width = atoi(argv[3]) < MOST ? atoi(argv[3]) : MOST;
	seed = argv[4];
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)))
		return 1;
	while (answered + given_up < names) {
		struct pollfd ready = { .fd = fd, .events = POLLIN };

		for (unsigned int slot = 0; slot < width; slot++) {
			if (!queries[slot].name && next <= names) {
				queries[slot] = (struct query){ .name = next++ };
				ask(slot);
			} else if (queries[slot].name && queries[slot].again < now()) {
				ask_again(slot);
			}
		}
		if (poll(&ready, 1, 100) > 0)
			for (unsigned int i = 0; i < 32; i++)
				hear();
	}
	printf("%u %u %u %u\n", answered, given_up, failures, silence);
	return 0;
}
