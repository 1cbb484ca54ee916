// SPDX-License-Identifier: LGPL-2.1-or-later
/* Requests over generic netlink. With nllisten.c, all in the library that knows libnl. */
#include <errno.h>
#include <linux/genetlink.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "nllink.h"

#ifndef SOL_NETLINK
#define SOL_NETLINK 270
#endif

/* How often an answer is tried to be read. */
#define READ_ATTEMPTS 3

#define HEADERS (NLMSG_HDRLEN + GENL_HDRLEN)

/* The errors of libnl itself; those that the kernel answers never pass here. */
int portres_from_libnl(int error)
{
	static const int table[NLE_MAX + 1] = {
		[NLE_INTR] = EINTR,
		[NLE_BAD_SOCK] = EBADF,
		[NLE_AGAIN] = EAGAIN,
		[NLE_NOMEM] = ENOMEM,
		[NLE_INVAL] = EINVAL,
		[NLE_AF_NOSUPPORT] = EAFNOSUPPORT,
		[NLE_OBJ_NOTFOUND] = ENOSYS,	/* only a group is looked up by libnl */
		[NLE_NOADDR] = EADDRNOTAVAIL,
		[NLE_NOACCESS] = EACCES,
		[NLE_PERM] = EPERM,
		[NLE_BUSY] = EBUSY,
		[NLE_DUMP_INTR] = EINTR,
	};

	if (error < 0)
		error = -error;
	if (error > NLE_MAX || !table[error])
		return -EPROTO;
	return -table[error];
}

int portres_link_open(struct portres_link **link)
{
	struct portres_link *new = calloc(1, sizeof(*new));
	int on = 1;
	int error;
	int fd;

	if (!new)
		return -ENOMEM;
	new->sock = nl_socket_alloc();
	if (!new->sock) {
		free(new);
		return -ENOMEM;
	}
	errno = 0;
	error = genl_connect(new->sock);
	if (error) {
		/* libnl folds the shortage of files into its general failure. */
		error = errno == EMFILE || errno == ENFILE ? -errno : portres_from_libnl(error);
		portres_link_close(new);
		return error;
	}
	/*
	 * No look at each message before it is read: none is longer than libnl's buffer. The kernel
	 * fits those of a list to it.
	 */
	nl_socket_disable_msg_peek(new->sock);
	fd = nl_socket_get_fd(new->sock);
	setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	setsockopt(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof(on));
	*link = new;
	return 0;
}

void portres_link_close(struct portres_link *link)
{
	if (!link)
		return;
	nl_socket_free(link->sock);
	free(link);
}

/* One request on its way. */
struct exchange {
	struct portres *handle;
	const struct portres_attrs *attrs;
	portres_answer_fn *take;
	void *arg;
	int taken;		/* what take() said */
	int error;		/* the kernel's verdict */
	uint32_t number;	/* of the request */
	bool heard;		/* an answer, or a part of it */
	bool done;
	bool interrupted;
};

int portres_give(struct nl_msg *msg, portres_answer_fn *take, void *arg)
{
	struct nlmsghdr *header = nlmsg_hdr(msg);
	struct genlmsghdr *genl = nlmsg_data(header);

	if (nlmsg_datalen(header) < (int)GENL_HDRLEN)
		return -EPROTO;
	return take(genl->cmd, genlmsg_attrdata(genl, 0),
		    (size_t)genlmsg_attrlen(genl, 0), arg);
}

static int on_answer(struct nl_msg *msg, void *arg)
{
	struct exchange *x = arg;

	x->heard = true;
	/* Go on in any case: the verdict has to leave the socket. */
	if (x->take && !x->taken)
		x->taken = portres_give(msg, x->take, x->arg);
	return NL_OK;
}

static int on_ack(struct nl_msg *msg, void *arg)
{
	struct exchange *x = arg;

	(void)msg;
	x->done = true;
	return NL_STOP;
}

static void conclude(struct exchange *x, int error, const void *extra, size_t len)
{
	struct portres_extack extack;

	x->done = true;
	x->error = error;
	portres_read_extack(extra, len, &extack);
	portres_explain_extack(x->handle->text, error, &extack, x->attrs, HEADERS);
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
	conclude(arg, report->error, (const char *)report + skip, len - skip);
	return NL_STOP;
}

/* The end of a dump carries its verdict. */
static int on_finish(struct nl_msg *msg, void *arg)
{
	struct nlmsghdr *header = nlmsg_hdr(msg);
	size_t len = (size_t)nlmsg_datalen(header);
	struct exchange *x = arg;
	int error = 0;

	if (len >= sizeof(error))
		memcpy(&error, nlmsg_data(header), sizeof(error));
	if (error < 0 && header->nlmsg_flags & NLM_F_ACK_TLVS)
		conclude(x, error, (char *)nlmsg_data(header) + sizeof(error),
			 len - sizeof(error));
	else
		conclude(x, error < 0 ? error : 0, NULL, 0);
	return NL_STOP;
}

/* An answer to a request that was given up is nobody's. */
static int on_number(struct nl_msg *msg, void *arg)
{
	const struct exchange *x = arg;

	return nlmsg_hdr(msg)->nlmsg_seq == x->number ? NL_OK : NL_SKIP;
}

static int on_interrupted(struct nl_msg *msg, void *arg)
{
	struct exchange *x = arg;

	(void)msg;
	x->interrupted = true;
	return NL_OK;
}

