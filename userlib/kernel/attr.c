// SPDX-License-Identifier: LGPL-2.1-or-later
/* Attributes of a message, one after the other. Pure: no I/O. */
#include <linux/netlink.h>
#include <string.h>

#include "attr.h"

bool portres_attr_next(struct portres_cursor *cursor, struct portres_attribute *attr)
{
	struct nlattr head;
	size_t step;

	if (cursor->left < NLA_HDRLEN)
		return false;
	memcpy(&head, cursor->at, sizeof(head));
	if (head.nla_len < NLA_HDRLEN || head.nla_len > cursor->left)
		return false;
	attr->type = head.nla_type & NLA_TYPE_MASK;
	attr->value = cursor->at + NLA_HDRLEN;
	attr->len = head.nla_len - (size_t)NLA_HDRLEN;
	step = NLA_ALIGN((size_t)head.nla_len);
	if (step > cursor->left)
		step = cursor->left;
	cursor->at += step;
	cursor->left -= step;
	return true;
}

bool portres_attr_read(const struct portres_attribute *attr, void *value, size_t len)
{
	if (attr->len != len)
		return false;
	memcpy(value, attr->value, len);
	return true;
}

bool portres_attr_read_string(const struct portres_attribute *attr, char *string, size_t size)
{
	size_t len = strnlen((const char *)attr->value, attr->len);

	if (len >= size)
		return false;
	memcpy(string, attr->value, len);
	string[len] = '\0';
	return true;
}

bool portres_attr_read_pid(const struct portres_attribute *attr, uint32_t *process)
{
	return portres_attr_read(attr, process, sizeof(*process)) && *process <= INT32_MAX;
}
