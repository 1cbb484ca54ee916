// SPDX-License-Identifier: GPL-2.0-only
/*
 * The netlink family as data: which command takes which attributes within which
 * limits, and which reader is told what. Requests over the wire are tested from user space.
 */
#include <kunit/test.h>
#include <linux/cred.h>
#include <linux/in.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/skbuff.h>
#include <linux/string.h>
#include <net/genetlink.h>
#include <net/netlink.h>

#include "compat.h"
#include "core/reservation.h"
#include "fixture.h"
#include "portres.h"
#include "user/genl.h"
#include "user/message.h"

/* An attribute as it stands in a request: @len bytes, the first of them @value. */
static const struct attribute_row {
	const char *name;
	u8 cmd;
	u16 type;
	u16 len;
	u64 value;
	int err;
} attributes[] = {
	{ "create: protocol", PORTRES_CMD_CREATE, PORTRES_A_PROTOCOL, 1, IPPROTO_UDP, 0 },
	{ "create: protocol too short", PORTRES_CMD_CREATE, PORTRES_A_PROTOCOL, 0, 0, -EINVAL },
	{ "create: protocol too long", PORTRES_CMD_CREATE, PORTRES_A_PROTOCOL, 2, 17, -EINVAL },
	{ "create: first 1", PORTRES_CMD_CREATE, PORTRES_A_FIRST, 2, 1, 0 },
	{ "create: first 65535", PORTRES_CMD_CREATE, PORTRES_A_FIRST, 2, 65535, 0 },
	{ "create: first 0", PORTRES_CMD_CREATE, PORTRES_A_FIRST, 2, 0, -ERANGE },
	{ "create: first too short", PORTRES_CMD_CREATE, PORTRES_A_FIRST, 1, 1, -EINVAL },
	{ "create: first too long", PORTRES_CMD_CREATE, PORTRES_A_FIRST, 4, 1, -EINVAL },
	{ "create: count 1", PORTRES_CMD_CREATE, PORTRES_A_COUNT, 2, 1, 0 },
	{ "create: count 65535", PORTRES_CMD_CREATE, PORTRES_A_COUNT, 2, 65535, 0 },
	{ "create: count 0", PORTRES_CMD_CREATE, PORTRES_A_COUNT, 2, 0, -ERANGE },
	{ "create: count too short", PORTRES_CMD_CREATE, PORTRES_A_COUNT, 1, 1, -EINVAL },
	{ "create: count too long", PORTRES_CMD_CREATE, PORTRES_A_COUNT, 3, 1, -EINVAL },
	{ "create: name without an end", PORTRES_CMD_CREATE, PORTRES_A_NAME, 4, 0x41414141,
	  -EINVAL },
	{ "create: name of no byte", PORTRES_CMD_CREATE, PORTRES_A_NAME, 0, 0, -EINVAL },
	{ "create: owner", PORTRES_CMD_CREATE, PORTRES_A_OWNER, 4, 1000, 0 },
	{ "create: owner too short", PORTRES_CMD_CREATE, PORTRES_A_OWNER, 2, 1000, -EINVAL },
	{ "create: owner too long", PORTRES_CMD_CREATE, PORTRES_A_OWNER, 8, 1000, -EINVAL },
	{ "create: token", PORTRES_CMD_CREATE, PORTRES_A_TOKEN, 8, 1, -EINVAL },
	{ "create: port", PORTRES_CMD_CREATE, PORTRES_A_PORT, 2, 1, -EINVAL },
	{ "create: refused", PORTRES_CMD_CREATE, PORTRES_A_REFUSED, 8, 1, -EINVAL },
	{ "create: sockets", PORTRES_CMD_CREATE, PORTRES_A_SOCKETS, 4, 1, -EINVAL },
	{ "create: runtime", PORTRES_CMD_CREATE, PORTRES_A_RUNTIME, 0, 0, -EINVAL },
	{ "create: process", PORTRES_CMD_CREATE, PORTRES_A_PROCESS, 4, 1, -EINVAL },
	{ "create: command", PORTRES_CMD_CREATE, PORTRES_A_COMMAND, 2, 0x41, -EINVAL },
	{ "create: process start", PORTRES_CMD_CREATE, PORTRES_A_PROCESS_START, 8, 1, -EINVAL },
	{ "create: by user", PORTRES_CMD_CREATE, PORTRES_A_BY_USER, 4, 1, -EINVAL },
	{ "create: by process", PORTRES_CMD_CREATE, PORTRES_A_BY_PROCESS, 4, 1, -EINVAL },
	{ "create: by command", PORTRES_CMD_CREATE, PORTRES_A_BY_COMMAND, 2, 0x41, -EINVAL },
	{ "create: pad", PORTRES_CMD_CREATE, PORTRES_A_PAD, 0, 0, -EINVAL },
	{ "create: unknown", PORTRES_CMD_CREATE, PORTRES_A_MAX + 1, 4, 0, -EINVAL },
	{ "create: nested", PORTRES_CMD_CREATE, PORTRES_A_FIRST | NLA_F_NESTED, 2, 1, -EINVAL },
	{ "delete: protocol", PORTRES_CMD_DELETE, PORTRES_A_PROTOCOL, 1, IPPROTO_UDP, 0 },
	{ "delete: first", PORTRES_CMD_DELETE, PORTRES_A_FIRST, 2, 1, 0 },
	{ "delete: first 0", PORTRES_CMD_DELETE, PORTRES_A_FIRST, 2, 0, -ERANGE },
	{ "delete: count", PORTRES_CMD_DELETE, PORTRES_A_COUNT, 2, 1, 0 },
	{ "delete: count 0", PORTRES_CMD_DELETE, PORTRES_A_COUNT, 2, 0, -ERANGE },
	{ "delete: name", PORTRES_CMD_DELETE, PORTRES_A_NAME, 2, 0x41, -EINVAL },
	{ "delete: owner", PORTRES_CMD_DELETE, PORTRES_A_OWNER, 4, 0, -EINVAL },
	{ "delete: token", PORTRES_CMD_DELETE, PORTRES_A_TOKEN, 8, 1, -EINVAL },
	{ "delete: runtime", PORTRES_CMD_DELETE, PORTRES_A_RUNTIME, 0, 0, 0 },
	{ "delete: runtime with a value", PORTRES_CMD_DELETE, PORTRES_A_RUNTIME, 1, 1, -ERANGE },
	{ "delete: process", PORTRES_CMD_DELETE, PORTRES_A_PROCESS, 4, 1, -EINVAL },
	{ "delete: by user", PORTRES_CMD_DELETE, PORTRES_A_BY_USER, 4, 1, -EINVAL },
	{ "delete: port", PORTRES_CMD_DELETE, PORTRES_A_PORT, 2, 1, -EINVAL },
	{ "get: protocol", PORTRES_CMD_GET, PORTRES_A_PROTOCOL, 1, IPPROTO_UDP, 0 },
	{ "get: first 0", PORTRES_CMD_GET, PORTRES_A_FIRST, 2, 0, -ERANGE },
	{ "get: count 0", PORTRES_CMD_GET, PORTRES_A_COUNT, 2, 0, -ERANGE },
	{ "get: port", PORTRES_CMD_GET, PORTRES_A_PORT, 2, 65535, 0 },
	{ "get: port 0", PORTRES_CMD_GET, PORTRES_A_PORT, 2, 0, -ERANGE },
	{ "get: port too long", PORTRES_CMD_GET, PORTRES_A_PORT, 4, 1, -EINVAL },
	{ "get: token", PORTRES_CMD_GET, PORTRES_A_TOKEN, 8, 1, 0 },
	{ "get: token too short", PORTRES_CMD_GET, PORTRES_A_TOKEN, 4, 1, -EINVAL },
	{ "get: token too long", PORTRES_CMD_GET, PORTRES_A_TOKEN, 12, 1, -EINVAL },
	{ "get: name", PORTRES_CMD_GET, PORTRES_A_NAME, 2, 0x41, -EINVAL },
	{ "get: process", PORTRES_CMD_GET, PORTRES_A_PROCESS, 4, 1, -EINVAL },
	{ "get: runtime", PORTRES_CMD_GET, PORTRES_A_RUNTIME, 0, 0, -EINVAL },
	{ "get: process start", PORTRES_CMD_GET, PORTRES_A_PROCESS_START, 8, 1, -EINVAL },
	{ "get: owner", PORTRES_CMD_GET, PORTRES_A_OWNER, 4, 0, -EINVAL },
};