static int post(struct exchange *x, int family, uint8_t command, int flags)
{
	struct portres_link *link = x->handle->link;
	struct nl_msg *msg = nlmsg_alloc();
	int error = -NLE_NOMEM;

	if (msg && genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, family, 0, flags, command,
			       PORTRES_GENL_VERSION)) {
		error = nlmsg_append(msg, (void *)(uintptr_t)x->attrs->data, x->attrs->len,
				     NLMSG_ALIGNTO);
		if (!error)
			error = nl_send_auto(link->sock, msg);
		x->number = nlmsg_hdr(msg)->nlmsg_seq;
	}
	nlmsg_free(msg);
	return error < 0 ? portres_from_libnl(error) : 0;
}

/*
 * Whether there is something to read. The kernel has answered before the request was sent: what
 * is not there by now has been lost.
 */
static bool answered(struct portres_link *link)
{
	struct pollfd answer = { .fd = nl_socket_get_fd(link->sock), .events = POLLIN };

	return RETRY(poll(&answer, 1, 0)) == 1 && answer.revents & POLLIN;
}

/*
 * When there is a verdict, libnl only repeats it in its own words. If there is none it has been
 * given nevertheless, so one failure to read is not the end; but from then on it may be lost.
 */
static int read_on(struct exchange *x, struct nl_cb *cb)
{
	struct portres_link *link = x->handle->link;
	int attempts = READ_ATTEMPTS;
	int error = 0;

	while (!x->done) {
		int got;

		if (error && !answered(link))
			return -ENOBUFS;
		got = nl_recvmsgs(link->sock, cb);
		if (got < 0 && !x->done) {
			error = portres_from_libnl(got);
			if (!--attempts)
				return error;
		}
	}
	return 0;
}

static int await(struct exchange *x)
{
	struct nl_cb *cb = nl_cb_alloc(NL_CB_DEFAULT);
	int error;

	if (!cb)
		return -ENOMEM;
	nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, on_answer, x);
	nl_cb_set(cb, NL_CB_ACK, NL_CB_CUSTOM, on_ack, x);
	nl_cb_set(cb, NL_CB_FINISH, NL_CB_CUSTOM, on_finish, x);
	nl_cb_set(cb, NL_CB_DUMP_INTR, NL_CB_CUSTOM, on_interrupted, x);
	nl_cb_set(cb, NL_CB_SEQ_CHECK, NL_CB_CUSTOM, on_number, x);
	nl_cb_err(cb, NL_CB_CUSTOM, on_error, x);
	error = read_on(x, cb);
	nl_cb_put(cb);
	return error;
}

static int attempt(struct exchange *x, int family, uint8_t command, int flags)
{
	int error;

	x->heard = false;
	x->done = false;
	x->interrupted = false;
	x->taken = 0;
	x->error = 0;
	x->handle->text[0] = '\0';
	error = post(x, family, command, flags);
	if (!error)
		error = await(x);
	/* What the kernel answers it has granted; an acknowledgment would add nothing. */
	if (x->heard && !(flags & NLM_F_DUMP))
		error = 0;
	if (error)
		return portres_explain(x->handle->text, error, NULL);
	if (x->error)
		return x->error;
	return portres_explain(x->handle->text, x->taken, NULL);
}

static int take_family(uint8_t command, const void *attrs, size_t len, void *arg)
{
	const struct nlattr *number = nla_find(attrs, (int)len, CTRL_ATTR_FAMILY_ID);

	(void)command;
	if (number && nla_len(number) == sizeof(uint16_t))
		*(int *)arg = nla_get_u16(number);
	return 0;
}

/* libnl's own look-up does not tell a module that is not there from memory that is not. */
static int look_up_family(struct portres *handle)
{
	struct portres_attrs attrs = { 0 };
	int family = 0;
	struct exchange x = {
		.handle = handle, .attrs = &attrs, .take = take_family, .arg = &family,
	};
	int error;

	portres_put_family(&attrs, PORTRES_GENL_NAME);
	error = attempt(&x, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, NLM_F_ACK);
	handle->link->family = family;
	if (!error && !family)
		error = -EPROTO;
	return portres_explain(handle->text, error == -ENOENT ? -ENOSYS : error, NULL);
}

static int exchange(struct exchange *x, enum portres_cmd command, int flags)
{
	struct portres_link *link = x->handle->link;
	char text[PORTRES_TEXT_MAX];
	int known = link->family;
	int error;

	if (known) {
		error = attempt(x, known, (uint8_t)command, flags);
		/* Also what netlink answers for a family that has gone. */
		if (error != -ENOENT)
			return error;
		memcpy(text, x->handle->text, sizeof(text));
	}
	error = look_up_family(x->handle);
	if (error)
		return error;
	if (link->family == known) {
		memcpy(x->handle->text, text, sizeof(text));
		return -ENOENT;
	}
	return attempt(x, link->family, (uint8_t)command, flags);
}

int portres_request(struct portres *handle, enum portres_cmd command,
		    const struct portres_attrs *attrs, portres_answer_fn *take, void *arg)
{
	struct exchange x = { .handle = handle, .attrs = attrs, .take = take, .arg = arg };

	return exchange(&x, command, NLM_F_ACK);
}

int portres_dump(struct portres *handle, enum portres_cmd command, portres_answer_fn *take,
		 void *arg)
{
	const struct portres_attrs none = { 0 };
	struct exchange x = { .handle = handle, .attrs = &none, .take = take, .arg = arg };
	int error = exchange(&x, command, NLM_F_DUMP);

	if (!error && x.interrupted)
		return -EINTR;
	return error;
}
