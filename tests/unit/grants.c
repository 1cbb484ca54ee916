// SPDX-License-Identifier: GPL-2.0-only
/* Grants in the wire format: what is sent, what is understood, how many there can be. */
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

static void tap_is_text(const char *got, const char *wanted)
{
	if (!tap_ok(got && !strcmp(got, wanted), "%s", wanted))
		tap_diag("got: %s", got ? got : "nothing");
}

/* Grants of each kind, there and back. */
static void test_grants(void)
{
	struct portres_spec spec = { .protocol = IPPROTO_UDP, .first = 5000, .count = 1 };
	struct portres_grants wanted;
	struct portres_attrs attrs = { 0 };
	struct portres_reservation r;
	uid_t uid;

	tap_num(portres_spec_grant_unit(&spec, "rtp server"), 0, "a unit");
	tap_num(portres_spec_grant_user_unit(&spec, "x.socket", 1000), 0, "a unit of a user");
	tap_num(portres_spec_grant_cgroup(&spec, "//a/./b/"), 0, "a cgroup");
	tap_num(portres_spec_grant_kernel(&spec), 0, "the kernel");
	tap_num(portres_spec_grant_user(&spec, 7), 0, "a user");
	tap_num(portres_spec_grant_user(&spec, 7), 0, "again");
	portres_spec_set_owner(&spec, 5);
	portres_spec_set_adopt(&spec, 1);
	portres_put_spec(&attrs, &spec);
	tap_num(portres_read_reservation(attrs.data, attrs.len, &r), 0,
		"what is sent is understood");
	tap_num(r.grants->count, 5, "all of them, once");
	tap_is_text(portres_grant_unit(portres_reservation_grant(&r, 0)), "rtp\\x20server.service");
	tap_num(portres_grant_user(portres_reservation_grant(&r, 0), &uid), -ENOENT,
		"of the system's manager");
	tap_ok(!portres_grant_user(portres_reservation_grant(&r, 1), &uid) && uid == 1000,
	       "that of a user");
	tap_is_text(portres_grant_cgroup(portres_reservation_grant(&r, 2)), "/a/b");
	tap_num(portres_grant_kind(portres_reservation_grant(&r, 3)), PORTRES_GRANT_KERNEL,
		"the kernel");
	tap_ok(!portres_reservation_grant(&r, 5), "and no more");
	portres_reservation_clear(&r);

	memset(&attrs, 0, sizeof(attrs));
	portres_put_change(&attrs, 1, &spec, PORTRES_SET_GRANTS | PORTRES_SET_BLOCK);
	put(&attrs, PORTRES_A_PROTOCOL, "\x11", 1);
	tap_num(portres_read_reservation(attrs.data, attrs.len, &r), 0, "a change");
	tap_num(portres_spec_list_grants(&spec, &wanted), 0, "the owner is the first grant");
	tap_ok(portres_grants_equal(r.grants, &wanted) && wanted.items[0].user == 5,
	       "a change has the owner as a grant");
	tap_num(portres_reservation_differs(&r, &spec), 0, "and differs in nothing");
	portres_spec_grant_user(&spec, 8);
	tap_num(portres_reservation_differs(&r, &spec), PORTRES_SET_GRANTS, "in one grant");
	spec.name = (char *)"x";
	spec.count = 2;
	tap_num(portres_reservation_differs(&r, &spec), PORTRES_SET_GRANTS | PORTRES_SET_NAME |
		PORTRES_SET_BLOCK, "in all");
	spec.name = NULL;
	portres_grants_clear(&wanted);
	portres_reservation_clear(&r);
	portres_spec_clear(&spec);

	memset(&attrs, 0, sizeof(attrs));
	portres_put_change(&attrs, 1, &spec, PORTRES_SET_GRANTS | PORTRES_SET_NAME);
	tap_ok(attrs.len == 12 + 8 + 4 && attrs.data[16] == '\0', "no grants and no name");
}

/* Nests that are cut, empty, doubled, of a newer kernel. */
static void test_bad_grants(void)
{
	static const struct {
		const char *what;
		const char *bytes;
		size_t len;
		int error;
		unsigned int count;
	} rows[] = {
		{ "an empty nest", "", 0, 0, 0 },
		{ "a kind of a newer kernel", "\x08\x00\x63\x00\x01\x00\x00\x00", 8, 0, 0 },
		{ "a user", "\x08\x00\x01\x00\x01\x00\x00\x00", 8, 0, 1 },
		{ "a user that is cut", "\x08\x00\x01\x00\x01\x00\x00", 7, -EPROTO, 0 },
		{ "a user of two bytes", "\x06\x00\x01\x00\x01\x00", 6, -EPROTO, 0 },
		{ "half a header", "\x08\x00", 2, -EPROTO, 0 },
		{ "two texts", "\x06\x00\x02\x00/\x00\x00\x00\x06\x00\x02\x00/", 13, -EPROTO, 0 },
		{ "a flag with a value", "\x05\x00\x04\x00\x01", 5, -EPROTO, 0 },
		{ "a text without an end", "\x06\x00\x02\x00/a", 6, 0, 1 },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct portres_spec spec = { .protocol = IPPROTO_UDP, .first = 1, .count = 1 };
		struct portres_attrs attrs = { 0 };
		struct portres_reservation r;

		portres_put_spec(&attrs, &spec);
		put(&attrs, PORTRES_A_GRANT | NLA_F_NESTED, rows[i].bytes, rows[i].len);
		tap_num(portres_read_reservation(attrs.data, attrs.len, &r), rows[i].error, "%s",
			rows[i].what);
		tap_num(portres_reservation_list(&r)->count, rows[i].count, "%s: grants",
			rows[i].what);
		portres_reservation_clear(&r);
	}
}

/* The bounds: sixteen, and 2048 bytes with the ends of the texts. */
static void test_many_grants(void)
{
	struct portres_spec spec = { .protocol = IPPROTO_UDP, .first = 1, .count = 1 };
	struct portres_attrs attrs = { 0 };
	struct portres_reservation r;
	char path[129];
	int i;

	memset(path, 'a', sizeof(path));
	path[0] = '/';
	path[127] = '\0';
	for (i = 0; i < 16; i++) {
		path[1] = (char)('a' + i);
		tap_num(portres_spec_grant_cgroup(&spec, path), 0, "128 bytes, %d", i);
	}
	tap_num(portres_spec_grant_kernel(&spec), -E2BIG, "a seventeenth");
	portres_put_spec(&attrs, &spec);
	tap_ok(attrs.len <= sizeof(attrs.data), "a request has room for them");
	tap_num(portres_read_reservation(attrs.data, attrs.len, &r), 0, "they come back");
	tap_num(portres_reservation_list(&r)->count, 16, "all");
	portres_reservation_clear(&r);
	free(spec.grants.items[15].text);
	spec.grants.count = 15;
	path[127] = 'a';
	path[128] = '\0';
	tap_num(portres_spec_grant_cgroup(&spec, path), -E2BIG, "a byte too many");
	portres_spec_clear(&spec);
}

int main(void)
{
	test_grants();
	test_bad_grants();
	test_many_grants();
	return tap_finish();
}
