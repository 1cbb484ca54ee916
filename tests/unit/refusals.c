// SPDX-License-Identifier: GPL-2.0-only
/* Refused binds in messages: what is understood, what is not, and what the accessors return. */
#include <errno.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/attr.h"
#include "kernel/codec.h"
#include "kernel/refusals.h"
#include "tap.h"

static void put(struct portres_attrs *attrs, uint16_t type, const void *value, size_t len)
{
	struct nlattr head = { .nla_len = (uint16_t)(sizeof(head) + len), .nla_type = type };

	memcpy(attrs->data + attrs->len, &head, sizeof(head));
	memcpy(attrs->data + attrs->len + sizeof(head), value, len);
	attrs->len += NLA_ALIGN(head.nla_len);
}

static void put_number(struct portres_attrs *attrs, uint16_t type, size_t size, uint64_t value)
{
	uint32_t four = (uint32_t)value;
	uint16_t two = (uint16_t)value;
	uint8_t one = (uint8_t)value;

	put(attrs, type, size == 8 ? (void *)&value : size == 4 ? (void *)&four :
			 size == 2 ? (void *)&two : &one, size);
}

/* What every refusal has. */
static void put_last(struct portres_attrs *nest, uint16_t port, uint64_t times)
{
	put_number(nest, PORTRES_REFUSAL_A_PORT, 2, port);
	put_number(nest, PORTRES_REFUSAL_A_ERRNO, 2, EADDRINUSE);
	put_number(nest, PORTRES_REFUSAL_A_TIMES, 8, times);
	put_number(nest, PORTRES_REFUSAL_A_TIME, 8, 1785500000123456789ULL);
	put_number(nest, PORTRES_REFUSAL_A_USER, 4, 1000);
}

static void put_process(struct portres_attrs *nest)
{
	put_number(nest, PORTRES_REFUSAL_A_PROCESS, 4, 4711);
	put(nest, PORTRES_REFUSAL_A_COMMAND, "a b\377", 5);
	put_number(nest, PORTRES_REFUSAL_A_PROCESS_START, 8, 77000000000ULL);
	put_number(nest, PORTRES_REFUSAL_A_CGROUP, 8, 1ULL << 33);
}

static void put_block(struct portres_attrs *nest)
{
	put_number(nest, PORTRES_REFUSAL_A_PROTOCOL, 1, IPPROTO_TCP);
	put_number(nest, PORTRES_REFUSAL_A_FIRST, 2, 5060);
	put_number(nest, PORTRES_REFUSAL_A_COUNT, 2, 2);
	put(nest, PORTRES_REFUSAL_A_NAME, "sip", 3);
}

/* In memory of exactly this size, so that the sanitizer sees any look beyond. */
static int read_exact(const struct portres_attrs *attrs, size_t len,
		      struct portres_refusals *refusals)
{
	void *copy = malloc(len ? len : 1);
	int error;

	memcpy(copy, attrs->data, len);
	error = portres_read_refusals(copy, len, refusals);
	free(copy);
	return error;
}

static void test_event(void)
{
	static struct portres_refusals refusals;
	const struct portres_refusal *refusal = &refusals.items[0];
	struct portres_attrs attrs = { 0 };
	struct portres_attrs nest = { 0 };
	uint64_t cgroup = 5;
	pid_t process = 5;

	put_last(&nest, 5061, 3);
	put_process(&nest);
	put_block(&nest);
	put_number(&nest, PORTRES_REFUSAL_A_MAX + 1, 4, 1);
	put(&attrs, PORTRES_A_REFUSAL | NLA_F_NESTED, nest.data, nest.len);
	put_number(&attrs, PORTRES_A_LOST, 4, 9);
	put_number(&attrs, PORTRES_A_MAX + 1, 4, 1);
	tap_num(read_exact(&attrs, attrs.len, &refusals), 0, "a notification");
	tap_num(refusals.count, 1, "of one refusal");
	tap_num(refusals.lost, 9, "and nine that were lost");
	tap_ok(portres_refusal_protocol(refusal) == IPPROTO_TCP &&
	       portres_refusal_first(refusal) == 5060 && portres_refusal_count(refusal) == 2,
	       "the block");
	tap_ok(!strcmp(portres_refusal_name(refusal), "sip"), "its name, without an end");
	tap_num(portres_refusal_port(refusal), 5061, "the port");
	tap_num(portres_refusal_errno(refusal), EADDRINUSE, "the errno");
	tap_num(portres_refusal_times(refusal), 3, "how often");
	tap_ok(portres_refusal_time(refusal) == 1785500000123456789ULL, "when");
	tap_num(portres_refusal_user(refusal), 1000, "the user");
	tap_ok(!portres_refusal_process(refusal, &process) && process == 4711, "the process");
	tap_ok(!strcmp(portres_refusal_command(refusal), "a b\377"), "its command, as it came");
	tap_ok(portres_refusal_process_start(refusal) == 77000000000ULL, "its start");
	tap_ok(!portres_refusal_cgroup(refusal, &cgroup) && cgroup == 1ULL << 33, "its cgroup");
}

