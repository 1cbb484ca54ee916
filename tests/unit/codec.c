// SPDX-License-Identifier: GPL-2.0-only
/* The wire format: what is sent, what is understood, what is refused. */
#include <errno.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/codec.h"
#include "tap.h"

static void put(struct portres_attrs *attrs, uint16_t type, const void *value, size_t len)
{
	struct nlattr head = { .nla_len = (uint16_t)(sizeof(head) + len), .nla_type = type };

	memcpy(attrs->data + attrs->len, &head, sizeof(head));
	memcpy(attrs->data + attrs->len + sizeof(head), value, len);
	attrs->len += NLA_ALIGN(head.nla_len);
}

/* In memory of exactly this size, so that the sanitizer sees any look beyond. */
static int read_exact(const void *data, size_t len, struct portres_reservation *reservation)
{
	void *copy = malloc(len ? len : 1);
	int error;

	memcpy(copy, data, len);
	error = portres_read_reservation(copy, len, reservation);
	free(copy);
	/* Its grants are a test of their own. */
	if (!error)
		portres_reservation_clear(reservation);
	return error;
}

static void test_round_trip(void)
{
	struct portres_spec spec = {
		.protocol = IPPROTO_UDP, .first = 5000, .count = 10, .has_owner = true,
		.owner = 1000, .name = (char *)"Asterisk RTP",
	};
	struct portres_attrs attrs = { 0 };
	struct portres_reservation r;
	uint64_t refused = 1ULL << 40;
	uint64_t token = 0x0123456789abcdefULL;
	uint32_t sockets = 7;

	portres_put_spec(&attrs, &spec);
	tap_num(read_exact(attrs.data, attrs.len, &r), 0, "what is sent is understood");
	tap_ok(r.protocol == IPPROTO_UDP && r.first == 5000 && r.count == 10, "the block");
	tap_ok(!strcmp(portres_reservation_name(&r), "Asterisk RTP"), "the name");
	tap_ok(PORTRES_HAS(&r, PORTRES_A_OWNER) && r.owner == 1000, "the owner");
	tap_num(portres_reservation_token(&r, &refused), -EACCES, "no token was told");
	tap_ok(refused == 1ULL << 40, "nothing is written without a token");

	portres_put_token(&attrs, token);
	put(&attrs, PORTRES_A_REFUSED, &refused, sizeof(refused));
	put(&attrs, PORTRES_A_SOCKETS, &sockets, sizeof(sockets));
	tap_num(read_exact(attrs.data, attrs.len, &r), 0, "a full answer");
	tap_ok(r.token == token && r.refused == refused && r.sockets == sockets,
	       "token, refused, sockets");
}

static void test_optional(void)
{
	struct portres_spec spec = {
		.protocol = IPPROTO_UDP, .first = 65535, .count = 1, .has_owner = false,
		.owner = 0, .name = NULL,
	};
	struct portres_attrs attrs = { 0 };
	struct portres_reservation r;
	uint64_t unknown = 1;
	uid_t owner = 5;

	portres_put_spec(&attrs, &spec);
	tap_num(read_exact(attrs.data, attrs.len, &r), 0, "the last port alone");
	tap_ok(!portres_reservation_name(&r), "no name");
	tap_num(portres_reservation_owner(&r, &owner), -ENOENT, "no owner");
	put(&attrs, PORTRES_A_MAX + 1, &unknown, sizeof(unknown));
	put(&attrs, 200, &unknown, sizeof(unknown));
	tap_num(read_exact(attrs.data, attrs.len, &r), 0,
		"what a newer kernel adds is passed over");
}

static void test_persistent(void)
{
	struct portres_attrs attrs = { 0 };
	struct portres_reservation r;
	uint32_t number = 7;
	pid_t process = 5;

	portres_put_block(&attrs, IPPROTO_UDP, 5000, 10);
	tap_num(read_exact(attrs.data, attrs.len, &r), 0, "without a word of runtime");
	tap_ok(!portres_reservation_runtime(&r), "it is a persistent one");
	tap_num(portres_reservation_process(&r, &process), -ENOENT, "of no process");
	tap_ok(process == 5, "nothing is written without a process");
	tap_ok(!portres_reservation_command(&r), "and no command");
	put(&attrs, PORTRES_A_PROCESS, &number, sizeof(number));
	put(&attrs, PORTRES_A_COMMAND, "a", 2);
	tap_num(read_exact(attrs.data, attrs.len, &r), 0, "process and command without the flag");
	tap_num(portres_reservation_process(&r, &process), -ENOENT, "are passed over");
	tap_ok(!portres_reservation_command(&r), "both");
}

