// SPDX-License-Identifier: GPL-2.0-only
/* What comes back of a message to the family, read without trust. */
#include "back.h"

#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>

#define PART 16384

static void take(struct resv *told, int type, const void *data, size_t len)
{
	told->has |= type < 32 ? 1U << type : 0;
	if (type == PORTRES_A_PROTOCOL && len == sizeof(told->protocol))
		memcpy(&told->protocol, data, len);
	else if (type == PORTRES_A_FIRST && len == sizeof(told->first))
		memcpy(&told->first, data, len);
	else if (type == PORTRES_A_COUNT && len == sizeof(told->count))
		memcpy(&told->count, data, len);
	else if (type == PORTRES_A_TOKEN && len == sizeof(told->token))
		memcpy(&told->token, data, len);
	else if (type == PORTRES_A_OWNER && len == sizeof(told->owner))
		memcpy(&told->owner, data, len);
}

static void take_message(const struct nlmsghdr *nl, struct back *back)
{
	const unsigned char *at = (const unsigned char *)nl + NLMSG_HDRLEN + GENL_HDRLEN;
	const unsigned char *end = (const unsigned char *)nl + nl->nlmsg_len;
	struct nlattr attr;

	back->cmd = ((const struct genlmsghdr *)NLMSG_DATA(nl))->cmd;
	memset(&back->told, 0, sizeof(back->told));
	while (at + sizeof(attr) <= end) {
		memcpy(&attr, at, sizeof(attr));
		if (attr.nla_len < NLA_HDRLEN || at + attr.nla_len > end)
			return wrong("an attribute of the answer is cut off");
		take(&back->told, attr.nla_type & NLA_TYPE_MASK, at + NLA_HDRLEN,
		     attr.nla_len - NLA_HDRLEN);
		at += NLA_ALIGN(attr.nla_len);
	}
}

int read_back(const struct client *client, struct back *back, int most)
{
	static unsigned char part[PART] __attribute__((aligned(4)));
	const struct nlmsghdr *nl;
	int parts = 0, error;
	ssize_t n;

	while (parts < most && (n = recv(client->fd, part, PART, MSG_DONTWAIT)) > 0) {
		parts++;
		for (nl = (void *)part; NLMSG_OK(nl, n); nl = NLMSG_NEXT(nl, n)) {
			back->interrupted |= !!(nl->nlmsg_flags & NLM_F_DUMP_INTR);
			if (nl->nlmsg_type == client->family) {
				take_message(nl, back);
			} else if (nl->nlmsg_type == NLMSG_ERROR || nl->nlmsg_type == NLMSG_DONE) {
				memcpy(&error, NLMSG_DATA(nl), sizeof(error));
				back->error = -error;
			}
		}
	}
	return parts;
}
