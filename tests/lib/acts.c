// SPDX-License-Identifier: GPL-2.0-only
/* Parts of operations that are done without memory. */
#include "acts.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "env.h"
#include "sock.h"
#include "tap.h"

struct scene scene = { .fd = -1 };

void open_client(void)
{
	open_impatient(&scene.client);
	scene.token = 0;
}

void close_client(void)
{
	client_close(&scene.client);
}

void open_socket(void)
{
	memset(&scene.block, 0, sizeof(scene.block));
	scene.fd = socket_of(watcher.protocol, AF_INET6);
}

void close_socket(void)
{
	close(scene.fd);
}

int creates(void)
{
	int error = reserve(&scene.client, BLOCK, COUNT, NAME, OWNER_UID, &scene.token);

	return take_created(&scene.client, error, &scene.token);
}

bool is_created(void)
{
	struct resv resv;

	return !get_block(&watcher, BLOCK, COUNT, &resv) && resv.owner == OWNER_UID &&
	       !strcmp(resv.name, NAME) && (!scene.token || resv.token == scene.token) &&
	       try_port_of(watcher.protocol, AF_INET, BLOCK + COUNT - 1) == EADDRINUSE;
}

void delete_block(void)
{
	must(unreserve(&watcher, BLOCK, COUNT), "cannot delete");
	close_client();
}

void open_and_create(void)
{
	open_client();
	must(creates(), "cannot reserve");
}

int deletes(void)
{
	return unreserve(&scene.client, BLOCK, COUNT);
}

bool is_deleted(void)
{
	return get_block(&watcher, BLOCK, COUNT, NULL) == ENOENT &&
	       !try_port_of(watcher.protocol, AF_INET, BLOCK);
}

void open_both(void)
{
	open_and_create();
	open_socket();
}

int associates(void)
{
	return associate(scene.fd, scene.token);
}

bool is_associated(void)
{
	struct portres_association own;
	struct resv resv;

	must(get_block(&watcher, BLOCK, COUNT, &resv), "no block");
	return !association(scene.fd, &own) && own.token == scene.token && resv.sockets == 1;
}

void close_both(void)
{
	close_socket();
	delete_block();
}

void open_reuseport(void)
{
	open_socket();
	sock_set(scene.fd, SOL_SOCKET, SO_REUSEPORT, 1);
}

void open_associated(void)
{
	open_both();
	must(associates(), "cannot associate");
}

void open_associated_reuseport(void)
{
	open_associated();
	sock_set(scene.fd, SOL_SOCKET, SO_REUSEPORT, 1);
}

int binds(void)
{
	return sock_bind_any(scene.fd, BLOCK);
}

int binds_anywhere(void)
{
	return sock_bind_any(scene.fd, 0);
}

bool is_bound(void)
{
	return sock_port(scene.fd) == BLOCK;
}

bool is_bound_in_block(void)
{
	return sock_port(scene.fd) >= BLOCK && sock_port(scene.fd) < BLOCK + COUNT;
}

int acquires(void)
{
	return acquire(scene.fd, BLOCK, COUNT, &scene.block);
}

int acquires_any(void)
{
	return acquire(scene.fd, 0, COUNT, &scene.block);
}

bool is_acquired(void)
{
	struct resv resv;

	return scene.block.first == BLOCK && scene.block.count == COUNT && scene.block.token &&
	       !get_token(&watcher, scene.block.token, &resv) && resv.runtime &&
	       resv.first == BLOCK && resv.count == COUNT && resv.process == (uint32_t)getpid();
}

static const struct operation by_user = { .user = true };

void open_and_acquire(void)
{
	open_socket();
	must(act_as(&by_user, acquires), "cannot acquire");
}

int releases(void)
{
	return release(scene.fd, scene.block.token);
}

void release_and_close(void)
{
	must(releases(), "cannot release");
	close_socket();
}

bool is_released(void)
{
	return get_token(&watcher, scene.block.token, NULL) == ENOENT;
}
