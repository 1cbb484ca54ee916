/* SPDX-License-Identifier: GPL-2.0-only */
/* Who sits on a port: the bound UDP sockets of the network namespace. */
#ifndef PORTRES_SOCKETS_H
#define PORTRES_SOCKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "parse.h"

struct bound_socket {
	int family;
	unsigned char address[16];
	unsigned int device;		/* 0: any */
	uint16_t port;
	uid_t uid;
	unsigned long inode;
	pid_t pid;			/* 0: no process was seen */
	bool hidden;			/* there are processes that were not seen */
	char command[64];
};

struct socket_list {
	struct bound_socket *items;
	size_t count;
};

/* Finds the sockets that are bound to a port of the range, by ascending ports. */
void sockets_list(const struct range *range, struct socket_list *list);

/* Whether one of them is bound to a port of a range. */
bool sockets_inside(const struct socket_list *list, const struct range *range);

/* Finds them, and their processes. */
void sockets_find(const struct range *range, struct socket_list *list);
void sockets_free(struct socket_list *list);

/* Copies a socket to the list. */
void sockets_add(struct socket_list *list, const struct bound_socket *found);

/* Lines of /proc/net/udp or udp6. Returns whether the file could be read. */
bool sockets_read_proc(const char *path, const struct range *range,
		       struct socket_list *list);

/* Fills in pid and command where the caller may see them. */
void sockets_find_processes(struct socket_list *list);

/* "[::1]:5003", with %DEVICE after the address if there is one. To be freed. */
char *socket_address(const struct bound_socket *socket);

/* "named[812]", "the kernel", or why it is not known. To be freed. */
char *socket_holder(const struct bound_socket *socket);

#endif /* PORTRES_SOCKETS_H */
