// SPDX-License-Identifier: GPL-2.0-only
/*
 * The library with TCP, and with both protocols: whatever takes or returns a protocol, which socket
 * takes which token, and the order of what is listed.
 */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <portres/portres.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "env.h"
#include "sock.h"
#include "stage.h"

#define FIRST 5000
#define COUNT 10

static struct portres *handle;

static int create(uint8_t protocol, uint16_t first, uint16_t count, uint64_t *token)
{
	struct portres_spec *spec = portres_spec_new(protocol, first, count);
	int error = spec ? portres_create(handle, spec, token) : -ENOMEM;

	portres_spec_free(spec);
	return error;
}

static uint64_t token_of(uint8_t protocol)
{
	struct portres_reservation *found = NULL;
	uint64_t token = 0;

	if (portres_get_block(handle, protocol, FIRST, COUNT, &found) == 0) {
		portres_reservation_token(found, &token);
		portres_reservation_free(found);
	}
	return token;
}

static int list_one(const struct portres_reservation *found, void *arg)
{
	char *text = arg;

	sprintf(text + strlen(text), "%s%u ",
		portres_reservation_protocol(found) == IPPROTO_TCP ? "t" : "u",
		portres_reservation_first(found));
	return 0;
}

static int list_entry(const struct portres_entry *entry, void *arg)
{
	char *text = arg;

	sprintf(text + strlen(text), "%u:%u ", portres_entry_protocol(entry),
		portres_entry_first(entry));
	return 0;
}

static void is_listed(const char *wanted, const char *entries)
{
	char text[256] = "";

	portres_for_each(handle, list_one, text);
	tap_ok(!strcmp(text, wanted), "listed: %s, wanted: %s", text, wanted);
	text[0] = '\0';
	portres_for_each_entry(handle, list_entry, text);
	tap_ok(!strcmp(text, entries), "stored: %s, wanted: %s", text, entries);
}

static void test_protocols(void)
{
	struct portres_reservation *found = NULL;
	uint64_t udp = 0, tcp = 0;

	tap_num(create(IPPROTO_TCP, 4000, 1, NULL), 0, "create in TCP");
	tap_num(create(IPPROTO_TCP, FIRST, COUNT, &tcp), 0, "create a block in TCP");
	tap_num(create(IPPROTO_UDP, FIRST, COUNT, &udp), 0, "create the same in UDP");
	tap_num(create(IPPROTO_UDP, 6000, 1, NULL), 0, "create in UDP");
	tap_ok(udp && tcp && udp != tcp, "the tokens differ");
	is_listed("t4000 u5000 t5000 u6000 ", "6:4000 6:5000 17:5000 17:6000 ");
	tap_ok(token_of(IPPROTO_UDP) == udp && token_of(IPPROTO_TCP) == tcp,
	       "each is found by its protocol");
	tap_num(portres_get_token(handle, tcp, &found), 0, "by its token");
	tap_num(portres_reservation_protocol(found), IPPROTO_TCP, "that of TCP");
	portres_reservation_free(found);
	tap_num(portres_get_port(handle, IPPROTO_UDP, 4000, &found), -ENOENT,
		"a port of TCP is none of UDP");
	tap_num(portres_get_block(handle, PORTRES_BOTH, FIRST, COUNT, &found), -EPROTONOSUPPORT,
		"the kernel knows no reservation in both");
	tap_num(portres_delete(handle, IPPROTO_UDP, 4000, 1), -ENOENT, "nor is it deleted as such");
	tap_num(portres_delete(handle, PORTRES_BOTH, FIRST, COUNT), -ENOENT,
		"two reservations are none in both");
	tap_num(create(PORTRES_BOTH, FIRST, COUNT, NULL), -EEXIST, "both, over one of each");
	tap_num(portres_delete(handle, IPPROTO_TCP, FIRST, COUNT), 0, "delete in TCP");
	tap_num(create(PORTRES_BOTH, FIRST, COUNT, NULL), -EEXIST, "both, over one of UDP");
	is_listed("t4000 u5000 u6000 ", "6:4000 17:5000 17:6000 ");
	tap_num(portres_delete(handle, IPPROTO_UDP, FIRST, COUNT), 0, "delete in UDP");
	portres_delete(handle, IPPROTO_TCP, 4000, 1);
	portres_delete(handle, IPPROTO_UDP, 6000, 1);
}

