// SPDX-License-Identifier: GPL-2.0-only
/*
 * The Win32 functions against the module: each code, for root and for a user without
 * privilege, which is told that it lacks it before anything else.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <portres/iphlpapi.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <unistd.h>

#include "client.h"
#include "env.h"
#include "sock.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof(*(array)))
#define UNTOUCHED 0x7777777777777777ULL

enum function { CREATE, DELETE, LOOKUP };

typedef ULONG create_fn(USHORT first, USHORT count, PULONG64 token);
typedef ULONG delete_fn(USHORT first, USHORT count);
typedef ULONG lookup_fn(USHORT first, USHORT count, PULONG64 token);

/* The functions of a protocol. */
struct protocol {
	const char *name;
	int type;
	int number;
	create_fn *create;
	delete_fn *delete;
	lookup_fn *lookup;
};

static const struct protocol protocols[] = {
	{ "UDP", SOCK_DGRAM, IPPROTO_UDP, CreatePersistentUdpPortReservation,
	  DeletePersistentUdpPortReservation, LookupPersistentUdpPortReservation },
	{ "TCP", SOCK_STREAM, IPPROTO_TCP, CreatePersistentTcpPortReservation,
	  DeletePersistentTcpPortReservation, LookupPersistentTcpPortReservation },
};

/* What all tests are about. */
static const struct protocol *p = protocols;

/* A call. With no_token, the token goes nowhere. */
struct call {
	enum function function;
	USHORT first;
	USHORT count;
	bool no_token;
};

/* Also sees that the token is written if, and only if, the function succeeds. */
static int make(void *arg)
{
	const struct call *call = arg;
	ULONG64 token = UNTOUCHED;
	PULONG64 place = call->no_token ? NULL : &token;
	ULONG code;

	switch (call->function) {
	case CREATE:
		code = p->create(htons(call->first), call->count, place);
		break;
	case LOOKUP:
		code = p->lookup(htons(call->first), call->count, place);
		break;
	default:
		return (int)p->delete(htons(call->first), call->count);
	}
	if (code ? token != UNTOUCHED : token == UNTOUCHED || !token)
		return -1;
	return (int)code;
}

