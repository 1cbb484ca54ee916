// SPDX-License-Identifier: GPL-2.0-only
/*
 * What others read: the interface of the kernel, the requests and the store, byte by byte. They
 * are the same on every architecture, but for the order of the bytes of a number in the
 * interface of the kernel, which is the machine's own.
 */
#include <netinet/in.h>
#include <stdalign.h>
#include <stddef.h>

#include "bytes.h"
#include "kernel/codec.h"
#include "disk/store.h"
#include "tree.h"

#define CHECK(condition) _Static_assert(condition, #condition)
#define SIZE(type, size) CHECK(sizeof(type) == (size))
#define PLACE(type, member, place) CHECK(offsetof(type, member) == (place))
#define SAME(constant, value) CHECK((constant) == (value))

/* The socket options. */
SIZE(struct portres_association, 16);
CHECK(alignof(struct portres_association) == 8);
PLACE(struct portres_association, token, 0);
PLACE(struct portres_association, first, 8);
PLACE(struct portres_association, count, 10);
PLACE(struct portres_association, protocol, 12);
PLACE(struct portres_association, flags, 13);
PLACE(struct portres_association, reserved, 14);
SAME(PORTRES_SO_ASSOCIATE, 0x5052);
SAME(PORTRES_SO_ACQUIRE, 0x5053);
SAME(PORTRES_SO_RELEASE, 0x5054);
SAME(PORTRES_ASSOCIATION_GONE, 1);
SAME(PORTRES_ACQUIRE_TREE, 2);

/* Generic netlink. */
SAME(PORTRES_GENL_VERSION, 1);
SAME(PORTRES_CMD_CREATE, 1);
SAME(PORTRES_CMD_DELETE, 2);
SAME(PORTRES_CMD_GET, 3);
SAME(PORTRES_CMD_CREATED, 4);
SAME(PORTRES_CMD_DELETED, 5);
SAME(PORTRES_CMD_SET, 6);
SAME(PORTRES_CMD_CHANGED, 7);
SAME(PORTRES_A_PAD, 1);
SAME(PORTRES_A_PROTOCOL, 2);
SAME(PORTRES_A_FIRST, 3);
SAME(PORTRES_A_COUNT, 4);
SAME(PORTRES_A_PORT, 5);
SAME(PORTRES_A_TOKEN, 6);
SAME(PORTRES_A_NAME, 7);
SAME(PORTRES_A_OWNER, 8);
SAME(PORTRES_A_REFUSED, 9);
SAME(PORTRES_A_SOCKETS, 10);
SAME(PORTRES_A_RUNTIME, 11);
SAME(PORTRES_A_PROCESS, 12);
SAME(PORTRES_A_COMMAND, 13);
SAME(PORTRES_A_PROCESS_START, 14);
SAME(PORTRES_A_BY_USER, 15);
SAME(PORTRES_A_BY_PROCESS, 16);
SAME(PORTRES_A_BY_COMMAND, 17);
SAME(PORTRES_A_GRANT, 18);
SAME(PORTRES_A_NO_GRANTS, 19);
SAME(PORTRES_A_ADOPT, 20);
SAME(PORTRES_A_TREE, 21);
SAME(PORTRES_A_WAS_FIRST, 22);
SAME(PORTRES_A_WAS_COUNT, 23);
SAME(PORTRES_A_AVOIDED, 24);
SAME(PORTRES_A_REFUSAL, 25);
SAME(PORTRES_A_LOST, 26);
SAME(PORTRES_GRANT_A_USER, 1);
SAME(PORTRES_GRANT_A_CGROUP, 2);
SAME(PORTRES_GRANT_A_UNIT, 3);
SAME(PORTRES_GRANT_A_KERNEL, 4);
SAME(PORTRES_GRANT_A_UNIT_USER, 5);

#define TOKEN_VALUE 0x0102030405060708ULL

