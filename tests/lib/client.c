// SPDX-License-Identifier: GPL-2.0-only
/* Sends requests to the module and reads what it answers. */
#include "client.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "refused_binds.h"
#include "tap.h"

struct message {
	struct nlmsghdr nl;
	struct genlmsghdr genl;
	char attrs[sizeof(((struct request *)0)->attrs)];
};

#define HEADERS offsetof(struct message, attrs)
/* Ten seconds at least. */
#define MAX_ATTEMPTS 1500
#define ATTEMPT_USEC 20000

#define MESSAGE_ALIGNED __attribute__((aligned(NLMSG_ALIGNTO)))

/* Calls @each(type, data, length, arg) for each attribute. */
void walk_attrs(const void *data, size_t len,
		void (*each)(int type, const void *data, size_t len, void *arg), void *arg)
{
	const char *at = data;
	struct nlattr attr;
	size_t step;

	while (len >= sizeof(attr)) {
		memcpy(&attr, at, sizeof(attr));
		if (attr.nla_len < sizeof(attr) || attr.nla_len > len)
			tap_bail("an attribute of a message is cut off");
		each(attr.nla_type & NLA_TYPE_MASK, at + NLA_HDRLEN, attr.nla_len - NLA_HDRLEN,
		     arg);
		step = NLA_ALIGN(attr.nla_len);
		if (step >= len)
			break;
		at += step;
		len -= step;
	}
}

void take_attr(int type, void *to, size_t size, const void *data, size_t len)
{
	if (len != size)
		tap_bail("attribute %d has %zu bytes, not %zu", type, len, size);
	memcpy(to, data, len);
}

void take_text(int type, char *to, size_t size, const void *data, size_t len)
{
	if (!len || len > size || ((const char *)data)[len - 1])
		tap_bail("text %d has %zu bytes or no end", type, len);
	memcpy(to, data, len);
}

static void parse_resv(int type, const void *data, size_t len, void *arg)
{
	struct resv *resv = arg;

	if (type > PORTRES_A_MAX)
		tap_bail("attribute %d is not in the contract", type);
	if (type != PORTRES_A_PAD && type != PORTRES_A_GRANT && type != PORTRES_A_REFUSAL &&
	    (resv->has & 1U << type))
		tap_bail("attribute %d is there twice", type);
	resv->has |= 1U << type;

	switch (type) {
	case PORTRES_A_PROTOCOL:
		return take_attr(type, &resv->protocol, sizeof(resv->protocol), data, len);
	case PORTRES_A_FIRST:
		return take_attr(type, &resv->first, sizeof(resv->first), data, len);
	case PORTRES_A_COUNT:
		return take_attr(type, &resv->count, sizeof(resv->count), data, len);
	case PORTRES_A_TOKEN:
		return take_attr(type, &resv->token, sizeof(resv->token), data, len);
	case PORTRES_A_OWNER:
		return take_attr(type, &resv->owner, sizeof(resv->owner), data, len);
	case PORTRES_A_REFUSED:
		return take_attr(type, &resv->refused, sizeof(resv->refused), data, len);
	case PORTRES_A_SOCKETS:
		return take_attr(type, &resv->sockets, sizeof(resv->sockets), data, len);
	case PORTRES_A_PROCESS:
		return take_attr(type, &resv->process, sizeof(resv->process), data, len);
	case PORTRES_A_RUNTIME:
		resv->runtime = true;
		return take_attr(type, &resv->runtime, 0, data, len);
	case PORTRES_A_NAME:
		return take_text(type, resv->name, sizeof(resv->name), data, len);
	case PORTRES_A_COMMAND:
		return take_text(type, resv->command, sizeof(resv->command), data, len);
	case PORTRES_A_PROCESS_START:
		return take_attr(type, &resv->process_start, sizeof(resv->process_start), data,
				 len);
	case PORTRES_A_BY_USER:
		return take_attr(type, &resv->by_user, sizeof(resv->by_user), data, len);
	case PORTRES_A_BY_PROCESS:
		return take_attr(type, &resv->by_process, sizeof(resv->by_process), data, len);
	case PORTRES_A_BY_COMMAND:
		return take_text(type, resv->by_command, sizeof(resv->by_command), data, len);
	case PORTRES_A_GRANT:
		return grants_take(data, len);
	case PORTRES_A_REFUSAL:
		return refusals_take(data, len);
	case PORTRES_A_AVOIDED:
		return take_attr(type, &resv->avoided, sizeof(resv->avoided), data, len);
	case PORTRES_A_LOST:
		return take_attr(type, &resv->lost, sizeof(resv->lost), data, len);
	case PORTRES_A_WAS_FIRST:
		return take_attr(type, &resv->was_first, sizeof(resv->was_first), data, len);
	case PORTRES_A_WAS_COUNT:
		return take_attr(type, &resv->was_count, sizeof(resv->was_count), data, len);
	case PORTRES_A_TREE:
		resv->tree = true;
		return take_attr(type, &resv->tree, 0, data, len);
	}
}

