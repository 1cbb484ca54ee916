// SPDX-License-Identifier: GPL-2.0-only
/* Sends a request for a dump and reads the replies. */
#include <linux/genetlink.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/netlink.h>
#include <string.h>

#include "ask.h"
#include "text.h"

struct ask {
	ask_visit_fn *visit;
	void *arg;
	int header;		/* bytes in front of the attributes */
	bool links;
	bool done;
};

static int on_message(struct nl_msg *msg, void *arg)
{
	struct nlmsghdr *header = nlmsg_hdr(msg);
	struct nlattr *attrs[ASK_ATTRS] = { NULL };
	struct ask *ask = arg;
	struct nlattr *attr;
	int left;

	if (!nlmsg_valid_hdr(header, ask->header))
		return NL_OK;
	if (ask->links && !(((struct ifinfomsg *)nlmsg_data(header))->ifi_flags & IFF_UP))
		return NL_OK;
	nlmsg_for_each_attr(attr, header, ask->header, left)
		if (nla_type(attr) < ASK_ATTRS)
			attrs[nla_type(attr)] = attr;
	ask->visit(attrs, ask->arg);
	return NL_OK;
}

static int on_end(struct nl_msg *msg, void *arg)
{
	(void)msg;
	((struct ask *)arg)->done = true;
	return NL_STOP;
}

static int on_error(struct sockaddr_nl *from, struct nlmsgerr *report, void *arg)
{
	(void)from;
	(void)report;
	((struct ask *)arg)->done = true;
	return NL_STOP;
}

/* Sends the request, which is freed, and reads all replies. */
static void ask_run(int protocol, struct nl_msg *request, struct ask *ask)
{
	struct nl_sock *sock = check_alloc(nl_socket_alloc());

	nl_socket_modify_cb(sock, NL_CB_VALID, NL_CB_CUSTOM, on_message, ask);
	nl_socket_modify_cb(sock, NL_CB_FINISH, NL_CB_CUSTOM, on_end, ask);
	nl_socket_modify_cb(sock, NL_CB_ACK, NL_CB_CUSTOM, on_end, ask);
	nl_socket_modify_err_cb(sock, NL_CB_CUSTOM, on_error, ask);
	if (nl_connect(sock, protocol) == 0 && nl_send_auto(sock, request) >= 0)
		while (!ask->done && nl_recvmsgs_default(sock) >= 0)
			;
	nlmsg_free(request);
	nl_socket_free(sock);
}

void ask_links(ask_visit_fn *visit, void *arg)
{
	struct ask ask = { visit, arg, sizeof(struct ifinfomsg), true, false };
	struct ifinfomsg info = { .ifi_family = AF_UNSPEC };
	struct nl_msg *request =
		check_alloc(nlmsg_alloc_simple(RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP));

	nlmsg_append(request, &info, sizeof(info), NLMSG_ALIGNTO);
	ask_run(NETLINK_ROUTE, request, &ask);
}

static struct nl_msg *new_request(int type, int flags, uint8_t command, uint8_t version)
{
	struct nl_msg *request = check_alloc(nlmsg_alloc_simple(type, NLM_F_REQUEST | flags));
	struct genlmsghdr header = { .cmd = command, .version = version };

	nlmsg_append(request, &header, sizeof(header), NLMSG_ALIGNTO);
	return request;
}

struct family_search {
	const char *name;
	int number;
};

static void take_family(struct nlattr *const attrs[ASK_ATTRS], void *arg)
{
	const struct nlattr *name = attrs[CTRL_ATTR_FAMILY_NAME];
	struct family_search *search = arg;

	if (name && attrs[CTRL_ATTR_FAMILY_ID] && nla_strcmp(name, search->name) == 0)
		search->number = nla_get_u16(attrs[CTRL_ATTR_FAMILY_ID]);
}

/* The number of a family, 0 if there is none. A request by its name would load its module. */
static int find_family(const char *name)
{
	struct family_search search = { .name = name };
	struct ask ask = { take_family, &search, GENL_HDRLEN, false, false };

	ask_run(NETLINK_GENERIC, new_request(GENL_ID_CTRL, NLM_F_DUMP, CTRL_CMD_GETFAMILY, 1),
		&ask);
	return search.number;
}

void ask_family(const struct ask_family *family, uint32_t number, ask_visit_fn *visit, void *arg)
{
	struct ask ask = { visit, arg, GENL_HDRLEN, false, false };
	struct nl_msg *request;
	int id = find_family(family->name);

	if (!id)
		return;
	request = new_request(id, NLM_F_DUMP, family->command, family->version);
	if (family->attr)
		nla_put_u32(request, family->attr, number);
	ask_run(NETLINK_GENERIC, request, &ask);
}
