// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a telephone exchange does with its range: binds a port for each call and gives it back.
 * With TCP it listens, as a server that is started again does: with SO_REUSEADDR.
 *
 *   owner udp|tcp FIRST LAST TOKEN MILLISECONDS    prints how many binds there were, and how many
 *                                                  found the port in other hands; TOKEN may be 0.
 *                                                  SIGTERM ends it earlier.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/portres.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static bool tcp;
static atomic_bool over;

static void end_early(int signal)
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

/* 0 or an errno */
static int use(unsigned int port, uint64_t token)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, tcp ? SOCK_STREAM : SOCK_DGRAM, 0), error = 0;

	if (tcp)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int));
	if (token && setsockopt(fd, IPPROTO_IP, PORTRES_SO_ASSOCIATE, &token, sizeof(token)))
		error = errno;
	else if (bind(fd, (struct sockaddr *)&address, sizeof(address)) || (tcp && listen(fd, 8)))
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

	if (argc != 6)
		return 2;
	tcp = strcmp(argv[1], "tcp") == 0;
	first = atoi(argv[2]);
	last = atoi(argv[3]);
	token = strtoull(argv[4], NULL, 0);
	signal(SIGTERM, end_early);
	end = now() + atoi(argv[5]);
	for (port = first; !over && now() < end; port = port == last ? first : port + 1) {
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