struct ack {
	const struct message *request;
	struct answer *answer;
};

static void parse_ack(int type, const void *data, size_t len, void *arg)
{
	const struct ack *ack = arg;
	struct answer *answer = ack->answer;
	struct nlattr attr;
	uint32_t value = 0;

	if (type == NLMSGERR_ATTR_MSG) {
		if (len > sizeof(answer->text))
			len = sizeof(answer->text);
		memcpy(answer->text, data, len);
		answer->text[sizeof(answer->text) - 1] = '\0';
		return;
	}
	if (len == sizeof(value))
		memcpy(&value, data, len);
	if (type == NLMSGERR_ATTR_OFFS) {
		if (value + sizeof(attr) > ack->request->nl.nlmsg_len)
			tap_bail("offset %u is outside of the request", value);
		memcpy(&attr, (const char *)ack->request + value, sizeof(attr));
		answer->offset = value;
		answer->bad_attr = attr.nla_type & NLA_TYPE_MASK;
	} else if (type == NLMSGERR_ATTR_MISS_TYPE) {
		answer->miss_attr = value;
	}
}

/* NLMSG_ERROR and NLMSG_DONE begin with an errno; with NETLINK_CAP_ACK attributes follow. */
static int end_of_answer(const struct nlmsghdr *nl, const struct message *request,
			 struct answer *answer)
{
	const char *payload = NLMSG_DATA(nl);
	size_t len = nl->nlmsg_len - NLMSG_HDRLEN;
	size_t skip = nl->nlmsg_type == NLMSG_DONE ? sizeof(int) : sizeof(struct nlmsgerr);
	struct ack ack = { .request = request, .answer = answer };
	int error;

	if (len < sizeof(error))
		tap_bail("an acknowledgement of %zu bytes", len);
	memcpy(&error, payload, sizeof(error));
	if (nl->nlmsg_flags & NLM_F_ACK_TLVS && len > skip)
		walk_attrs(payload + skip, len - skip, parse_ack, &ack);
	return -error;
}

static void take_message(const struct nlmsghdr *nl, struct answer *answer)
{
	const struct genlmsghdr *genl = NLMSG_DATA(nl);

	if (nl->nlmsg_len < HEADERS)
		tap_bail("a message of %u bytes", nl->nlmsg_len);
	memset(&answer->resv, 0, sizeof(answer->resv));
	grants_forget();
	refusals_forget();
	answer->cmd = genl->cmd;
	answer->messages++;
	walk_attrs((const char *)nl + HEADERS, nl->nlmsg_len - HEADERS, parse_resv,
		   &answer->resv);
	if (answer->each)
		answer->each(&answer->resv, answer->arg);
}

static int read_answer(struct client *c, const struct message *request, struct answer *answer)
{
	char buf[32768] MESSAGE_ALIGNED;

	for (;;) {
		ssize_t n = recv(c->fd, buf, sizeof(buf), MSG_TRUNC);
		const struct nlmsghdr *nl = (void *)buf;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno;
		if ((size_t)n > sizeof(buf))
			tap_bail("a datagram of %zd bytes does not fit", n);
		for (; NLMSG_OK(nl, n); nl = NLMSG_NEXT(nl, n)) {
			if (nl->nlmsg_seq != request->nl.nlmsg_seq)
				continue;
			answer->interrupted |= !!(nl->nlmsg_flags & NLM_F_DUMP_INTR);
			if (nl->nlmsg_type == NLMSG_ERROR || nl->nlmsg_type == NLMSG_DONE)
				return end_of_answer(nl, request, answer);
			take_message(nl, answer);
		}
	}
}