static void test_least(void)
{
	static struct portres_refusals refusals;
	const struct portres_refusal *refusal = &refusals.items[0];
	struct portres_attrs attrs = { 0 };
	struct portres_attrs nest = { 0 };
	uint64_t cgroup = 5;
	pid_t process = 5;

	put_last(&nest, 1, 1);
	put(&attrs, PORTRES_A_REFUSAL, nest.data, nest.len);
	tap_num(read_exact(&attrs, attrs.len, &refusals), 0, "the least");
	tap_ok(!portres_refusal_first(refusal) && !portres_refusal_count(refusal) &&
	       !portres_refusal_name(refusal), "of a reservation that is gone");
	tap_num(portres_refusal_process(refusal, &process), -ESRCH, "by a process of elsewhere");
	tap_num(portres_refusal_cgroup(refusal, &cgroup), -ENOENT, "without a cgroup");
	tap_ok(process == 5 && cgroup == 5, "nothing is written");
	tap_ok(!*portres_refusal_command(refusal), "a command without a letter");
	tap_num(read_exact(&attrs, 0, &refusals), 0, "nothing at all");
	tap_ok(!refusals.count && !refusals.lost, "is none");
}

static void test_malformed(void)
{
	static const struct {
		const char *what;
		uint16_t type;
		size_t len;
		unsigned char value[64];
	} rows[] = {
		{ "protocol of 2 bytes", PORTRES_REFUSAL_A_PROTOCOL, 2, { 6 } },
		{ "first without count", PORTRES_REFUSAL_A_FIRST, 2, { 1, 1 } },
		{ "count without first", PORTRES_REFUSAL_A_COUNT, 2, { 1, 1 } },
		{ "port of 4 bytes", PORTRES_REFUSAL_A_PORT, 4, { 1 } },
		{ "errno of 1 byte", PORTRES_REFUSAL_A_ERRNO, 1, { 1 } },
		{ "times of 4 bytes", PORTRES_REFUSAL_A_TIMES, 4, { 1 } },
		{ "time of 0 bytes", PORTRES_REFUSAL_A_TIME, 0, { 0 } },
		{ "user of 8 bytes", PORTRES_REFUSAL_A_USER, 8, { 1 } },
		{ "process beyond what a pid_t can be", PORTRES_REFUSAL_A_PROCESS, 4,
		  { 0xff, 0xff, 0xff, 0xff } },
		{ "process start of 4 bytes", PORTRES_REFUSAL_A_PROCESS_START, 4, { 1 } },
		{ "cgroup of 4 bytes", PORTRES_REFUSAL_A_CGROUP, 4, { 1 } },
		{ "command of 64 bytes without an end", PORTRES_REFUSAL_A_COMMAND, 64,
		  "0123456789012345678901234567890123456789012345678901234567890123" },
		{ "name of 64 bytes without an end", PORTRES_REFUSAL_A_NAME, 64,
		  "0123456789012345678901234567890123456789012345678901234567890123" },
	};
	static struct portres_refusals refusals;
	struct portres_attrs attrs = { 0 };
	struct portres_attrs nest;
	bool refused = true;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		attrs.len = 0;
		nest.len = 0;
		put_last(&nest, 5060, 1);
		put(&nest, rows[i].type, rows[i].value, rows[i].len);
		put(&attrs, PORTRES_A_REFUSAL, nest.data, nest.len);
		tap_num(read_exact(&attrs, attrs.len, &refusals), -EPROTO, "%s", rows[i].what);
	}
	attrs.len = 0;
	put_number(&attrs, PORTRES_A_LOST, 8, 1);
	tap_num(read_exact(&attrs, attrs.len, &refusals), -EPROTO, "lost of 8 bytes");
	attrs.len = 0;
	put(&attrs, PORTRES_A_REFUSAL, "", 0);
	tap_num(read_exact(&attrs, attrs.len, &refusals), -EPROTO, "an empty refusal");
	attrs.len = 0;
	nest.len = 0;
	put_last(&nest, 5060, 1);
	put(&attrs, PORTRES_A_REFUSAL, nest.data, nest.len);
	for (i = 1; i < attrs.len; i++)
		refused &= read_exact(&attrs, i, &refusals) == -EPROTO;
	tap_ok(refused, "a notification that ends early, at every byte");
}