KUNIT_ARRAY_PARAM_DESC(attribute, attributes, name);

static const struct genl_ops *find_op(struct kunit *test, u8 cmd)
{
	int i;

	for (i = 0; i < portres_genl_family.n_ops; i++)
		if (portres_genl_family.ops[i].cmd == cmd)
			return &portres_genl_family.ops[i];
	KUNIT_FAIL_AND_ABORT(test, "no command %u", cmd);
	return NULL;
}

static void fill_attribute(void *buffer, const struct attribute_row *row)
{
	struct nlattr *attr = buffer;

	attr->nla_len = NLA_HDRLEN + row->len;
	attr->nla_type = row->type;
	if (row->len == 1)
		*(u8 *)nla_data(attr) = row->value;
	else if (row->len == 2)
		*(u16 *)nla_data(attr) = row->value;
	else
		memcpy(nla_data(attr), &row->value, min_t(size_t, row->len, sizeof(row->value)));
}

static void policy(struct kunit *test)
{
	const struct attribute_row *row = test->param_value;
	const struct genl_ops *op = find_op(test, row->cmd);
	struct netlink_ext_ack extack = {};
	u32 buffer[8] = {};
	int err;

	fill_attribute(buffer, row);
	err = __nla_validate((struct nlattr *)buffer, NLA_ALIGN(NLA_HDRLEN + row->len),
			     op->maxattr, op->policy, NL_VALIDATE_STRICT, &extack);
	KUNIT_EXPECT_EQ(test, err, row->err);
	if (err) {
		KUNIT_EXPECT_NOT_NULL_MSG(test, extack._msg, "a refusal without a reason");
		KUNIT_EXPECT_PTR_EQ_MSG(test, extack.bad_attr, (struct nlattr *)buffer,
					"does not point to the attribute");
	}
}

