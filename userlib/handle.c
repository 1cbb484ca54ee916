// SPDX-License-Identifier: LGPL-2.1-or-later
/* The handle, and the texts of errors. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"
#include "netns.h"
#include "nlclient.h"

static const struct {
	int error;
	const char *text;
} texts[] = {
	{ EPERM, "that needs CAP_NET_ADMIN over the network namespace" },
	{ EACCES, "the reservation is for another user or process, or the ports need "
		  "CAP_NET_BIND_SERVICE" },
	{ ENOENT, "there is no such reservation" },
	{ EEXIST, "the block overlaps a reservation that stands" },
	{ EADDRINUSE, "a port of the block is in use, or no block of that size is free" },
	{ EDQUOT, "the user holds as many ports, or runtime reservations, as net.portres allows" },
	{ ESRCH, "the process cannot be seen from here" },
	{ EPROTONOSUPPORT, "only UDP ports can be reserved" },
	{ ENOSYS, "the kernel has no portres: load the module with \"modprobe portres\"" },
	{ EOPNOTSUPP, "not a UDP socket, or more than this portres module can do" },
	{ EAGAIN, "the reservations change too fast to list them: try again" },
	{ EPROTO, "the kernel gave an answer that cannot be understood" },
	{ EINVAL, "a value is not acceptable" },
	{ ERANGE, "a number is out of its range" },
};

int portres_open(struct portres **handle)
{
	struct portres *new = calloc(1, sizeof(*new));
	int error;

	if (!new)
		return -ENOMEM;
	error = portres_link_open(&new->link);
	if (error) {
		free(new);
		return error;
	}
	portres_netns_note(&new->netns);
	*handle = new;
	return 0;
}

void portres_close(struct portres *handle)
{
	if (!handle)
		return;
	portres_link_close(handle->link);
	free(handle->root);
	free(handle->place);
	free(handle);
}

const char *portres_error(const struct portres *handle)
{
	return handle->text;
}

/* strerror() is not safe in threads, and the texts of libc are in its locale. */
const char *portres_errno_text(int error)
{
	const char *text = strerrordesc_np(error < 0 ? -error : error);

	return text ? text : "unknown error";
}

const char *portres_strerror(int error)
{
	size_t i;

	if (error < 0)
		error = -error;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (texts[i].error == error)
			return texts[i].text;
	return portres_errno_text(error);
}

int portres_explain(char text[PORTRES_TEXT_MAX], int error, const char *format, ...)
{
	va_list args;

	if (!error) {
		text[0] = '\0';
	} else if (!format) {
		snprintf(text, PORTRES_TEXT_MAX, "%s", portres_strerror(error));
	} else {
		va_start(args, format);
		vsnprintf(text, PORTRES_TEXT_MAX, format, args);
		va_end(args);
	}
	return error;
}
