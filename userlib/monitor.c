// SPDX-License-Identifier: LGPL-2.1-or-later
/* Hearing of changes. */
#include <errno.h>
#include <stdlib.h>

#include "codec.h"
#include "internal.h"
#include "nlclient.h"

struct portres_monitor {
	struct portres_link *link;
	char text[PORTRES_TEXT_MAX];
};

int portres_monitor_open(struct portres *handle, struct portres_monitor **monitor)
{
	struct portres_monitor *new = calloc(1, sizeof(*new));
	int error;

	if (!new)
		return portres_explain(handle->text, -ENOMEM, NULL);
	error = portres_listen(handle, &new->link);
	if (error) {
		free(new);
		return error;
	}
	*monitor = new;
	return 0;
}

void portres_monitor_close(struct portres_monitor *monitor)
{
	if (!monitor)
		return;
	portres_link_close(monitor->link);
	free(monitor);
}

int portres_monitor_fd(const struct portres_monitor *monitor)
{
	return portres_link_fd(monitor->link);
}

const char *portres_monitor_error(const struct portres_monitor *monitor)
{
	return monitor->text;
}

struct listener {
	portres_event_fn *tell;
	void *arg;
};

static int take_event(uint8_t command, const void *attrs, size_t len, void *arg)
{
	const struct listener *listener = arg;
	struct portres_reservation reservation;
	enum portres_event event;
	int error;

	switch (command) {
	case PORTRES_CMD_UNSPEC:
		listener->tell(PORTRES_EVENT_MISSED, NULL, listener->arg);
		return 0;
	case PORTRES_CMD_CREATED:
		event = PORTRES_EVENT_CREATED;
		break;
	case PORTRES_CMD_DELETED:
		event = PORTRES_EVENT_DELETED;
		break;
	default:
		return 0;	/* of a newer kernel */
	}
	error = portres_read_reservation(attrs, len, &reservation);
	if (!error)
		listener->tell(event, &reservation, listener->arg);
	return error;
}

int portres_monitor_receive(struct portres_monitor *monitor, portres_event_fn *tell,
			    void *arg)
{
	struct listener listener = { tell, arg };

	return portres_explain(monitor->text,
			       portres_hear(monitor->link, take_event, &listener), NULL);
}
