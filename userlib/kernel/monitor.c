// SPDX-License-Identifier: LGPL-2.1-or-later
/* Monitors: notifications of changes and of refused binds, as events. */
#include <errno.h>
#include <stdlib.h>

#include "codec.h"
#include "handle.h"
#include "nllisten.h"
#include "refusals.h"

struct portres_monitor {
	struct portres_link *link;
	portres_refusal_fn *tell_refusal;
	void *refusal_arg;
	char text[PORTRES_TEXT_MAX];
};

int portres_monitor_open(struct portres *handle, struct portres_monitor **monitor)
{
	struct portres_monitor *new = calloc(1, sizeof(*new));
	int error;

	if (!new)
		return portres_set_error(handle->text, -ENOMEM, NULL);
	error = portres_listen_open(&new->link);
	if (error)
		free(new);
	else
		*monitor = new;
	return portres_set_error(handle->text, error, NULL);
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

int portres_monitor_refusals(struct portres_monitor *monitor, portres_refusal_fn *tell, void *arg)
{
	monitor->tell_refusal = tell;
	monitor->refusal_arg = arg;
	return portres_set_error(monitor->text, portres_listen_refusals(monitor->link, tell), NULL);
}

struct monitor_visitor {
	const struct portres_monitor *monitor;
	portres_event_fn *tell;
	void *arg;
};

static int on_refusals(const struct portres_monitor *monitor, const void *attrs, size_t len)
{
	struct portres_refusals refusals;
	unsigned int i;
	int error;

	if (!monitor->tell_refusal)
		return 0;
	error = portres_read_refusals(attrs, len, &refusals);
	if (error)
		return error;
	for (i = 0; i < refusals.count; i++)
		monitor->tell_refusal(&refusals.items[i], 0, monitor->refusal_arg);
	if (refusals.lost)
		monitor->tell_refusal(NULL, refusals.lost, monitor->refusal_arg);
	return 0;
}

static int on_notification(uint8_t command, const void *attrs, size_t len, void *arg)
{
	const struct monitor_visitor *visitor = arg;
	struct portres_reservation reservation;
	enum portres_event event;
	int error;

	switch (command) {
	case PORTRES_CMD_UNSPEC:
		visitor->tell(PORTRES_EVENT_MISSED, NULL, visitor->arg);
		return 0;
	case PORTRES_CMD_CREATED:
		event = PORTRES_EVENT_CREATED;
		break;
	case PORTRES_CMD_DELETED:
		event = PORTRES_EVENT_DELETED;
		break;
	case PORTRES_CMD_CHANGED:
		event = PORTRES_EVENT_CHANGED;
		break;
	case PORTRES_CMD_REFUSED:
		return on_refusals(visitor->monitor, attrs, len);
	default:
		return 0;	/* a command of a newer kernel */
	}
	error = portres_read_reservation(attrs, len, &reservation);
	if (error)
		return error;
	visitor->tell(event, &reservation, visitor->arg);
	portres_reservation_clear(&reservation);
	return 0;
}

int portres_monitor_receive(struct portres_monitor *monitor, portres_event_fn *tell,
			    void *arg)
{
	struct monitor_visitor visitor = { monitor, tell, arg };

	return portres_set_error(monitor->text,
				 portres_listen_receive(monitor->link, on_notification, &visitor),
				 NULL);
}
