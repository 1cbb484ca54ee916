// SPDX-License-Identifier: LGPL-2.1-or-later
/* What the kernel is asked: making, ending and looking up reservations. */
#include <errno.h>
#include <stdlib.h>

#include "codec.h"
#include "internal.h"
#include "nlclient.h"

/* Enough for any storm of changes that ends. */
#define LIST_ATTEMPTS 100

static int take_one(uint8_t command, const void *attrs, size_t len, void *arg)
{
	(void)command;
	return portres_read_reservation(attrs, len, arg);
}

int portres_kernel_create(struct portres *handle, const struct portres_spec *spec,
			  uint64_t *token)
{
	struct portres_attrs attrs = { 0 };
	struct portres_reservation made = { 0 };
	int error;

	portres_put_spec(&attrs, spec);
	error = portres_request(handle, PORTRES_CMD_CREATE, &attrs, take_one, &made);
	if (error)
		return error;
	if (!PORTRES_HAS(&made, PORTRES_A_TOKEN))
		return portres_explain(handle->text, -EPROTO, NULL);
	if (token)
		*token = made.token;
	return 0;
}

int portres_kernel_delete(struct portres *handle, uint8_t protocol, uint16_t first,
			  uint16_t count)
{
	struct portres_attrs attrs = { 0 };
	int error;

	portres_put_block(&attrs, protocol, first, count);
	error = portres_request(handle, PORTRES_CMD_DELETE, &attrs, NULL, NULL);
	if (error != -ENOBUFS)
		return error;
	/* Whether it was carried out is lost. Then there is no such reservation any more. */
	error = portres_request(handle, PORTRES_CMD_DELETE, &attrs, NULL, NULL);
	return error == -ENOENT ? portres_explain(handle->text, 0, NULL) : error;
}

int portres_may_create(struct portres *handle)
{
	/*
	 * Without attributes nothing can be created. The kernel looks at the privilege
	 * first, and then misses them.
	 */
	const struct portres_attrs none = { 0 };
	int error = portres_request(handle, PORTRES_CMD_CREATE, &none, NULL, NULL);

	return error == -EINVAL ? portres_explain(handle->text, 0, NULL) : error;
}

static int get(struct portres *handle, const struct portres_attrs *attrs,
	       struct portres_reservation **reservation)
{
	struct portres_reservation *found = calloc(1, sizeof(*found));
	int error;

	if (!found)
		return portres_explain(handle->text, -ENOMEM, NULL);
	error = portres_request(handle, PORTRES_CMD_GET, attrs, take_one, found);
	if (!error && !found->count)
		error = portres_explain(handle->text, -EPROTO, NULL);
	if (error) {
		free(found);
		return error;
	}
	*reservation = found;
	return 0;
}

int portres_get_block(struct portres *handle, uint8_t protocol, uint16_t first,
		      uint16_t count, struct portres_reservation **reservation)
{
	struct portres_attrs attrs = { 0 };

	portres_put_block(&attrs, protocol, first, count);
	return get(handle, &attrs, reservation);
}

int portres_get_persistent(struct portres *handle, uint8_t protocol, uint16_t first,
			   uint16_t count, struct portres_reservation **reservation)
{
	struct portres_reservation *found = NULL;
	int error = portres_get_block(handle, protocol, first, count, &found);

	if (error)
		return error;
	if (portres_reservation_runtime(found)) {
		portres_reservation_free(found);
		return portres_explain(handle->text, -ENOENT, NULL);
	}
	*reservation = found;
	return 0;
}

int portres_get_port(struct portres *handle, uint8_t protocol, uint16_t port,
		     struct portres_reservation **reservation)
{
	struct portres_attrs attrs = { 0 };

	portres_put_port(&attrs, protocol, port);
	return get(handle, &attrs, reservation);
}

int portres_get_token(struct portres *handle, uint64_t token,
		      struct portres_reservation **reservation)
{
	struct portres_attrs attrs = { 0 };

	portres_put_token(&attrs, token);
	return get(handle, &attrs, reservation);
}

struct list {
	struct portres_reservation *items;
	size_t count;
	size_t room;
};

static int take_next(uint8_t command, const void *attrs, size_t len, void *arg)
{
	struct list *list = arg;
	int error;

	(void)command;
	if (list->count == list->room) {
		size_t room = list->room ? 2 * list->room : 16;
		void *items = reallocarray(list->items, room, sizeof(*list->items));

		if (!items)
			return -ENOMEM;
		list->items = items;
		list->room = room;
	}
	error = portres_read_reservation(attrs, len, &list->items[list->count]);
	if (!error)
		list->count++;
	return error;
}

int portres_for_each(struct portres *handle, portres_visit_fn *visit, void *arg)
{
	struct list list = { 0 };
	int attempts = LIST_ATTEMPTS;
	int error;
	size_t i;

	do {
		list.count = 0;
		error = portres_dump(handle, PORTRES_CMD_GET, take_next, &list);
	} while (error == -EINTR && --attempts);
	if (error == -EINTR)
		error = portres_explain(handle->text, -EAGAIN, NULL);
	for (i = 0; !error && i < list.count; i++)
		error = visit(&list.items[i], arg);
	free(list.items);
	return error;
}
