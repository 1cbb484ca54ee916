// SPDX-License-Identifier: GPL-2.0-only
/* Protocols in the store: names of files, conflicts, and recovery. */
#include <netinet/in.h>

#include "disk/store.h"
#include "tree.h"

static const struct portres_home machine = { .realm = PORTRES_REALM_SYSTEM };

static void same(const char *got, const char *wanted, const char *what)
{
	if (!tap_ok(!strcmp(got, wanted), "%s", what))
		tap_diag("got: %s", got);
}

static int put_protocol(uint8_t protocol, uint16_t first, uint16_t count)
{
	struct portres_spec spec = { .protocol = protocol, .first = first, .count = count };
	struct portres_store store;
	int error = portres_store_open(&handle, &machine, &store);

	if (!error) {
		error = portres_store_put(&store, &spec);
		portres_store_close(&store);
	}
	return error;
}

static int add_ports(const struct portres_block *block, void *arg)
{
	*(unsigned int *)arg += block->count;
	return 0;
}

/* Ports of TCP are others than those of UDP; those of both are both. */
static void test_protocols(void)
{
	static const struct {
		struct portres_block block;
		unsigned int ports;	/* of the blocks that overlap */
	} rows[] = {
		{ { IPPROTO_UDP, 5060, 1 }, 101 }, { { IPPROTO_TCP, 5060, 1 }, 1 },
		{ { PORTRES_BOTH, 5060, 1 }, 101 }, { { IPPROTO_TCP, 5061, 1 }, 0 },
		{ { IPPROTO_UDP, 7000, 1 }, 0 }, { { IPPROTO_TCP, 7000, 1 }, 11 },
		{ { PORTRES_BOTH, 1, 65535 }, 112 },
	};
	struct portres_store store;
	size_t i;

	tree_remove();
	mkdir(tree, 0755);
	tap_num(put_protocol(IPPROTO_TCP, 7000, 11) | put_protocol(PORTRES_BOTH, 5060, 1) |
		put_protocol(IPPROTO_UDP, 5010, 100), 0, "one of each");
	same(tree_files(), "both-5060-5060 tcp-7000-7010 udp-5010-5109 ", "three files");
	same(tree_content(STATE "/tcp-7000-7010"), "tcp 7000-7010\n", "that of TCP");
	same(tree_content(STATE "/both-5060-5060"), "both 5060\n", "that of both");
	if (portres_store_open(&handle, &machine, &store))
		tap_bail("no store");
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		unsigned int ports = 0;

		tap_num(portres_store_overlaps(&store, &rows[i].block, add_ports, &ports), 0,
			"look for overlaps");
		tap_num(ports, rows[i].ports, "protocol %u, %u+%u", rows[i].block.protocol,
			rows[i].block.first, rows[i].block.count);
	}
	portres_store_close(&store);
}

static void test_names(void)
{
	static const struct {
		const char *name;
		struct portres_block block;	/* count 0: not one */
	} rows[] = {
		{ "udp-5000-5009", { IPPROTO_UDP, 5000, 10 } },
		{ "tcp-1-65535", { IPPROTO_TCP, 1, 65535 } },
		{ "both-65535-65535", { PORTRES_BOTH, 65535, 1 } },
		{ "sctp-1-1", { 0 } }, { "-1-1", { 0 } }, { "tcp1-1", { 0 } },
		{ "tcp-01-1", { 0 } }, { "tcp--1-1", { 0 } }, { "both-1-1 ", { 0 } },
		{ "?-1-1", { 0 } }, { "tcp", { 0 } }, { "both-65535-65536", { 0 } },
		{ "tcp-0-0", { 0 } }, { "tcp-2-1", { 0 } },
	};
	struct portres_block block;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool is = portres_stored_name_parse(rows[i].name, &block);

		tap_ok(is == !!rows[i].block.count &&
		       (!is || portres_block_equal(&block, &rows[i].block)), "the name %s",
		       rows[i].name);
	}
	tap_ok(portres_stored_is_unfinished(".add-both-1-1", &block) &&
	       portres_stored_is_unfinished(".old-both-1-1", &block), "both may be unfinished");
	tap_ok(!portres_stored_is_unfinished(".old-udp-1-1", &block) &&
	       !portres_stored_is_unfinished(".new-both-1-1", &block) &&
	       !portres_stored_is_unfinished("both-1-1", &block), "all else is not");
}

/* The same in other protocols; "was" names a block of the entry's own. */
static void test_recover_protocols(void)
{
	struct portres_store store;

	tree_remove();
	mkdir(tree, 0755);
	tree_write(STATE "/tcp-8000-8009", "tcp 8000-8009\n");
	tree_write(STATE "/udp-8005-8014", "udp 8005-8014 was 8000-8009\n");
	tree_write(STATE "/both-9000-9009", "both 9000-9009\n");
	tree_write(STATE "/both-9005-9014", "both 9005-9014 was 9000-9009\n");
	tree_write(STATE "/.add-both-9005-9014", "");
	tap_num(portres_store_open(&handle, &machine, &store), 0, "open");
	portres_store_close(&store);
	same(tree_files(), "both-9005-9014 tcp-8000-8009 udp-8005-8014 ",
	     "a change in both is completed, a block of another protocol stays");
	same(tree_content(STATE "/both-9005-9014"), "both 9005-9014\n", "and names nothing");
}

int main(void)
{
	tree_make();
	test_protocols();
	test_names();
	test_recover_protocols();
	return tap_finish();
}
