// SPDX-License-Identifier: LGPL-2.1-or-later
/* Requests to create, delete and look up reservations in the kernel. */
#include <errno.h>
#include <stdlib.h>

#include "codec.h"
#include "nlclient.h"
#include "reserve.h"

/* Dumps that changes may interrupt before the list fails. */
#define LIST_ATTEMPTS 100

static int read_one(uint8_t command, const void *attrs, size_t len, void *arg)
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
	error = portres_request(handle->link, PORTRES_CMD_CREATE, &attrs, read_one, &made);
	portres_reservation_clear(&made);
	if (error)
		return error;
	if (!PORTRES_HAS(&made, PORTRES_A_TOKEN))
		return portres_set_error(handle->text, -EPROTO, NULL);
	if (token)
		*token = made.token;
	return 0;
}

int portres_kernel_set(struct portres *handle, uint64_t token, const struct portres_spec *to,
		       unsigned int what)
{
	struct portres_attrs attrs = { 0 };
	struct portres_reservation set = { 0 };
	int error;

	portres_put_change(&attrs, token, to, what);
	error = portres_request(handle->link, PORTRES_CMD_SET, &attrs, read_one, &set);
	portres_reservation_clear(&set);
	return error;
}

static int send_delete(struct portres *handle, const struct portres_attrs *attrs)
{
	int error = portres_request(handle->link, PORTRES_CMD_DELETE, attrs, NULL, NULL);

	if (error != -ENOBUFS)
		return error;
	/* The acknowledgment was lost. If the first request succeeded, this one finds nothing. */
	error = portres_request(handle->link, PORTRES_CMD_DELETE, attrs, NULL, NULL);
	return error == -ENOENT ? portres_set_error(handle->text, 0, NULL) : error;
}

int portres_kernel_delete(struct portres *handle, uint8_t protocol, uint16_t first,
			  uint16_t count)
{
	struct portres_attrs attrs = { 0 };

	portres_put_block(&attrs, protocol, first, count);
	return send_delete(handle, &attrs);
}

int portres_delete_runtime(struct portres *handle, uint8_t protocol, uint16_t first,
			   uint16_t count)
{
	struct portres_attrs attrs = { 0 };

	portres_put_block(&attrs, protocol, first, count);
	portres_put_runtime(&attrs);
	return send_delete(handle, &attrs);
}

int portres_may_create(struct portres *handle)
{
	/*
	 * A request without attributes creates nothing: the kernel checks the privilege first,
	 * then rejects the request.
	 */
	const struct portres_attrs none = { 0 };
	int error = portres_request(handle->link, PORTRES_CMD_CREATE, &none, NULL, NULL);

	return error == -EINVAL ? portres_set_error(handle->text, 0, NULL) : error;
}

static int send_get(struct portres *handle, const struct portres_attrs *attrs,
		    struct portres_reservation **reservation)
{
	struct portres_reservation *found = calloc(1, sizeof(*found));
	int error;

	if (!found)
		return portres_set_error(handle->text, -ENOMEM, NULL);
	error = portres_request(handle->link, PORTRES_CMD_GET, attrs, read_one, found);
	if (!error && !found->count)
		error = portres_set_error(handle->text, -EPROTO, NULL);
	if (error) {
		portres_reservation_free(found);
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
	return send_get(handle, &attrs, reservation);
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
		return portres_set_error(handle->text, -ENOENT, NULL);
	}
	*reservation = found;
	return 0;
}

int portres_get_port(struct portres *handle, uint8_t protocol, uint16_t port,
		     struct portres_reservation **reservation)
{
	struct portres_attrs attrs = { 0 };

	portres_put_port(&attrs, protocol, port);
	return send_get(handle, &attrs, reservation);
}

int portres_get_token(struct portres *handle, uint64_t token,
		      struct portres_reservation **reservation)
{
	struct portres_attrs attrs = { 0 };

	portres_put_token(&attrs, token);
	return send_get(handle, &attrs, reservation);
}

struct reservation_list {
	struct portres_reservation *items;
	size_t count;
	size_t room;
};

static void list_clear(struct reservation_list *list)
{
	while (list->count)
		portres_reservation_clear(&list->items[--list->count]);
}

static int read_next(uint8_t command, const void *attrs, size_t len, void *arg)
{
	struct reservation_list *list = arg;
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

/* The kernel lists one protocol after the other. */
static int compare_reservations(const void *a, const void *b)
{
	const struct portres_reservation *one = a;
	const struct portres_reservation *two = b;

	if (one->first != two->first)
		return one->first - two->first;
	/* UDP, which has the higher number, comes first. */
	return two->protocol - one->protocol;
}

int portres_for_each(struct portres *handle, portres_visit_fn *visit, void *arg)
{
	struct reservation_list list = { 0 };
	int attempts = LIST_ATTEMPTS;
	int error;
	size_t i;

	do {
		list_clear(&list);
		error = portres_dump(handle->link, PORTRES_CMD_GET, read_next, &list);
	} while (error == -EINTR && --attempts);
	if (error == -EINTR)
		error = portres_set_error(handle->text, -EAGAIN, "reservations change too fast to "
					  "be listed: try again");
	if (!error && list.count)
		qsort(list.items, list.count, sizeof(*list.items), compare_reservations);
	for (i = 0; !error && i < list.count; i++)
		error = visit(&list.items[i], arg);
	list_clear(&list);
	free(list.items);
	return error;
}