static void test_runtime(void)
{
	struct portres_attrs attrs = { 0 };
	struct portres_reservation r;
	uint32_t number = INT32_MAX;
	uint64_t start = 6;
	pid_t process = 5;

	portres_put_block(&attrs, IPPROTO_UDP, 5000, 10);
	put(&attrs, PORTRES_A_RUNTIME, "", 0);
	tap_num(read_exact(attrs.data, attrs.len, &r), 0, "a runtime reservation without more");
	tap_num(portres_reservation_runtime(&r), 1, "it is one");
	tap_num(portres_reservation_process(&r, &process), -EACCES, "its process was not told");
	tap_ok(!portres_reservation_command(&r), "nor a command");
	tap_num(portres_reservation_process_start(&r, &start), -EACCES, "nor when it began");

	put(&attrs, PORTRES_A_PROCESS, &number, sizeof(number));
	put(&attrs, PORTRES_A_COMMAND, "a b\377\n", 6);
	tap_num(read_exact(attrs.data, attrs.len, &r), 0, "with process and command");
	tap_num(portres_reservation_process(&r, &process), 0, "the process is told");
	tap_num(process, INT32_MAX, "the largest one");
	tap_num(portres_reservation_process_start(&r, &start), -EACCES, "not when it began");
	tap_ok(start == 6, "nothing is written");
	start = UINT64_MAX;
	put(&attrs, PORTRES_A_PROCESS_START, &start, sizeof(start));
	start = 6;
	tap_num(read_exact(attrs.data, attrs.len, &r), 0, "with its start");
	tap_ok(!portres_reservation_process_start(&r, &start) && start == UINT64_MAX,
	       "when it began");
	tap_ok(!strcmp(portres_reservation_command(&r), "a b\377\n"), "the command, as it came");

	attrs.len = 0;
	number = 0;
	portres_put_block(&attrs, IPPROTO_UDP, 5000, 10);
	put(&attrs, PORTRES_A_RUNTIME, "", 0);
	put(&attrs, PORTRES_A_PROCESS, &number, sizeof(number));
	put(&attrs, PORTRES_A_COMMAND, "", 1);
	process = 5;
	tap_num(read_exact(attrs.data, attrs.len, &r), 0, "a process of elsewhere");
	tap_num(portres_reservation_process(&r, &process), -ESRCH, "it cannot be seen");
	tap_ok(process == 5, "nothing is written");
	tap_ok(!strcmp(portres_reservation_command(&r), ""), "a command without a letter");
}

static void test_by(void)
{
	struct portres_attrs attrs = { 0 };
	struct portres_reservation r;
	uint32_t user = 4294967294U;
	uint32_t number = 0;
	pid_t process = 5;
	uid_t by = 6;

	portres_put_block(&attrs, IPPROTO_UDP, 5000, 10);
	tap_num(read_exact(attrs.data, attrs.len, &r), 0, "removed by nobody");
	tap_num(portres_reservation_by_user(&r, &by), -ENOENT, "by no user");
	tap_num(portres_reservation_by_process(&r, &process), -ENOENT, "by no process");
	tap_ok(by == 6 && process == 5, "nothing is written");
	tap_ok(!portres_reservation_by_command(&r), "by no command");

	put(&attrs, PORTRES_A_BY_USER, &user, sizeof(user));
	put(&attrs, PORTRES_A_BY_PROCESS, &number, sizeof(number));
	put(&attrs, PORTRES_A_BY_COMMAND, "x\x9b", 2);
	tap_num(read_exact(attrs.data, attrs.len, &r), 0, "removed by somebody");
	tap_ok(!portres_reservation_by_user(&r, &by) && by == user, "the user");
	tap_num(portres_reservation_by_process(&r, &process), -ESRCH, "a process without number");
	tap_ok(!strcmp(portres_reservation_by_command(&r), "x\x9b"), "the command, as it came");
	number = 77;
	put(&attrs, PORTRES_A_BY_PROCESS, &number, sizeof(number));
	tap_num(read_exact(attrs.data, attrs.len, &r), 0, "by another one");
	tap_ok(!portres_reservation_by_process(&r, &process) && process == 77, "the process");
}

static void test_delete(void)
{
	struct portres_attrs attrs = { 0 };
	struct portres_reservation r;

	portres_put_block(&attrs, IPPROTO_UDP, 5000, 10);
	portres_put_runtime(&attrs);
	tap_num(read_exact(attrs.data, attrs.len, &r), 0, "the deletion of a runtime reservation");
	tap_num(portres_reservation_runtime(&r), 1, "says that it is one");
}

