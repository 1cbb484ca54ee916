// SPDX-License-Identifier: LGPL-2.1-or-later
/* Error messages. */
#include <errno.h>
#include <limits.h>
#include <portres/portres.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "error.h"

static const struct {
	int error;
	const char *text;
} texts[] = {
	{ EPERM, "permission denied: this needs CAP_NET_ADMIN over the network namespace, or a BPF "
		 "program of the cgroup refuses the ports" },
	{ EACCES, "the reservation is for another user or process, or the ports need "
		  "CAP_NET_BIND_SERVICE" },
	{ ENOENT, "no such reservation" },
	{ EEXIST, "block overlaps an existing reservation" },
	{ EBUSY, "the block is one half of a reservation in both protocols: name both" },
	{ EADDRINUSE, "a port of the block is in use, or no block of that size is free" },
	{ EDQUOT, "limit reached: the user has as many ports or runtime reservations as "
		  "net.portres allows" },
	{ ESRCH, "the process is not visible in this pid namespace" },
	{ EPROTONOSUPPORT, "only UDP and TCP ports can be reserved; the loaded portres module may "
			   "be one that knows UDP alone" },
	{ ENOSYS, "the kernel has no portres: load the module with \"modprobe portres\"" },
	{ EOPNOTSUPP, "not a UDP or TCP socket, or the loaded portres module does not support the "
		      "request" },
	{ EAGAIN, "not possible yet, as the portres module was just loaded or reservations are "
		  "changing: try again" },
	{ EPROTO, "invalid reply from the portres module: check that library and module versions "
		  "match" },
	{ EINVAL, "invalid value" },
	{ ERANGE, "number out of range" },
};

int portres_errno_of(int error)
{
	/* -INT_MIN overflows. */
	if (error >= 0)
		return error;
	return error < -INT_MAX ? INT_MAX : -error;
}

/* strerror() is not thread-safe and depends on the locale. */
const char *portres_errno_text(int error)
{
	const char *text = strerrordesc_np(portres_errno_of(error));

	return text ? text : "unknown error";
}

const char *portres_strerror(int error)
{
	size_t i;

	error = portres_errno_of(error);
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (texts[i].error == error)
			return texts[i].text;
	return portres_errno_text(error);
}

int portres_set_error(char text[PORTRES_TEXT_MAX], int error, const char *format, ...)
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
