// SPDX-License-Identifier: GPL-2.0-only
/* Every refusal in one sentence that says what to do about it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "describe.h"
#include "sockets.h"
#include "text.h"

bool open_handle(const struct call *call, struct portres **handle)
{
	int error = portres_open(handle);

	if (error) {
		refuse("cannot speak to the kernel: %s", portres_strerror(error));
		return false;
	}
	error = portres_set_root(*handle, call->root);
	if (error) {
		refuse("%s", portres_error(*handle));
		portres_close(*handle);
	}
	return !error;
}

bool in_use(const struct range *range)
{
	struct socket_list list;
	bool any;

	sockets_find(range, &list);
	any = list.count;
	sockets_free(&list);
	return any;
}

int refuse_error(int error, const char *text)
{
	bool root = geteuid() == 0;

	switch (error) {
	case -EPERM:
		return refuse("making and ending reservations needs CAP_NET_ADMIN over the "
			      "network namespace: %s", root ?
			      "ask who owns the namespace, this root does not" :
			      "try again with sudo");
	case -ENOSYS:
		return refuse("the kernel has no portres: load the module with "
			      "\"%smodprobe portres\"", root ? "" : "sudo ");
	default:
		return refuse("%s", text);
	}
}

/* Collects what overlaps a range, in words, separated by commas. */
struct overlap {
	struct range range;
	size_t count;
	char *words;
};

static bool overlaps(const struct range *a, const struct range *b)
{
	return a->first <= range_last(b) && b->first <= range_last(a);
}

static int collect(const struct portres_reservation *reservation, void *arg)
{
	struct range range = reservation_range(reservation);
	struct overlap *overlap = arg;
	char *words;
	char *text;

	if (!overlaps(&range, &overlap->range))
		return 0;
	overlap->count++;
	text = reservation_text(reservation);
	words = overlap->words ? format_text("%s, %s", overlap->words, text) :
		need(strdup(text));
	free(overlap->words);
	free(text);
	overlap->words = words;
	return 0;
}

static int refuse_overlap(struct portres *handle, const struct range *range,
			  const char *text)
{
	char *ports = range_text(range->first, range->count);
	struct overlap overlap = { .range = *range };

	if (portres_for_each(handle, collect, &overlap) == 0 && overlap.words)
		refuse("%s overlaps %s: delete %s first or choose other ports", ports,
		       overlap.words, overlap.count > 1 ? "those" : "that");
	else
		/* The library knows more: it was in the store, or is gone by now. */
		refuse("%s cannot be reserved: %s", ports, text);
	free(overlap.words);
	free(ports);
	return FAILED;
}

static int refuse_in_use(const struct range *range)
{
	char *ports = range_text(range->first, range->count);
	struct socket_list list;
	char more[64] = "";

	sockets_find(range, &list);
	if (list.count > 1)
		snprintf(more, sizeof(more), " (and %zu more)", list.count - 1);
	if (list.count) {
		char *address = socket_address(&list.items[0]);
		char *holder = socket_holder(&list.items[0]);
		char *safe = safe_text(holder);

		refuse("%s cannot be reserved, as udp %s is held by %s%s: end that first or "
		       "choose other ports", ports, address, safe, more);
		free(address);
		free(holder);
		free(safe);
	} else {
		refuse("a socket that cannot be seen from here is bound in %s: try again or "
		       "choose other ports", ports);
	}
	sockets_free(&list);
	free(ports);
	return FAILED;
}

int refuse_add(struct portres *handle, const struct wish *wish, int error)
{
	/* The handle is used to find out more. */
	char *text = safe_text(portres_error(handle));

	switch (error) {
	case -EEXIST:
		refuse_overlap(handle, &wish->range, text);
		break;
	case -EADDRINUSE:
		refuse_in_use(&wish->range);
		break;
	default:
		refuse_error(error, text);
	}
	free(text);
	return FAILED;
}

int refuse_del(struct portres *handle, const struct wish *wish, int error)
{
	struct overlap overlap = { .range = wish->range };
	char *ports;

	if (error != -ENOENT)
		return refuse_error(error, portres_error(handle));
	ports = range_text(wish->range.first, wish->range.count);
	if (portres_for_each(handle, collect, &overlap) == 0 && overlap.words)
		refuse("no reservation is exactly %s: delete the whole of %s", ports,
		       overlap.words);
	else
		refuse("%s is not reserved: see \"portres show\"", ports);
	free(overlap.words);
	free(ports);
	return FAILED;
}
