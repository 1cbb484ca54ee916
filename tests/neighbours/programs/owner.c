// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a telephone exchange does with its range: binds a port for each call and gives it back.
 *
 *   owner FIRST LAST TOKEN MILLISECONDS    prints how many binds there were, and how many found
 *                                          the port in somebody else's hand; TOKEN may be 0
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/portres.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static int64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000LL + time.tv_nsec / 1000000;
}

/* 0 or an errno */
static int use(unsigned int port, uint64_t token)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_DGRAM, 0), error = 0;

	if (token && setsockopt(fd, IPPROTO_IP, PORTRES_SO_ASSOCIATE, &token, sizeof(token)))
		error = errno;
	else if (bind(fd, (struct sockaddr *)&address, sizeof(address)))
		error = errno;
	close(fd);
	return error;
}

int main(int argc, char **argv)
{
	unsigned long binds = 0, taken = 0;
	unsigned int first, last, port;
	uint64_t token;
	int64_t end;

	if (argc != 5)
		return 2;
	first = atoi(argv[1]);
	last = atoi(argv[2]);
	token = strtoull(argv[3], NULL, 0);
	end = now() + atoi(argv[4]);
	for (port = first; now() < end; port = port == last ? first : port + 1) {
		int error = use(port, token);

		binds++;
		if (error == EADDRINUSE)
			taken++;
		else if (error)
			return 1;
		if (binds % 8 == 0)
			usleep(1000);
	}
	printf("%lu %lu\n", binds, taken);
	return 0;
}