/* Attributes: length, type, value, and what fills them up to a multiple of four bytes. */
#define UDP "0005 0002 11 00 00 00 "
#define BLOCK UDP "0006 0003 1388 0000 0006 0004 0102 0000 "
#define TOKEN "000c 0006 0102030405060708 "
#define OWNER "0008 0008 000186a0 "
#define UNIT "000e 0003 61 2e 73 65 72 76 69 63 65 00 00 00 "
#define GRANT "001c 8012 " UNIT "0008 0005 000186a0 "

static void test_requests(void)
{
	struct portres_spec spec = {
		.protocol = IPPROTO_UDP, .first = 5000, .count = 0x102,
		.has_owner = true, .owner = 100000, .name = (char *)"RT",
	};
	const struct portres_grant unit = {
		.kind = PORTRES_GRANT_UNIT, .has_user = true, .user = 100000,
		.text = (char *)"a.service",
	};
	struct portres_attrs attrs = { 0 };

	portres_put_spec(&attrs, &spec);
	same_bytes(attrs.data, attrs.len, BLOCK "0007 0007 52 54 00 00 " OWNER, "a creation");
	attrs.len = 0;
	spec.has_owner = false;
	spec.name = NULL;
	tap_num(portres_grants_add(&spec.grants, &unit), 0, "a grant");
	portres_put_spec(&attrs, &spec);
	same_bytes(attrs.data, attrs.len, BLOCK GRANT, "a creation with a grant");
	portres_grants_clear(&spec.grants);
	attrs.len = 0;
	portres_put_port(&attrs, IPPROTO_UDP, 65534);
	same_bytes(attrs.data, attrs.len, UDP "0006 0005 fffe 0000", "a port");
	attrs.len = 0;
	portres_put_token(&attrs, TOKEN_VALUE);
	same_bytes(attrs.data, attrs.len, TOKEN, "a token");
	attrs.len = 0;
	portres_put_runtime(&attrs);
	same_bytes(attrs.data, attrs.len, "0004 000b", "a flag");
}

static void test_answer(void)
{
	struct portres_reservation r;
	unsigned char answer[BYTES_MAX];
	size_t len = bytes_of(BLOCK TOKEN OWNER "000c 0009 0807060504030201 0008 000a 01020304",
			      answer);

	tap_num(portres_read_reservation(answer, len, &r), 0, "an answer");
	tap_num(r.first, 5000, "its first port");
	tap_num(r.count, 0x102, "its count");
	tap_num(r.owner, 100000, "its owner");
	tap_num(r.sockets, 0x01020304, "its sockets");
	tap_ok(r.token == TOKEN_VALUE, "its token");
	tap_ok(r.refused == 0x0807060504030201ULL, "what it refused");
	portres_reservation_clear(&r);
}

static void test_option(void)
{
	struct portres_association association = {
		.token = TOKEN_VALUE, .first = 5000, .count = 0x102, .protocol = IPPROTO_UDP,
		.flags = PORTRES_ASSOCIATION_GONE,
	};

	same_bytes(&association, sizeof(association), "0102030405060708 1388 0102 11 01 0000",
		   "what the socket options answer");
}

static void test_store(void)
{
	static const struct portres_home home = { .realm = PORTRES_REALM_SYSTEM };
	static const char wanted[] = "udp 5000-5257 for user 100000 name \"RT \\\"P\\\"\"\n";
	struct portres_spec spec = {
		.protocol = IPPROTO_UDP, .first = 5000, .count = 0x102,
		.has_owner = true, .owner = 100000, .name = (char *)"RT \"P\"",
	};
	char text[BYTES_MAX] = "";
	struct portres_store store;
	FILE *file;

	tree_make();
	if (portres_store_open(&handle, &home, &store))
		tap_bail("no store");
	tap_num(portres_store_put(&store, &spec), 0, "a reservation goes into the store");
	portres_store_close(&store);
	file = fopen(tree_path(STATE "/udp-5000-5257"), "r");
	if (file) {
		text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
		fclose(file);
	}
	if (!tap_ok(!strcmp(text, wanted), "its file"))
		tap_diag("got: %s", text);
}

int main(void)
{
	test_requests();
	test_answer();
	test_option();
	test_store();
	return tap_finish();
}
