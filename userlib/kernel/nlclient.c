// SPDX-License-Identifier: LGPL-2.1-or-later
/* Requests over generic netlink. Only this file, nllink.c and nllisten.c know libnl. */
#include <errno.h>
#include <linux/genetlink.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>
#include <poll.h>
#include <string.h>

#include "interrupt.h"
#include "nlclient.h"

/* Failed reads of a reply before a request fails. */
#define READ_ATTEMPTS 3

#define HEADERS (NLMSG_HDRLEN + GENL_HDRLEN)

/* One request and its reply. */
struct portres_exchange {
	struct portres_link *link;
	const struct portres_attrs *attrs;
	portres_reply_fn take;
	void *arg;
	int taken;		/* result of take() */
	int error;		/* from the acknowledgment */
	uint32_t number;	/* of the request */
	bool by_reply;		/* a reply ends it, else the acknowledgment or the end of a dump */
	bool done;
	bool interrupted;
};

static struct portres_exchange *exchange_of(void *link)
{
	return ((struct portres_link *)link)->exchange;
}

static int on_reply(struct nl_msg *msg, void *arg)
{
	struct portres_exchange *x = exchange_of(arg);

	x->done = x->by_reply;
	/* After a failure of take(), continue: the end of a dump is still in the socket. */
	if (x->take && !x->taken)
		x->taken = portres_link_deliver(msg, x->take, x->arg);
	return NL_OK;
}

static int on_ack(struct nl_msg *msg, void *arg)
{
	struct portres_exchange *x = exchange_of(arg);

	(void)msg;
	x->done = true;
	return NL_STOP;
}

static void set_result(struct portres_exchange *x, int error, const void *extra, size_t len)
{
	struct portres_extack extack;

	x->done = true;
	x->error = error;
	portres_read_extack(extra, len, &extack);
	portres_set_extack_error(x->link->text, error, &extack, x->attrs, HEADERS);
}

static int on_error(struct sockaddr_nl *from, struct nlmsgerr *report, void *arg)
{
	const struct nlmsghdr *header =
		(const struct nlmsghdr *)((const char *)report - NLMSG_HDRLEN);
	size_t skip = sizeof(*report);
	size_t len = header->nlmsg_len - (size_t)NLMSG_HDRLEN;

	(void)from;
	if (!(header->nlmsg_flags & NLM_F_CAPPED))
		skip += NLMSG_ALIGN(report->msg.nlmsg_len) - (size_t)NLMSG_HDRLEN;
	if (!(header->nlmsg_flags & NLM_F_ACK_TLVS) || skip > len)
		skip = len;
	set_result(exchange_of(arg), report->error, (const char *)report + skip, len - skip);
	return NL_STOP;
}

/* NLMSG_DONE carries the final status of a dump. */
static int on_finish(struct nl_msg *msg, void *arg)
{
	struct nlmsghdr *header = nlmsg_hdr(msg);
	size_t len = (size_t)nlmsg_datalen(header);
	struct portres_exchange *x = exchange_of(arg);
	int error = 0;

	if (len >= sizeof(error))
		memcpy(&error, nlmsg_data(header), sizeof(error));
	if (error < 0 && header->nlmsg_flags & NLM_F_ACK_TLVS)
		set_result(x, error, (char *)nlmsg_data(header) + sizeof(error),
			   len - sizeof(error));
	else
		set_result(x, error < 0 ? error : 0, NULL, 0);
	return NL_STOP;
}

/* Skip replies to an earlier request that was given up. */
static int on_number(struct nl_msg *msg, void *arg)
{
	const struct portres_exchange *x = exchange_of(arg);

	return nlmsg_hdr(msg)->nlmsg_seq == x->number ? NL_OK : NL_SKIP;
}

static int on_interrupted(struct nl_msg *msg, void *arg)
{
	struct portres_exchange *x = exchange_of(arg);

	(void)msg;
	x->interrupted = true;
	return NL_OK;
}

static int send_request(struct portres_exchange *x, int family, uint8_t command, int flags)
{
	/* nlmsg_alloc() would clear a page. */
	struct nl_msg *msg = nlmsg_alloc_size(HEADERS + NLMSG_ALIGN(x->attrs->len));
	int error = -NLE_NOMEM;

	if (msg && genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, family, 0, flags, command,
			       PORTRES_GENL_VERSION)) {
		error = nlmsg_append(msg, (void *)(uintptr_t)x->attrs->data, x->attrs->len,
				     NLMSG_ALIGNTO);
		if (!error)
			error = nl_send_auto(x->link->sock, msg);
		x->number = nlmsg_hdr(msg)->nlmsg_seq;
	}
	nlmsg_free(msg);
	return error < 0 ? portres_from_libnl(error) : 0;
}

/*
 * Check whether a reply can be read. The kernel queues it before the system call that sends the
 * request returns: a reply that is not there now was lost.
 */
