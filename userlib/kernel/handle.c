// SPDX-License-Identifier: LGPL-2.1-or-later
/* Opening and closing the handle. */
#include <errno.h>
#include <stdlib.h>

#include "handle.h"
#include "nllink.h"
#include "retry.h"

int portres_open(struct portres **handle)
{
	struct portres *new = calloc(1, sizeof(*new));
	int error;

	if (!new)
		return -ENOMEM;
	error = portres_link_open(&new->link, new->text);
	if (error) {
		free(new);
		return error;
	}
	portres_netns_current(&new->netns);
	new->timeout = PORTRES_TIMEOUT;
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

void portres_set_timeout(struct portres *handle, int milliseconds)
{
	handle->timeout = milliseconds;
}

const char *portres_error(const struct portres *handle)
{
	return handle->text;
}