static void test_largest(void)
{
	char name[PORTRES_NAME_MAX + 1];
	struct portres_spec spec = {
		.protocol = IPPROTO_UDP, .first = 1, .count = 65535, .has_owner = true,
		.owner = 4294967294U, .name = name,
	};
	struct portres_attrs attrs = { 0 };
	struct portres_reservation r;

	memset(name, 'x', PORTRES_NAME_MAX);
	name[PORTRES_NAME_MAX] = '\0';
	portres_put_spec(&attrs, &spec);
	tap_num(read_exact(attrs.data, attrs.len, &r), 0, "all ports and the longest name");
	tap_ok(!strcmp(r.name, name) && r.count == 65535, "and they arrive whole");
	put(&attrs, PORTRES_A_RUNTIME, "", 0);
	put(&attrs, PORTRES_A_COMMAND, name, PORTRES_COMMAND_MAX);
	tap_num(read_exact(attrs.data, attrs.len, &r), 0, "the longest command, without an end");
	tap_ok(!strcmp(portres_reservation_command(&r), name), "it arrives whole");
}

/* Bytes that make no sense. Little or big endian does not matter to them. */
static void test_malformed(void)
{
	static const struct {
		const char *what;
		uint16_t type;
		size_t len;
		unsigned char value[72];
	} rows[] = {
		{ "protocol of 0 bytes", PORTRES_A_PROTOCOL, 0, { 0 } },
		{ "protocol of 2 bytes", PORTRES_A_PROTOCOL, 2, { 17, 17 } },
		{ "first of 1 byte", PORTRES_A_FIRST, 1, { 1 } },
		{ "first of 4 bytes", PORTRES_A_FIRST, 4, { 1, 1 } },
		{ "first is 0", PORTRES_A_FIRST, 2, { 0, 0 } },
		{ "first and count beyond 65535", PORTRES_A_FIRST, 2, { 0xff, 0xff } },
		{ "count is 0", PORTRES_A_COUNT, 2, { 0, 0 } },
		{ "count of 3 bytes", PORTRES_A_COUNT, 3, { 1, 1 } },
		{ "token of 4 bytes", PORTRES_A_TOKEN, 4, { 1 } },
		{ "token of 12 bytes", PORTRES_A_TOKEN, 12, { 1 } },
		{ "owner of 2 bytes", PORTRES_A_OWNER, 2, { 1 } },
		{ "refused of 4 bytes", PORTRES_A_REFUSED, 4, { 1 } },
		{ "sockets of 8 bytes", PORTRES_A_SOCKETS, 8, { 1 } },
		{ "runtime that is not a flag", PORTRES_A_RUNTIME, 1, { 1 } },
		{ "process of 0 bytes", PORTRES_A_PROCESS, 0, { 0 } },
		{ "process of 8 bytes", PORTRES_A_PROCESS, 8, { 1 } },
		{ "process beyond what a pid_t can be", PORTRES_A_PROCESS, 4,
		  { 0xff, 0xff, 0xff, 0xff } },
		{ "process start of 4 bytes", PORTRES_A_PROCESS_START, 4, { 1 } },
		{ "by user of 2 bytes", PORTRES_A_BY_USER, 2, { 1 } },
		{ "by process of 8 bytes", PORTRES_A_BY_PROCESS, 8, { 1 } },
		{ "by process beyond what a pid_t can be", PORTRES_A_BY_PROCESS, 4,
		  { 0xff, 0xff, 0xff, 0xff } },
		{ "by command of 64 bytes without an end", PORTRES_A_BY_COMMAND, 64,
		  "0123456789012345678901234567890123456789012345678901234567890123" },
		{ "command of 64 bytes without an end", PORTRES_A_COMMAND, 64,
		  "0123456789012345678901234567890123456789012345678901234567890123" },
		{ "name of 64 bytes without an end", PORTRES_A_NAME, 64,
		  "0123456789012345678901234567890123456789012345678901234567890123" },
	};
	struct portres_reservation r;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct portres_attrs attrs = { 0 };

		portres_put_block(&attrs, IPPROTO_UDP, 5000, 10);
		put(&attrs, rows[i].type, rows[i].value, rows[i].len);
		tap_num(read_exact(attrs.data, attrs.len, &r), -EPROTO, "%s", rows[i].what);
	}
}

static void test_cut_short(void)
{
	struct portres_attrs attrs = { 0 };
	struct portres_reservation r;
	bool refused = true;
	size_t len;

	portres_put_block(&attrs, IPPROTO_UDP, 5000, 10);
	/* The padding of the last attribute may be missing. */
	for (len = 0; len < attrs.len - 2; len++)
		if (read_exact(attrs.data, len, &r) != -EPROTO)
			refused = false;
	tap_ok(refused, "an answer that ends early, at every byte");
	attrs.data[0] = 3;
	attrs.data[1] = 0;
	tap_num(read_exact(attrs.data, attrs.len, &r), -EPROTO,
		"an attribute shorter than its head");
	attrs.data[0] = 0xff;
	attrs.data[1] = 0xff;
	tap_num(read_exact(attrs.data, attrs.len, &r), -EPROTO,
		"an attribute longer than the message");
}

