// SPDX-License-Identifier: LGPL-2.1-or-later
/* The socket of libnl, its errors and its messages. */
#include <errno.h>
#include <linux/genetlink.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "error.h"
#include "nllink.h"

#ifndef SOL_NETLINK
#define SOL_NETLINK 270
#endif

/* Errors of libnl itself. Errors in acknowledgments do not pass here. */
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

	error = portres_errno_of(error);
	if (error > NLE_MAX || !table[error])
		return -EPROTO;
	return -table[error];
}

int portres_link_open(struct portres_link **link, char *text)
{
	struct portres_link *new = calloc(1, sizeof(*new));
	int on = 1;
	int error;
	int fd;

	if (!new)
		return -ENOMEM;
	new->text = text;
	new->sock = nl_socket_alloc();
	if (!new->sock) {
		free(new);
		return -ENOMEM;
	}
	errno = 0;
	error = genl_connect(new->sock);
	if (error) {
		/* libnl reports a lack of descriptors as a general failure. */
		error = errno == EMFILE || errno == ENFILE ? -errno : portres_from_libnl(error);
		portres_link_close(new);
		return error;
	}
	/*
	 * Do not peek at the size of each message: none is longer than the buffer of libnl, to
	 * which the kernel fits the messages of a dump.
	 */
	nl_socket_disable_msg_peek(new->sock);
	/* Those requests ask for one that have no reply. */
	nl_socket_disable_auto_ack(new->sock);
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
	nl_cb_put(link->requests);
	free(link);
}

int portres_link_deliver(struct nl_msg *msg, portres_reply_fn take, void *arg)
{
	struct nlmsghdr *header = nlmsg_hdr(msg);
	struct genlmsghdr *genl = nlmsg_data(header);

	if (nlmsg_datalen(header) < (int)GENL_HDRLEN)
		return -EPROTO;
	return take(genl->cmd, genlmsg_attrdata(genl, 0),
		    (size_t)genlmsg_attrlen(genl, 0), arg);
}
