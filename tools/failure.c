// SPDX-License-Identifier: GPL-2.0-only
/* Error messages for failed requests: the cause, and what to do. */
#include <errno.h>
#include <linux/capability.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "describe.h"
#include "kernel/protocol.h"
#include "load.h"
#include "message.h"
#include "failure.h"
#include "sockets.h"
#include "text.h"

/* Explains which privilege is missing and how to get it. */
static int print_privilege_error(void)
{
	static const char what[] = "permission denied: creating and deleting reservations needs "
				   "CAP_NET_ADMIN";

	if (geteuid())
		return print_error("%s over the network namespace: try again with sudo", what);
	if (!has_capability(CAP_NET_ADMIN))
		return print_error("%s, which this root lacks: give it to the container "
				   "(--cap-add=NET_ADMIN) or to the unit (CapabilityBoundingSet=)",
				   what);
	return print_error("%s in the user namespace that owns this network namespace: run it "
			   "there", what);
}

int print_library_error(int error, const char *text)
{
	bool root = geteuid() == 0;

	switch (error) {
	case -EPERM:
		return print_privilege_error();
	case -EACCES:
		return print_error("%s%s", text, root ? "" : ": try again with sudo");
	case -ENOSYS:
		return print_error("the kernel has no portres: load the module with "
				   "\"%smodprobe portres\"", root ? "" : "sudo ");
	default:
		return print_error("%s", text);
	}
}

/* Collects the reservations that overlap a block, as a text. */
struct overlap {
	uint8_t protocol;
	struct range range;
	struct range but;	/* count 0: all */
	size_t count;
	char *words;
};

static int collect_overlap(const struct portres_reservation *reservation, void *arg)
{
	struct range range = reservation_range(reservation);
	struct overlap *overlap = arg;
	char *text;

	if (!portres_protocols_meet(portres_reservation_protocol(reservation), overlap->protocol) ||
	    !range_overlaps(&range, &overlap->range) ||
	    (range.first == overlap->but.first && range.count == overlap->but.count))
		return 0;
	overlap->count++;
	text = reservation_text(reservation);
	append_text(&overlap->words, text);
	free(text);
	return 0;
}

/* but: the block that is to be changed, or NULL. */
static int print_overlap_error(struct portres *handle, uint8_t protocol,
			       const struct range *range, const struct range *but,
			       const char *text)
{
	char *ports = block_ports_text(protocol, range);
	struct overlap overlap = { .protocol = protocol, .range = *range };

	if (but)
		overlap.but = *but;
	if (portres_for_each(handle, collect_overlap, &overlap) == 0 && overlap.words)
		print_error("cannot reserve %s: it overlaps %s; delete %s first or choose other "
			    "ports", ports,
			    overlap.words, overlap.count > 1 ? "those" : "that");
	else
		/* The reservation is only stored, or gone by now: the library knows more. */
		print_error("cannot reserve %s: %s", ports, text);
	free(overlap.words);
	free(ports);
	return FAILED;
}

/*
 * How much a socket explains: one that is bound or listens more than a connection. What is in
 * TIME_WAIT counts only if the kernel speaks of that, and then most: not everything in it is in
 * use.
 */
static int rank_socket(const struct bound_socket *socket, bool waits)
{
	const char *state = socket_state(socket);

	if (state && strcmp(state, "TIME_WAIT") == 0)
		return waits ? 3 : 0;
	return state && socket->peer_port ? 1 : 2;
}

static const struct bound_socket *choose_socket(const struct socket_list *list, const char *said)
{
	const struct bound_socket *chosen = NULL;
	bool waits = strstr(said, "TIME_WAIT");
	int best = 0;
	size_t i;

	for (i = 0; i < list->count; i++) {
		int rank = rank_socket(&list->items[i], waits);

		if (rank <= best)
			continue;
		chosen = &list->items[i];
		best = rank;
	}
	return chosen;
}

/* What process 1 holds is a socket unit's: systemd binds it, and is not to be stopped. */
static const char *socket_remedy(const struct bound_socket *socket)
{
	if (socket->pid == 1)
		return "stop the unit that \"systemctl list-sockets\" shows";
	return socket->inode || socket->protocol == IPPROTO_UDP ? "stop it" : "wait a minute";
}