/* Names end with a zero, which is not counted. */
static const struct name_length_row {
	const char *name;
	unsigned int len;
	int err;
} name_lengths[] = {
	{ "one byte", 1, 0 },
	{ "longest", PORTRES_NAME_MAX, 0 },
	{ "one too long", PORTRES_NAME_MAX + 1, -EINVAL },
};

KUNIT_ARRAY_PARAM_DESC(name_length, name_lengths, name);

static void length_of_name(struct kunit *test)
{
	const struct genl_ops *op = find_op(test, PORTRES_CMD_CREATE);
	const struct name_length_row *row = test->param_value;
	struct netlink_ext_ack extack = {};
	u32 buffer[32] = {};
	struct nlattr *attr = (struct nlattr *)buffer;

	attr->nla_len = NLA_HDRLEN + row->len + 1;
	attr->nla_type = PORTRES_A_NAME;
	memset(nla_data(attr), 'n', row->len);
	KUNIT_EXPECT_EQ(test, __nla_validate(attr, NLA_ALIGN(attr->nla_len), op->maxattr,
					     op->policy, NL_VALIDATE_STRICT, &extack), row->err);
}

static const struct privilege_row {
	const char *name;
	u8 cmd;
	bool needed;
} privileges[] = {
	{ "create", PORTRES_CMD_CREATE, true },
	{ "delete", PORTRES_CMD_DELETE, true },
	{ "get", PORTRES_CMD_GET, false },
};

KUNIT_ARRAY_PARAM_DESC(privilege, privileges, name);

static void privilege_is_asked(struct kunit *test)
{
	const struct privilege_row *row = test->param_value;
	const struct genl_ops *op = find_op(test, row->cmd);

	KUNIT_EXPECT_EQ(test, !!(op->flags & GENL_UNS_ADMIN_PERM), row->needed);
	KUNIT_EXPECT_EQ_MSG(test, op->validate, 0, "parsing is not strict");
	KUNIT_EXPECT_GE(test, row->cmd, portres_genl_family.resv_start_op);
}

static const struct group_row {
	const char *name;
	unsigned int group;
	const char *called;
	bool needed;
} groups[] = {
	{ "changes", PORTRES_GENL_CHANGES, PORTRES_MCGRP_CHANGES, false },
	{ "admin", PORTRES_GENL_ADMIN, PORTRES_MCGRP_ADMIN, true },
	{ "refusals", PORTRES_GENL_REFUSALS, PORTRES_MCGRP_REFUSALS, true },
};

KUNIT_ARRAY_PARAM_DESC(group, groups, name);

