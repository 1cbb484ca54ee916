// SPDX-License-Identifier: GPL-2.0-only
/*
 * An authoritative name server that knows everything: each A query gets an address, a moment
 * later. It notes from which port each query came.
 *
 *   answerer ADDRESS MILLISECONDS FILE    at SIGTERM FILE gets a line "PORT QUERIES" for each port
 */
#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define PORT 53
#define HEADER 12
#define WAITING 8192	/* a power of two */

struct answer {
	struct sockaddr_in to;
	int64_t due;
	size_t len;
	uint8_t text[512];
};

static struct answer waiting[WAITING];
static size_t first, count;
static unsigned long seen[65536];
static atomic_bool over;

static void end(int signal)
{
	(void)signal;
	over = 1;
}

static int64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000LL + time.tv_nsec / 1000000;
}

/* The length of the question with its type and class, or 0. */
static size_t question(const uint8_t *text, size_t len)
{
	size_t at = HEADER;

	while (at < len && text[at])
		at += text[at] + 1U;
	return at + 5 <= len ? at + 5 : 0;
}

/* Makes the answer of a query in place. */
static size_t make_answer(uint8_t *text, size_t len)
{
	static const uint8_t record[] = {
		0xc0, HEADER, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 192, 0, 2, 1
	};
	size_t end = question(text, len);
	uint8_t known;

	if (!end)
		return 0;
	known = text[end - 3] == 1 && text[end - 4] == 0;
	text[2] = 0x84 | (text[2] & 0x01);	/* an answer, with authority */
	text[3] = 0;
	memcpy(&text[4], (uint8_t[]){ 0, 1, 0, known, 0, 0, 0, 0 }, 8);
	if (known) {
		memcpy(&text[end], record, sizeof(record));
		end += sizeof(record);
	}
	return end;
}

static void hear(int fd, int delay)
{
	struct answer *answer = &waiting[(first + count) % WAITING];
	socklen_t size = sizeof(answer->to);
	ssize_t len = recvfrom(fd, answer->text, sizeof(answer->text) - 32, MSG_DONTWAIT,
			       (struct sockaddr *)&answer->to, &size);

	if (len <= HEADER)
		return;
	seen[ntohs(answer->to.sin_port)]++;
	answer->len = make_answer(answer->text, len);
	answer->due = now() + delay;
	count += answer->len && count < WAITING - 1;
}

static void tell(int fd)
{
	for (; count && waiting[first].due <= now(); count--) {
		struct answer *answer = &waiting[first];

		sendto(fd, answer->text, answer->len, 0, (struct sockaddr *)&answer->to,
		       sizeof(answer->to));
		first = (first + 1) % WAITING;
	}
}

int main(int argc, char **argv)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(PORT) };
	int fd = socket(AF_INET, SOCK_DGRAM, 0), size = 1 << 20;
	FILE *file;

	if (argc != 4 || inet_pton(AF_INET, argv[1], &address.sin_addr) != 1)
		return 2;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (bind(fd, (struct sockaddr *)&address, sizeof(address))) {
		perror("bind");
		return 1;
	}
	signal(SIGTERM, end);
	while (!over) {
		struct pollfd ready = { .fd = fd, .events = POLLIN };

		if (poll(&ready, 1, count ? 1 : 100) > 0)
			hear(fd, atoi(argv[2]));
		tell(fd);
	}
	file = fopen(argv[3], "w");
	for (unsigned int port = 0; file && port < 65536; port++)
		if (seen[port])
			fprintf(file, "%u %lu\n", port, seen[port]);
	return !file || fclose(file);
}