/* said: the text of the kernel, which knows of sockets that are not listed; may be empty. */
static int print_in_use_error(uint8_t protocol, const struct range *range, const char *said)
{
	char *ports = block_ports_text(protocol, range);
	const struct bound_socket *chosen;
	struct socket_list list;
	char more[64] = "";
	char *use;

	sockets_find(protocol, range, &list);
	if (protocol != IPPROTO_UDP)
		sockets_drop_accepted(&list);
	chosen = choose_socket(&list, said);
	if (list.count > 1)
		snprintf(more, sizeof(more), " (and %zu more)", list.count - 1);
	if (chosen) {
		use = socket_use(chosen);
		print_error("cannot reserve %s: %s%s; %s or choose other ports", ports, use, more,
			    socket_remedy(chosen));
		free(use);
	} else if (*said && protocol != IPPROTO_UDP) {
		print_error("cannot reserve %s: %s; try again or choose other ports", ports, said);
	} else {
		print_error("cannot reserve %s: a socket that is not visible here is bound to one "
			    "of the ports; try again or choose other ports", ports);
	}
	sockets_free(&list);
	free(ports);
	return FAILED;
}

static int count_overlap(const struct portres_reservation *reservation, void *arg)
{
	const struct overlap *wanted = arg;
	struct range range = reservation_range(reservation);

	return portres_protocols_meet(portres_reservation_protocol(reservation),
				      wanted->protocol) &&
	       range_overlaps(&range, &wanted->range);
}

void print_block_taken_error(struct portres *handle, uint8_t protocol, const struct range *range)
{
	struct overlap wanted = { .protocol = protocol, .range = *range };

	if (portres_for_each(handle, count_overlap, &wanted) > 0)
		print_overlap_error(handle, protocol, range, NULL, "");
	else
		print_in_use_error(protocol, range, "");
}

/* The block is one half of a reservation in both protocols. */
static int print_half_error(const struct block_args *args, const char *command)
{
	char *ports = range_text(args->range.first, args->range.count);

	print_error("%s %s is one half of a reservation in both protocols: use \"portres %s both "
		    "%s\"", portres_protocol_word(args->protocol), ports, command, ports);
	free(ports);
	return FAILED;
}

int print_add_error(struct portres *handle, const struct block_args *args, int error,
		    const char *message)
{
	/* message may be the text of the handle, which the next request overwrites. */
	char *text = safe_text(message);

	switch (error) {
	case -EEXIST:
		print_overlap_error(handle, args->protocol, &args->range, NULL, text);
		break;
	case -EADDRINUSE:
		print_in_use_error(args->protocol, &args->range, text);
		break;
	case -EBUSY:
		print_half_error(args, "replace");
		break;
	default:
		print_library_error(error, text);
	}
	free(text);
	return FAILED;
}

/* No reservation has exactly that block. verb: the action that the caller requested. */
static void print_absent_error(struct portres *handle, const struct block_args *args,
			       const char *verb)
{
	struct overlap any = { .protocol = args->protocol, .range = args->range };
	char *ports = block_ports_text(args->protocol, &args->range);

	portres_for_each(handle, collect_overlap, &any);
	if (any.count && args->protocol == PORTRES_BOTH)
		print_error("no reservation in both protocols of exactly these ports: %s the whole "
			    "of %s", verb, any.words);
	else if (any.count)
		print_error("no reservation of exactly %s: %s the whole of %s", ports, verb,
			    any.words);
	else
		print_error("%s is not reserved: see \"portres show\"", ports);
	free(any.words);
	free(ports);
}

/* Checks for a runtime reservation, which cannot be changed. */
static bool is_runtime(struct portres *handle, const struct block_args *args)
{
	struct portres_reservation *found;
	bool runtime;

	if (portres_get_block(handle, args->protocol, args->range.first, args->range.count,
			      &found))
		return false;
	runtime = portres_reservation_runtime(found);
	portres_reservation_free(found);
	return runtime;
}

int print_set_error(struct portres *handle, const struct block_args *args, int error,
		    const char *said)
{
	const struct range *to = args->to.count ? &args->to : &args->range;
	char *text = safe_text(said);

	if (error == -ENOENT && is_runtime(handle, args))
		print_error("a process acquired the block: only the process can give it up");
	else if (error == -ENOENT)
		print_absent_error(handle, args, "change");
	else if (error == -EEXIST)
		print_overlap_error(handle, args->protocol, to, &args->range, text);
	else if (error == -EADDRINUSE)
		print_in_use_error(args->protocol, to, text);
	else if (error == -EBUSY)
		print_half_error(args, "set");
	else
		print_library_error(error, text);
	free(text);
	return FAILED;
}

int print_del_error(struct portres *handle, const struct block_args *args, int error)
{
	if (error == -EBUSY)
		return print_half_error(args, "del");
	if (error != -ENOENT)
		return print_library_error(error, portres_error(handle));
	print_absent_error(handle, args, "delete");
	return FAILED;
}

void print_entry_error(const struct portres_entry *entry)
{
	char *safe = safe_text(portres_entry_error(entry));

	print_error("%s", safe);
	free(safe);
}