static int call(struct client *c, const struct request *rq, struct answer *answer)
{
	struct message message;
	ssize_t n;

	memset(&message, 0, HEADERS);
	message.nl.nlmsg_len = HEADERS + rq->len;
	message.nl.nlmsg_type = c->family;
	message.nl.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | rq->flags;
	message.nl.nlmsg_seq = ++c->seq;
	message.genl.cmd = rq->cmd;
	message.genl.version = PORTRES_GENL_VERSION;
	memcpy(message.attrs, rq->attrs, rq->len);
	n = send(c->fd, &message, message.nl.nlmsg_len, 0);
	if (n < 0)
		return errno;
	return read_answer(c, &message, answer);
}

/* The kernel may not be able to create right after the module was loaded. It says why. */
static bool try_again(const struct client *c, const struct request *rq,
		      const struct answer *answer, int attempt)
{
	bool waits = rq->cmd == PORTRES_CMD_CREATE || rq->cmd == PORTRES_CMD_SET;

	if (!waits || !answer->text[0] || c->impatient || attempt == MAX_ATTEMPTS)
		return false;
	usleep(ATTEMPT_USEC);
	return true;
}

int client_call(struct client *c, const struct request *rq, struct answer *answer)
{
	struct answer own = { 0 };
	struct answer clean = { .bad_attr = -1, .miss_attr = -1 };
	int attempt = 0, error;

	if (!answer)
		answer = &own;
	clean.each = answer->each;
	clean.arg = answer->arg;
	do {
		*answer = clean;
		error = call(c, rq, answer);
	} while (error == EAGAIN && try_again(c, rq, answer, ++attempt));
	return error;
}

int client_open_other(struct client *c, const char *family)
{
	static const int options[] = { NETLINK_EXT_ACK, NETLINK_CAP_ACK, NETLINK_GET_STRICT_CHK };
	const int one = 1;
	size_t i;
	int error;

	memset(c, 0, sizeof(*c));
	c->protocol = IPPROTO_UDP;
	c->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	if (c->fd < 0)
		tap_bail("no netlink socket: %s", strerror(errno));
	for (i = 0; i < sizeof(options) / sizeof(*options); i++) {
		if (setsockopt(c->fd, SOL_NETLINK, options[i], &one, sizeof(one)))
			tap_bail("netlink option %d: %s", options[i], strerror(errno));
	}
	error = client_find_family(c, family);
	if (error)
		client_close(c);
	return error;
}

int client_open(struct client *c)
{
	return client_open_other(c, PORTRES_GENL_NAME);
}

void client_close(struct client *c)
{
	close(c->fd);
	c->fd = -1;
}

static int join(struct client *c, uint32_t group)
{
	return setsockopt(c->fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)) ?
	       errno : 0;
}

int client_subscribe(struct client *c)
{
	return join(c, c->changes);
}

int client_subscribe_admin(struct client *c)
{
	return join(c, c->admin);
}

int client_subscribe_refusals(struct client *c)
{
	return join(c, c->refusals);
}

int client_event(struct client *c, int milliseconds, int *cmd, struct resv *resv)
{
	char buf[32768] MESSAGE_ALIGNED;
	struct pollfd poll_fd = { .fd = c->fd, .events = POLLIN };
	struct nlmsghdr *nl = (void *)buf;
	struct answer answer = { 0 };
	ssize_t n;

	if (poll(&poll_fd, 1, milliseconds) != 1)
		return ETIME;
	n = recv(c->fd, buf, sizeof(buf), 0);
	if (n < 0)
		return errno;
	if (!NLMSG_OK(nl, n) || nl->nlmsg_type != c->family)
		return EBADMSG;
	take_message(nl, &answer);
	*cmd = answer.cmd;
	*resv = answer.resv;
	return 0;
}