static void group_is_guarded(struct kunit *test)
{
	const struct group_row *row = test->param_value;
	const struct genl_multicast_group *group = &portres_genl_family.mcgrps[row->group];

	KUNIT_EXPECT_EQ(test, portres_genl_family.n_mcgrps, ARRAY_SIZE(groups));
	KUNIT_EXPECT_STREQ(test, group->name, row->called);
	KUNIT_EXPECT_EQ(test, !!(group->flags & GENL_MCAST_CAP_NET_ADMIN), row->needed);
}

#define NOBODY	((uid_t)-1)

/* What a reader is told. @owner: of the reservation, @user: of the reader. */
static const struct reading_row {
	const char *name;
	uid_t owner;
	uid_t user;
	bool admin;
	bool token;
} readings[] = {
	{ "grantee", 1000, 1000, false, true },
	{ "another user", 1000, 1001, false, false },
	{ "root without the capability", 1000, 0, false, false },
	{ "administrator", 1000, 0, true, true },
	{ "no owner, user", NOBODY, 1000, false, false },
	{ "no owner, administrator", NOBODY, 1000, true, true },
	{ "notification", NOBODY, NOBODY, false, false },
	{ "notification, owner", 1000, NOBODY, false, false },
	{ "notification to administrators", 1000, NOBODY, true, false },
};

KUNIT_ARRAY_PARAM_DESC(reading, readings, name);

static void fill_reservation(struct kunit *test, struct portres_reservation *resv, uid_t owner)
{
	struct portres_terms *terms = portres_test_grant_user(test, owner);

	terms->n = owner != NOBODY;
	memset(terms->name, 'n', PORTRES_NAME_MAX);
	RCU_INIT_POINTER(resv->terms, terms);
	resv->block = portres_block_pack(5000, 5009);
	resv->first = 5000;
	resv->last = 5009;
	resv->token = 0x0123456789ab1388ULL;
	resv->owner = INVALID_UID;
	atomic64_set(&resv->refused, 0x100000002LL);
	atomic_set(&resv->sockets, 3);
	resv->protocol = &portres_udp;
}

static void told_to_reader(struct kunit *test)
{
	const struct reading_row *row = test->param_value;
	const struct portres_reader reader = {
		.user_ns = &init_user_ns, .user = KUIDT_INIT(row->user), .admin = row->admin,
		.process = row->user == NOBODY ? NULL : task_tgid(current),
	};
	struct portres_reservation resv = {};
	struct nlattr *attrs[PORTRES_A_MAX + 1];
	struct sk_buff *msg = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);
	const struct cred *before;

	KUNIT_ASSERT_NOT_NULL(test, msg);
	fill_reservation(test, &resv, row->owner);
	before = portres_test_become(test, row->user, false);
	KUNIT_EXPECT_EQ(test, portres_put_reservation(msg, &resv, &reader), 0);
	revert_creds(before);
	KUNIT_EXPECT_EQ(test, nla_parse(attrs, PORTRES_A_MAX, (struct nlattr *)msg->data,
					msg->len, NULL, NULL), 0);

	KUNIT_EXPECT_EQ(test, nla_get_u8(attrs[PORTRES_A_PROTOCOL]), IPPROTO_UDP);
	KUNIT_EXPECT_EQ(test, nla_get_u16(attrs[PORTRES_A_FIRST]), 5000);
	KUNIT_EXPECT_EQ(test, nla_get_u16(attrs[PORTRES_A_COUNT]), 10);
	KUNIT_EXPECT_EQ(test, nla_get_u64(attrs[PORTRES_A_REFUSED]), 0x100000002ULL);
	KUNIT_EXPECT_EQ(test, nla_get_u32(attrs[PORTRES_A_SOCKETS]), 3);
	KUNIT_EXPECT_STREQ(test, nla_data(attrs[PORTRES_A_NAME]),
			   rcu_access_pointer(resv.terms)->name);
	KUNIT_EXPECT_EQ(test, !!attrs[PORTRES_A_OWNER], row->owner != NOBODY);
	KUNIT_EXPECT_EQ(test, !!attrs[PORTRES_A_GRANT], row->owner != NOBODY);
	KUNIT_EXPECT_EQ(test, !!attrs[PORTRES_A_TOKEN], row->token);
	KUNIT_EXPECT_NULL(test, attrs[PORTRES_A_RUNTIME]);
	if (attrs[PORTRES_A_TOKEN])
		KUNIT_EXPECT_EQ(test, nla_get_u64(attrs[PORTRES_A_TOKEN]), resv.token);
	nlmsg_free(msg);
}