static void test_too_many(void)
{
	static struct portres_refusals refusals;
	struct portres_attrs attrs = { 0 };
	struct portres_attrs nest = { 0 };
	unsigned char *message;
	size_t i;

	put_last(&nest, 5060, 2);
	put(&attrs, PORTRES_A_REFUSAL, nest.data, nest.len);
	message = malloc((PORTRES_REFUSALS_MAX + 3) * attrs.len);
	for (i = 0; i < PORTRES_REFUSALS_MAX + 3; i++)
		memcpy(message + i * attrs.len, attrs.data, attrs.len);
	tap_num(portres_read_refusals(message, i * attrs.len, &refusals), 0,
		"more than there can be");
	tap_num(refusals.count, PORTRES_REFUSALS_MAX, "as many as fit");
	tap_num(refusals.lost, 6, "the others are lost");
	free(message);
}

static void test_reply(void)
{
	struct portres_reservation *found = calloc(1, sizeof(*found));
	const struct portres_refusal *refusal;
	struct portres_attrs attrs = { 0 };
	struct portres_attrs nest = { 0 };

	put_last(&nest, 5003, 3);
	portres_put_block(&attrs, IPPROTO_UDP, 5000, 10);
	put(&attrs, PORTRES_A_NAME, "rtp", 4);
	tap_num(portres_read_reservation(attrs.data, attrs.len, found), 0, "a reply without");
	tap_num(portres_reservation_avoided(found), 0, "nothing avoided it");
	tap_ok(!portres_reservation_refusal(found, 0), "nothing was refused");
	put(&attrs, PORTRES_A_REFUSAL, nest.data, nest.len);
	put_number(&attrs, PORTRES_A_AVOIDED, 8, 1ULL << 40);
	nest.len = 0;
	put_last(&nest, 5004, 4);
	put(&attrs, PORTRES_A_REFUSAL, nest.data, nest.len);
	tap_num(portres_read_reservation(attrs.data, attrs.len, found), 0, "a reply with two");
	tap_ok(portres_reservation_avoided(found) == 1ULL << 40, "how often it was avoided");
	refusal = portres_reservation_refusal(found, 0);
	tap_ok(refusal && portres_refusal_port(refusal) == 5003, "the first one");
	tap_ok(refusal && portres_refusal_protocol(refusal) == IPPROTO_UDP &&
	       portres_refusal_first(refusal) == 5000 && portres_refusal_count(refusal) == 10 &&
	       !strcmp(portres_refusal_name(refusal), "rtp"), "is of the reservation");
	refusal = portres_reservation_refusal(found, 1);
	tap_ok(refusal && portres_refusal_port(refusal) == 5004, "the second one");
	tap_ok(!portres_reservation_refusal(found, 2), "and no third one");
	portres_reservation_free(found);
	found = calloc(1, sizeof(*found));
	put(&attrs, PORTRES_A_REFUSAL, "", 0);
	tap_num(portres_read_reservation(attrs.data, attrs.len, found), -EPROTO,
		"a reply with an empty one");
	attrs.len = 0;
	portres_put_block(&attrs, IPPROTO_UDP, 5000, 10);
	put_number(&attrs, PORTRES_A_AVOIDED, 4, 1);
	tap_num(portres_read_reservation(attrs.data, attrs.len, found), -EPROTO,
		"avoided of 4 bytes");
	portres_reservation_free(found);
}

/* Random bytes: whatever comes out, nothing is read beyond them. */
static void test_noise(void)
{
	static struct portres_refusals refusals;
	struct portres_attrs attrs;
	int i;

	srand(1);
	for (i = 0; i < 20000; i++) {
		size_t j;

		attrs.len = (size_t)rand() % 96;
		for (j = 0; j < attrs.len; j++)
			attrs.data[j] = (unsigned char)(rand() % (j % 4 ? 3 : 28));
		read_exact(&attrs, attrs.len, &refusals);
	}
	tap_ok(true, "20000 notifications of noise");
}

int main(void)
{
	test_event();
	test_least();
	test_malformed();
	test_too_many();
	test_reply();
	test_noise();
	return tap_finish();
}