static void test_both(void)
{
	struct portres_spec *spec = portres_spec_new(PORTRES_BOTH, FIRST, COUNT);
	uint64_t token = 0, again = 0;
	int made = 7;

	tap_num(create(PORTRES_BOTH, FIRST, COUNT, &token), 0, "create in both");
	is_listed("u5000 t5000 ", "255:5000 ");
	tap_ok(token && token == token_of(IPPROTO_UDP), "the token is that of UDP");
	tap_num(portres_delete(handle, IPPROTO_UDP, FIRST, COUNT), -EBUSY, "delete one half");
	tap_num(portres_set(handle, IPPROTO_TCP, FIRST, COUNT, spec, PORTRES_SET_NAME), -EBUSY,
		"change one half");
	tap_ok(strstr(portres_error(handle), "both"), "it says why: %s", portres_error(handle));
	tap_num(portres_delete(handle, PORTRES_BOTH, FIRST, COUNT - 1), -ENOENT, "delete a part");
	portres_spec_set_name(spec, "x");
	tap_num(portres_replace(handle, spec, &again, &made), 0, "replace");
	tap_ok(again == token && !made, "it is the same");
	tap_num(portres_delete(handle, PORTRES_BOTH, FIRST, COUNT), 0, "delete");
	is_listed("", "");
	tap_num(portres_replace(handle, spec, NULL, &made), 0, "replace what is not there");
	tap_ok(made == 1, "makes it");
	tap_num(portres_delete(handle, PORTRES_BOTH, FIRST, COUNT), 0, "delete");
	tap_num(create(PORTRES_BOTH, 0, 1, NULL), -ERANGE, "an invalid block");
	tap_num(create(PORTRES_BOTH, 65535, 2, NULL), -EINVAL, "one beyond the last port");
	tap_num(create(1, FIRST, 1, NULL), -EPROTONOSUPPORT, "another protocol");
	portres_spec_free(spec);
}

static void test_sockets(void)
{
	int tcp = sock_open(AF_INET, SOCK_STREAM, IPPROTO_TCP);
	int other = sock_open(AF_INET6, SOCK_STREAM, IPPROTO_TCP);
	int udp = udp_open(AF_INET);
	struct portres_association block = { 0 };
	struct portres_association association = { 0 };
	struct portres_reservation *found = NULL;

	tap_num(portres_acquire(tcp, FIRST, COUNT, &block), 0, "acquire TCP ports");
	tap_num(block.protocol, IPPROTO_TCP, "the block is of TCP");
	tap_num(portres_get_port(handle, IPPROTO_TCP, FIRST, &found), 0, "it is there");
	tap_ok(portres_reservation_runtime(found) &&
	       portres_reservation_protocol(found) == IPPROTO_TCP, "a runtime reservation of TCP");
	portres_reservation_free(found);
	tap_num(portres_associate(udp, block.token), -EINVAL, "a UDP socket with its token");
	tap_num(portres_release(udp, block.token), -EINVAL, "released by a UDP socket");
	tap_num(portres_associate(other, block.token), 0, "a TCP socket with its token");
	tap_num(portres_get_association(other, &association), 0, "its association");
	tap_ok(association.protocol == IPPROTO_TCP && association.first == FIRST &&
	       association.count == COUNT, "is that");
	tap_num(portres_delete(handle, IPPROTO_TCP, FIRST, COUNT), -ENOENT,
		"it is no persistent one");
	tap_num(portres_delete_runtime(handle, IPPROTO_UDP, FIRST, COUNT), -ENOENT,
		"delete a runtime one of UDP");
	tap_num(portres_delete_runtime(handle, IPPROTO_TCP, FIRST, COUNT), 0, "and of TCP");
	tap_num(portres_get_association(other, &association), 0, "its association");
	tap_num(association.flags, PORTRES_ASSOCIATION_GONE, "is gone");
	tap_num(portres_acquire_tree(tcp, 0, COUNT, &block), 0,
		"acquire any TCP ports for descendants");
	tap_num(portres_release(other, block.token), 0, "released by another TCP socket");
	close(tcp);
	close(other);
	close(udp);
}

static void note_event(enum portres_event event, const struct portres_reservation *reservation,
		       void *arg)
{
	char *text = arg;

	sprintf(text + strlen(text), "%d:%u ", event, portres_reservation_protocol(reservation));
}

static void test_monitor(void)
{
	struct portres_monitor *monitor;
	struct pollfd pollfd = { .events = POLLIN };
	char text[256] = "";

	tap_num(portres_monitor_open(handle, &monitor), 0, "a monitor");
	create(PORTRES_BOTH, FIRST, COUNT, NULL);
	portres_delete(handle, PORTRES_BOTH, FIRST, COUNT);
	pollfd.fd = portres_monitor_fd(monitor);
	while (strlen(text) < strlen("1:6 1:17 2:6 2:17 ") && poll(&pollfd, 1, 5000) > 0)
		portres_monitor_receive(monitor, note_event, text);
	tap_ok(!strcmp(text, "1:6 1:17 2:6 2:17 "), "has an event for each: %s", text);
	portres_monitor_close(monitor);
}

int main(void)
{
	module_load();
	new_store("mode=755");
	if (portres_open(&handle))
		tap_bail("no handle");
	test_protocols();
	test_both();
	test_sockets();
	test_monitor();
	portres_close(handle);
	return tap_finish();
}