/* What is told of a runtime reservation of this process. */
static const struct runtime_row {
	const char *name;
	uid_t user;
	bool acquirer;
	bool admin;
	bool token;
	bool process;
} runtimes[] = {
	{ "its process", 1000, true, false, true, true },
	{ "its process as another user", 1001, true, false, true, false },
	{ "another process of its user", 1000, false, false, false, true },
	{ "another user", 1001, false, false, false, false },
	{ "root without the capability", 0, false, false, false, false },
	{ "administrator", 0, false, true, false, true },
	{ "notification", NOBODY, false, false, false, false },
	{ "notification to administrators", NOBODY, false, true, false, true },
};

KUNIT_ARRAY_PARAM_DESC(runtime, runtimes, name);

static struct pid *process_of_reader(const struct runtime_row *row)
{
	if (row->user == NOBODY)
		return NULL;
	return row->acquirer ? task_tgid(current) : task_tgid(&init_task);
}

static void expect_process(struct kunit *test, struct nlattr **attrs, bool told,
			   const struct portres_runtime *runtime)
{
	KUNIT_EXPECT_EQ(test, !!attrs[PORTRES_A_PROCESS], told);
	KUNIT_EXPECT_EQ(test, !!attrs[PORTRES_A_COMMAND], told);
	KUNIT_EXPECT_EQ(test, !!attrs[PORTRES_A_PROCESS_START], told);
	KUNIT_EXPECT_NULL(test, attrs[PORTRES_A_BY_PROCESS]);
	if (!told)
		return;
	KUNIT_EXPECT_EQ(test, nla_get_u32(attrs[PORTRES_A_PROCESS]), task_tgid_vnr(current));
	KUNIT_EXPECT_STREQ(test, nla_data(attrs[PORTRES_A_COMMAND]), runtime->command);
	KUNIT_EXPECT_EQ_MSG(test, nla_get_u64(attrs[PORTRES_A_PROCESS_START]), 12,
			    "by the clock of the reader");
}

static void runtime_is_told_to_reader(struct kunit *test)
{
	const struct runtime_row *row = test->param_value;
	const struct portres_reader reader = {
		.user_ns = &init_user_ns, .user = KUIDT_INIT(row->user),
		.process = process_of_reader(row), .admin = row->admin, .clock = 5,
	};
	struct portres_runtime *runtime = kunit_kzalloc(test, sizeof(*runtime), GFP_KERNEL);
	struct nlattr *attrs[PORTRES_A_MAX + 1];
	struct sk_buff *msg = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, runtime);
	KUNIT_ASSERT_NOT_NULL(test, msg);
	fill_reservation(test, &runtime->resv, NOBODY);
	runtime->resv.owner = KUIDT_INIT(1000);
	runtime->resv.runtime = true;
	runtime->process = task_tgid(current);
	runtime->started = 7;
	memset(runtime->command, 'c', TASK_COMM_LEN - 1);
	KUNIT_EXPECT_EQ(test, portres_put_reservation(msg, &runtime->resv, &reader), 0);
	KUNIT_EXPECT_EQ(test, nla_parse(attrs, PORTRES_A_MAX, (struct nlattr *)msg->data,
					msg->len, NULL, NULL), 0);

	KUNIT_EXPECT_TRUE(test, nla_get_flag(attrs[PORTRES_A_RUNTIME]));
	KUNIT_EXPECT_EQ(test, nla_get_u32(attrs[PORTRES_A_OWNER]), 1000);
	KUNIT_EXPECT_EQ(test, !!attrs[PORTRES_A_TOKEN], row->token);
	expect_process(test, attrs, row->process, runtime);
	nlmsg_free(msg);
}

static struct kunit_case netlink_cases[] = {
	KUNIT_CASE_PARAM(policy, attribute_gen_params),
	KUNIT_CASE_PARAM(length_of_name, name_length_gen_params),
	KUNIT_CASE_PARAM(privilege_is_asked, privilege_gen_params),
	KUNIT_CASE_PARAM(group_is_guarded, group_gen_params),
	KUNIT_CASE_PARAM(told_to_reader, reading_gen_params),
	KUNIT_CASE_PARAM(runtime_is_told_to_reader, runtime_gen_params),
	{}
};

static struct kunit_suite netlink_suite = {
	.name = "portres_netlink",
	.test_cases = netlink_cases,
};

kunit_test_suite(netlink_suite);
