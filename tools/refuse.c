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

int refuse_error(int error, const char *text)
{
	bool root = geteuid() == 0;

	switch (error) {
	case -EPERM:
		return refuse("making and ending reservations needs CAP_NET_ADMIN over the "
			      "network namespace: %s", root ?
			      "ask who owns the namespace, this root does not" :
			      "try again with sudo");
	case -EACCES:
		return refuse("%s%s", text, root ? "" : ": try again with sudo");
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
	bool persistent;	/* no others are looked for */
	size_t count;
	size_t runtime;		/* how many of them cannot be deleted */
	char *words;
};

static bool overlaps(const struct range *a, const struct range *b)
{
	return a->first <= range_last(b) && b->first <= range_last(a);
}

static int collect(const struct portres_reservation *reservation, void *arg)
{
	struct range range = reservation_range(reservation);
	bool runtime = portres_reservation_runtime(reservation);
	struct overlap *overlap = arg;
	char *words;
	char *text;

	if (!overlaps(&range, &overlap->range) || (runtime && overlap->persistent))
		return 0;
	overlap->count++;
	overlap->runtime += runtime;
	text = reservation_text(reservation);
	words = overlap->words ? format_text("%s, %s", overlap->words, text) :
		need(strdup(text));
	free(overlap->words);
	free(text);
	overlap->words = words;
	return 0;
}

/* How to get rid of what overlaps. */
static const char *advice(const struct overlap *overlap)
{
	bool many = overlap->count > 1;

	if (!overlap->runtime)
		return many ? "delete those first" : "delete that first";
	if (overlap->runtime == overlap->count)
		return many ? "end those processes" : "end that process";
	return "delete those first, end the processes";
}

static int refuse_overlap(struct portres *handle, const struct range *range,
			  const char *text)
{
	char *ports = range_text(range->first, range->count);
	struct overlap overlap = { .range = *range };

	if (portres_for_each(handle, collect, &overlap) == 0 && overlap.words)
		refuse("%s overlaps %s: %s or choose other ports", ports, overlap.words,
		       advice(&overlap));
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

/* There is no reservation of exactly that block that can be deleted. */
static void refuse_absent(struct portres *handle, const struct range *range)
{
	struct overlap deletable = { .range = *range, .persistent = true };
	struct overlap any = { .range = *range };
	char *ports = range_text(range->first, range->count);

	portres_for_each(handle, collect, &deletable);
	portres_for_each(handle, collect, &any);
	if (deletable.count)
		refuse("no reservation is exactly %s: delete the whole of %s", ports,
		       deletable.words);
	else if (any.count)
		refuse("%s cannot be deleted: %s %s", ports, any.words, any.count > 1 ?
		       "end with those processes" : "ends with that process");
	else
		refuse("%s is not reserved: see \"portres show\"", ports);
	free(deletable.words);
	free(any.words);
	free(ports);
}

int refuse_del(struct portres *handle, const struct wish *wish, int error)
{
	if (error != -ENOENT)
		return refuse_error(error, portres_error(handle));
	refuse_absent(handle, &wish->range);
	return FAILED;
}