static bool has_reply(struct portres_link *link)
{
	struct pollfd answer = { .fd = nl_socket_get_fd(link->sock), .events = POLLIN };

	return RETRY(poll(&answer, 1, 0)) == 1 && answer.revents & POLLIN;
}

/*
 * After an acknowledgment the error of libnl only repeats it. Without one the kernel has still
 * queued it, so a failed read is repeated; from then on the acknowledgment may have been lost.
 */
static int receive_reply(struct portres_exchange *x)
{
	int attempts = READ_ATTEMPTS;
	int error = 0;

	while (!x->done) {
		int got;

		if (error && !has_reply(x->link))
			return -ENOBUFS;
		got = nl_recvmsgs(x->link->sock, x->link->requests);
		if (got < 0 && !x->done) {
			error = portres_from_libnl(got);
			if (!--attempts)
				return error;
		}
	}
	return 0;
}

/* The callbacks are the same for all requests of a link. */
static int prepare_callbacks(struct portres_link *link)
{
	struct nl_cb *cb = link->requests;

	if (cb)
		return 0;
	cb = nl_cb_alloc(NL_CB_DEFAULT);
	if (!cb)
		return -ENOMEM;
	nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, on_reply, link);
	nl_cb_set(cb, NL_CB_ACK, NL_CB_CUSTOM, on_ack, link);
	nl_cb_set(cb, NL_CB_FINISH, NL_CB_CUSTOM, on_finish, link);
	nl_cb_set(cb, NL_CB_DUMP_INTR, NL_CB_CUSTOM, on_interrupted, link);
	nl_cb_set(cb, NL_CB_SEQ_CHECK, NL_CB_CUSTOM, on_number, link);
	nl_cb_err(cb, NL_CB_CUSTOM, on_error, link);
	link->requests = cb;
	return 0;
}

static int transact(struct portres_exchange *x, int family, uint8_t command, int flags)
{
	int error;

	x->by_reply = !(flags & (NLM_F_ACK | NLM_F_DUMP));
	x->done = false;
	x->interrupted = false;
	x->taken = 0;
	x->error = 0;
	x->link->text[0] = '\0';
	x->link->exchange = x;
	error = prepare_callbacks(x->link);
	if (!error)
		error = send_request(x, family, command, flags);
	if (!error)
		error = receive_reply(x);
	if (error)
		return portres_set_error(x->link->text, error, NULL);
	if (x->error)
		return x->error;
	return portres_set_error(x->link->text, x->taken, NULL);
}

static int read_family(uint8_t command, const void *attrs, size_t len, void *arg)
{
	const struct nlattr *number = nla_find(attrs, (int)len, CTRL_ATTR_FAMILY_ID);

	(void)command;
	if (number && nla_len(number) == sizeof(uint16_t))
		*(int *)arg = nla_get_u16(number);
	return 0;
}

/* libnl's own lookup returns the same error for a missing module and a lack of memory. */
static int resolve_family(struct portres_link *link)
{
	struct portres_attrs attrs = { 0 };
	int family = 0;
	struct portres_exchange x = {
		.link = link, .attrs = &attrs, .take = read_family, .arg = &family,
	};
	int error;

	portres_put_family(&attrs, PORTRES_GENL_NAME);
	error = transact(&x, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 0);
	link->family = family;
	if (!error && !family)
		error = -EPROTO;
	return portres_set_error(link->text, error == -ENOENT ? -ENOSYS : error, NULL);
}

static int exchange_run(struct portres_exchange *x, enum portres_cmd command, int flags)
{
	struct portres_link *link = x->link;
	char text[PORTRES_TEXT_MAX];
	int known = link->family;
	int error;

	if (known) {
		error = transact(x, known, (uint8_t)command, flags);
		/* Generic netlink also returns ENOENT for a family that is gone. */
		if (error != -ENOENT)
			return error;
		memcpy(text, link->text, sizeof(text));
	}
	error = resolve_family(link);
	if (error)
		return error;
	if (link->family == known) {
		memcpy(link->text, text, sizeof(text));
		return -ENOENT;
	}
	return transact(x, link->family, (uint8_t)command, flags);
}

int portres_request(struct portres_link *link, enum portres_cmd command,
		    const struct portres_attrs *attrs, portres_reply_fn take, void *arg)
{
	struct portres_exchange x = { .link = link, .attrs = attrs, .take = take, .arg = arg };

	/* The kernel replies only to a request that succeeded: an acknowledgment adds nothing. */
	return exchange_run(&x, command, take ? 0 : NLM_F_ACK);
}

int portres_dump(struct portres_link *link, enum portres_cmd command, portres_reply_fn take,
		 void *arg)
{
	const struct portres_attrs none = { 0 };
	struct portres_exchange x = { .link = link, .attrs = &none, .take = take, .arg = arg };
	int error = exchange_run(&x, command, NLM_F_DUMP);

	if (!error && x.interrupted)
		return -EINTR;
	return error;
}
