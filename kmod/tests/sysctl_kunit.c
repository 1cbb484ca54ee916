// SPDX-License-Identifier: GPL-2.0-only
/*
 * The sysctls of a namespace: what they take, and that they are its own.
 */
#include <kunit/test.h>
#include <linux/string.h>
#include <linux/sysctl.h>
#include <net/net_namespace.h>

#include "fixture.h"

static const struct ctl_table *find_entry(struct kunit *test, struct net *net, const char *name)
{
	const struct ctl_table *entry = portres_net_of(net)->sysctls->ctl_table_arg;

	for (; entry->procname; entry++)
		if (!strcmp(entry->procname, name))
			return entry;
	KUNIT_FAIL_AND_ABORT(test, "no sysctl %s", name);
	return NULL;
}

static int write_text(struct kunit *test, struct net *net, const char *name, const char *text)
{
	const struct ctl_table *entry = find_entry(test, net, name);
	size_t len = strlen(text);
	loff_t position = 0;
	char buffer[32];

	strscpy(buffer, text, sizeof(buffer));
	return entry->proc_handler(entry, 1, buffer, &len, &position);
}

static int read_number(struct kunit *test, struct net *net, const char *name)
{
	const struct ctl_table *entry = find_entry(test, net, name);
	char buffer[32] = {};
	size_t len = sizeof(buffer) - 1;
	loff_t position = 0;
	int number;

	KUNIT_ASSERT_EQ(test, entry->proc_handler(entry, 0, buffer, &len, &position), 0);
	KUNIT_ASSERT_EQ(test, kstrtoint(strim(buffer), 10, &number), 0);
	return number;
}

static const struct value_row {
	const char *name;
	const char *sysctl;
	int before;
	const char *text;
	int err;
	int after;
} values[] = {
	{ "denied: EACCES", "denied_errno", 98, "13", 0, 13 },
	{ "denied: EADDRINUSE", "denied_errno", 98, "98", 0, 98 },
	{ "denied: EPERM", "denied_errno", 98, "1", -EINVAL, 98 },
	{ "denied: success", "denied_errno", 98, "0", -EINVAL, 98 },
	{ "denied: negative", "denied_errno", 98, "-13", -EINVAL, 98 },
	{ "denied: a name", "denied_errno", 98, "EACCES", -EINVAL, 98 },
	{ "ports: none", "user_max_ports", 4096, "0", 0, 0 },
	{ "ports: all", "user_max_ports", 4096, "65535", 0, 65535 },
	{ "ports: more than there are", "user_max_ports", 4096, "65536", -EINVAL, 4096 },
	{ "ports: negative", "user_max_ports", 4096, "-1", -EINVAL, 4096 },
	{ "reservations: one", "user_max_reservations", 128, "1", 0, 1 },
	{ "reservations: too many", "user_max_reservations", 128, "65536", -EINVAL, 128 },
	{ "reservations: a word", "user_max_reservations", 128, "many", -EINVAL, 128 },
};

KUNIT_ARRAY_PARAM_DESC(value, values, name);

static void value(struct kunit *test)
{
	const struct value_row *row = test->param_value;
	struct net *net = portres_test_net(test);
	struct net *other = portres_test_net(test);

	KUNIT_EXPECT_EQ(test, read_number(test, net, row->sysctl), row->before);
	KUNIT_EXPECT_EQ(test, write_text(test, net, row->sysctl, row->text), row->err);
	KUNIT_EXPECT_EQ(test, read_number(test, net, row->sysctl), row->after);
	KUNIT_EXPECT_EQ(test, read_number(test, other, row->sysctl), row->before);
}

/* For unassociated sockets; the error of the kernel's own refusal does not change. */
static void denied_errno_is_what_a_stranger_gets(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct sock *sk = portres_test_user_sock(test, net, AF_INET6);
	struct sock *other = portres_test_user_sock(test, net, AF_INET);
	struct sock *kernels = portres_test_sock(test, net, AF_INET);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, portres_test_reserve(net, 5000, 5009));
	KUNIT_EXPECT_EQ(test, portres_test_bind(sk, ANY, 5000), -EADDRINUSE);
	KUNIT_EXPECT_EQ(test, write_text(test, net, "denied_errno", "13"), 0);
	KUNIT_EXPECT_EQ(test, portres_test_bind(sk, ANY, 5000), -EACCES);
	KUNIT_EXPECT_EQ_MSG(test, portres_test_bind(kernels, ANY, 5000), -EADDRINUSE,
			    "the search of a kernel socket stops at anything else");
	KUNIT_EXPECT_EQ(test, portres_test_bind(sk, ANY, 6000), 0);
	KUNIT_EXPECT_EQ(test, portres_test_bind(other, ANY, 6000), -EADDRINUSE);
	portres_test_set_port_range(net, 5000, 5009);
	KUNIT_EXPECT_EQ(test, portres_test_bind(other, ANY, 0), -EADDRINUSE);
}

static struct kunit_case sysctl_cases[] = {
	KUNIT_CASE_PARAM(value, value_gen_params),
	KUNIT_CASE(denied_errno_is_what_a_stranger_gets),
	{}
};

static struct kunit_suite sysctl_suite = {
	.name = "portres_sysctl",
	.test_cases = sysctl_cases,
};

kunit_test_suite(sysctl_suite);