/* Random bytes: whatever comes out, nothing is read beyond them. */
static void test_noise(void)
{
	struct portres_reservation r;
	struct portres_extack extack;
	unsigned char noise[96];
	int i;

	srand(1);
	for (i = 0; i < 20000; i++) {
		size_t len = (size_t)rand() % sizeof(noise);
		size_t j;

		for (j = 0; j < len; j++)
			noise[j] = (unsigned char)(rand() % (j % 4 ? 3 : 24));
		read_exact(noise, len, &r);
		portres_read_extack(noise, len, &extack);
	}
	tap_ok(true, "20000 answers of noise");
}

#define HEADERS 20

static void test_extack(void)
{
	struct portres_spec spec = {
		.protocol = IPPROTO_UDP, .first = 5000, .count = 0, .has_owner = true,
		.owner = 0, .name = (char *)"x",
	};
	struct portres_attrs request = { 0 };
	struct {
		const char *what;
		const char *text;
		long offset;	/* -1: none */
		long missing;
		const char *wanted;
	} rows[] = {
		{ "a bad number", "integer out of range", HEADERS + 16, -1,
		  "count: integer out of range" },
		{ "the first attribute", "no", HEADERS, -1, "protocol: no" },
		{ "a later one", "odd", HEADERS + 24, -1, "name: odd" },
		{ "text that names it already", "count is 0", HEADERS + 16, -1, "count is 0" },
		{ "a place without text", NULL, HEADERS + 8, -1,
		  "first: number out of range" },
		{ "a missing attribute", NULL, -1, PORTRES_A_FIRST, "first: is missing" },
		{ "a missing attribute with text", "wanted", -1, PORTRES_A_COUNT, "count: wanted" },
		{ "a missing one of a newer kernel", NULL, -1, 77, "is missing" },
		{ "text alone", "all is bad", -1, -1, "all is bad" },
		{ "nothing at all", NULL, -1, -1, "number out of range" },
		{ "a place in the header", "bad", 4, -1, "bad" },
		{ "a place inside an attribute", "bad", HEADERS + 2, -1, "bad" },
		{ "a place behind the request", "bad", 4000, -1, "bad" },
	};
	size_t i;

	portres_put_spec(&request, &spec);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct portres_attrs answer = { 0 };
		struct portres_extack extack;
		char text[PORTRES_TEXT_MAX];
		uint32_t number;

		if (rows[i].text)
			put(&answer, NLMSGERR_ATTR_MSG, rows[i].text, strlen(rows[i].text) + 1);
		number = (uint32_t)rows[i].offset;
		if (rows[i].offset >= 0)
			put(&answer, NLMSGERR_ATTR_OFFS, &number, sizeof(number));
		number = (uint32_t)rows[i].missing;
		if (rows[i].missing >= 0)
			put(&answer, NLMSGERR_ATTR_MISS_TYPE, &number, sizeof(number));
		portres_read_extack(answer.data, answer.len, &extack);
		portres_set_extack_error(text, -ERANGE, &extack, &request, HEADERS);
		if (!tap_ok(!strcmp(text, rows[i].wanted), "%s: %s", rows[i].what, rows[i].wanted))
			tap_diag("got: %s", text);
	}
}

static void test_texts(void)
{
	struct portres_attrs answer = { 0 };
	struct portres_extack extack;
	char text[PORTRES_TEXT_MAX];

	put(&answer, NLMSGERR_ATTR_MSG, "abcd", 4);
	portres_read_extack(answer.data, answer.len, &extack);
	tap_ok(!extack.text, "text without an end is left out");
	tap_ok(strstr(portres_strerror(-EPERM), "CAP_NET_ADMIN"),
	       "the library has a sentence for EPERM");
	tap_ok(strstr(portres_strerror(-ENOSYS), "modprobe portres"),
	       "a missing module: what to do");
	tap_ok(portres_strerror(-123456), "an error that there is not");
	tap_num(portres_set_error(text, -EPERM, NULL), -EPERM, "explaining returns the error");
	portres_set_error(text, 0, NULL);
	tap_ok(!*text, "no error, no text");
}

int main(void)
{
	test_round_trip();
	test_optional();
	test_persistent();
	test_runtime();
	test_by();
	test_delete();
	test_largest();
	test_malformed();
	test_cut_short();
	test_noise();
	test_extack();
	test_texts();
	return tap_finish();
}