/* 6000-6009 is reserved for the owner, 7005 is in use. */
static void test_codes(void)
{
	static const struct {
		const char *what;
		struct call call;
		int root;
		int stranger;
	} rows[] = {
		{ "Create: port 0", { CREATE, 0, 1, false }, 87, 5 },
		{ "Create: no ports", { CREATE, 5000, 0, false }, 87, 5 },
		{ "Create: port 0, no ports", { CREATE, 0, 0, false }, 87, 5 },
		{ "Create: beyond the last port", { CREATE, 65535, 2, false }, 87, 5 },
		{ "Create: all, from the second", { CREATE, 2, 65535, false }, 87, 5 },
		{ "Create: NULL Token", { CREATE, 5000, 1, true }, 87, 5 },
		{ "Create: NULL Token, port 0", { CREATE, 0, 1, true }, 87, 5 },
		{ "Create: NULL Token, in use", { CREATE, 7000, 10, true }, 87, 5 },
		{ "Create: the same block", { CREATE, 6000, 10, false }, 32, 5 },
		{ "Create: an overlap", { CREATE, 6009, 10, false }, 32, 5 },
		{ "Create: a port in use", { CREATE, 7000, 10, false }, 32, 5 },
		{ "Delete: port 0", { DELETE, 0, 1, false }, 87, 5 },
		{ "Delete: no ports", { DELETE, 6000, 0, false }, 87, 5 },
		{ "Delete: a part", { DELETE, 6000, 9, false }, 1168, 5 },
		{ "Delete: what is not there", { DELETE, 5000, 10, false }, 1168, 5 },
		{ "Lookup: port 0", { LOOKUP, 0, 1, false }, 87, 87 },
		{ "Lookup: no ports", { LOOKUP, 6000, 0, false }, 87, 87 },
		{ "Lookup: NULL Token", { LOOKUP, 6000, 10, true }, 87, 87 },
		{ "Lookup: a part", { LOOKUP, 6000, 9, false }, 1168, 1168 },
		{ "Lookup: one port of it", { LOOKUP, 6000, 1, false }, 1168, 1168 },
		{ "Lookup: what is not there", { LOOKUP, 5000, 10, false }, 1168, 1168 },
		{ "Lookup: the block", { LOOKUP, 6000, 10, false }, 0, 5 },
		{ "Create: one port", { CREATE, 5000, 1, false }, 0, 5 },
		{ "Create: the last port", { CREATE, 65535, 1, false }, 0, 5 },
		{ "Delete: one port", { DELETE, 5000, 1, false }, 0, 5 },
		{ "Delete: the last port", { DELETE, 65535, 1, false }, 0, 5 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct call call = rows[i].call;

		tap_num(as_user(STRANGER_UID, make, &call), rows[i].stranger, "stranger: %s, %s",
			rows[i].what, p->name);
		tap_num(make(&call), rows[i].root, "root: %s, %s", rows[i].what, p->name);
	}
}

static void test_owner(void)
{
	struct call call = { LOOKUP, 6000, 10, false };

	tap_num(as_user(OWNER_UID, make, &call), 0, "the owner looks up its token, %s", p->name);
	call.function = DELETE;
	tap_num(as_user(OWNER_UID, make, &call), 5, "the owner may not delete, %s", p->name);
}

static void test_token(void)
{
	ULONG64 looked_up = 0;
	ULONG64 created = 0;
	int stranger = sock_open(AF_INET, p->type, p->number);
	int fd = sock_open(AF_INET, p->type, p->number);

	p->create(htons(5000), 10, &created);
	p->lookup(htons(5000), 10, &looked_up);
	tap_ok(created && created == looked_up, "Lookup gives the token of Create, %s",
	       p->name);
	tap_num(sock_bind_any(stranger, 5009), EADDRINUSE,
		"ports are in the byte order that is said, %s", p->name);
	tap_num(associate(fd, created), 0, "the token associates a socket, %s", p->name);
	tap_num(sock_bind_any(fd, 5009), 0, "which gets the port, %s", p->name);
	p->delete(htons(5000), 10);
	close(stranger);
	close(fd);
}

#define THREADS 4
#define ROUNDS 300

static atomic_int faults;

static void *work(void *arg)
{
	USHORT first = (USHORT)(20000 + 100 * (int)(intptr_t)arg);
	int i;

	for (i = 0; i < ROUNDS; i++) {
		ULONG64 created = 0;
		ULONG64 looked_up = 0;

		if (p->create(htons(first), 5, &created) ||
		    p->lookup(htons(first), 5, &looked_up) ||
		    created != looked_up ||
		    p->delete(htons(first), 5))
			faults++;
	}
	return NULL;
}

static void test_threads(void)
{
	pthread_t threads[THREADS];
	int i;

	for (i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, work, (void *)(intptr_t)i);
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	tap_num(faults, 0, "%d threads at once, %s", THREADS, p->name);
}

static void test_no_module(void)
{
	struct call rows[] = {
		{ CREATE, 5000, 1, false },
		{ CREATE, 5000, 1, true },
		{ DELETE, 5000, 1, false },
		{ LOOKUP, 5000, 1, false },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		tap_num(make(&rows[i]), 50, "without the module, call %zu, %s", i, p->name);
}

/* Ports of one protocol are not those of the other. */
static void test_apart(void)
{
	ULONG64 token = 0;

	tap_num((int)CreatePersistentTcpPortReservation(htons(5100), 10, &token), 0,
		"Create for TCP alone");
	tap_num((int)LookupPersistentUdpPortReservation(htons(5100), 10, &token), 1168,
		"Lookup for UDP finds nothing");
	tap_num((int)DeletePersistentUdpPortReservation(htons(5100), 10), 1168,
		"Delete for UDP finds nothing");
	tap_num((int)CreatePersistentUdpPortReservation(htons(5105), 10, &token), 0,
		"Create for UDP, of ports that TCP has reserved");
	tap_num((int)DeletePersistentTcpPortReservation(htons(5100), 10), 0, "Delete for TCP");
	tap_num((int)DeletePersistentUdpPortReservation(htons(5105), 10), 0, "Delete for UDP");
}

static void test_protocol(void)
{
	struct client client = { .protocol = (uint8_t)p->number };
	int fd = sock_open(AF_INET, p->type, p->number);

	if (client_open(&client))
		tap_bail("cannot set the stage");
	client.protocol = (uint8_t)p->number;
	if (reserve(&client, 6000, 10, NULL, OWNER_UID, NULL) || sock_bind_any(fd, 7005))
		tap_bail("cannot set the stage");
	test_codes();
	test_owner();
	test_token();
	test_threads();
	client_close(&client);
	close(fd);
}

int main(void)
{
	module_load();
	new_netns();
	for (p = protocols; p < protocols + ARRAY_SIZE(protocols); p++)
		test_protocol();
	test_apart();
	tap_ok(module_unloads(), "the module is unloaded");
	for (p = protocols; p < protocols + ARRAY_SIZE(protocols); p++)
		test_no_module();
	return tap_finish();
}
