// SPDX-License-Identifier: GPL-2.0-only
/* portres monitor: prints changes and refused binds as they happen, until it is stopped. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "command.h"
#include "describe.h"
#include "message.h"
#include "open.h"
#include "output.h"
#include "failure.h"
#include "journal.h"
#include "refused.h"
#include "text.h"
#include "when.h"

struct output {
	bool json;
	int journal;	/* the socket; -1: standard output */
};

static void put_time(struct record *record)
{
	char *text = time_text(time(NULL));

	put_text(record, "time", "time", IN_WORDS | BARE, text);
	free(text);
}

/* The block that the reservation had, if it had another one. */
static void put_was(struct record *record, const struct portres_reservation *reservation)
{
	uint16_t first = 0;
	uint16_t count = 0;
	char *ports = NULL;

	if (portres_reservation_was(reservation, &first, &count) == 0 &&
	    (first != portres_reservation_first(reservation) ||
	     count != portres_reservation_count(reservation)))
		ports = range_text(first, count);
	put_text(record, NULL, "was", IN_WORDS, ports);
	free(ports);
	if (count) {
		put_number(record, "was_first", NULL, 0, first);
		put_number(record, "was_last", NULL, 0, first + count - 1U);
	}
}

static void print_event(enum portres_event event, const struct portres_reservation *reservation,
			void *arg)
{
	const struct output *output = arg;
	struct records records = { 0 };
	struct record *record = records_add(&records);
	const char *word = event == PORTRES_EVENT_CREATED ? "created" :
			   event == PORTRES_EVENT_DELETED ? "deleted" :
			   event == PORTRES_EVENT_CHANGED ? "changed" : "missed";

	put_time(record);
	put_text(record, "event", "event", IN_WORDS | BARE, word);
	if (reservation) {
		describe(record, reservation);
		put_was(record, reservation);
		describe_end(record, reservation);
	} else {
		put_text(record, "advice", "advice", IN_WORDS | BARE,
			 "some changes: see \"portres show\"");
	}
	print_line(record, output->json);
	print_flush();
	records_free(&records);
}

/* message: for the journal. */
static void write_refusal(const struct output *output, const struct record *record,
			  const char *message)
{
	if (output->journal < 0) {
		print_line(record, output->json);
		print_flush();
	} else if (journal_send(output->journal, message, record)) {
		print_note("cannot write to the journal: %s", strerror(errno));
	}
}

/* lost: the number of refused binds, NULL if it is not known. */
static void print_lost(const struct output *output, const uint32_t *lost, const char *advice,
		       const char *message)
{
	struct records records = { 0 };
	struct record *record = records_add(&records);

	put_time(record);
	put_text(record, "event", "event", IN_WORDS | BARE, "lost");
	if (lost)
		put_number(record, "times", "times", IN_WORDS | BARE, *lost);
	else
		put_text(record, "times", NULL, 0, NULL);
	put_text(record, "advice", "advice", IN_WORDS | BARE, advice);
	write_refusal(output, record, message);
	records_free(&records);
}

static void print_refused(const struct output *output, const struct portres_refusal *refusal)
{
	struct records records = { 0 };
	struct record *record = records_add(&records);
	char *when = refused_time(refusal);
	char *text = refused_text(refusal);

	put_text(record, "time", "time", IN_WORDS | BARE, when);
	put_text(record, "event", "event", IN_WORDS | BARE, "refused");
	refused_describe(record, refusal);
	write_refusal(output, record, text);
	free(when);
	free(text);
	records_free(&records);
}

static void print_refusal(const struct portres_refusal *refusal, uint32_t lost, void *arg)
{
	const struct output *output = arg;
	char *message;

	if (refusal) {
		print_refused(output, refusal);
		return;
	}
	message = format_text("%u binds were refused, too many at once to tell of each", lost);
	print_lost(output, &lost, "refused binds, too many at once to tell of each", message);
	free(message);
}

/*
 * The changes are in the journal of the programs that make them. Which notifications were lost is
 * not known: refused binds may be among them.
 */
static void journal_event(enum portres_event event, const struct portres_reservation *reservation,
			  void *arg)
{
	if (event == PORTRES_EVENT_MISSED && !reservation)
		print_lost(arg, NULL, "see \"portres show RANGE\"",
			   "notifications were lost, or the module was loaded or unloaded: binds "
			   "may have been refused that no entry tells of");
}

static int watch(struct portres_monitor *monitor, struct output *output)
{
	portres_event_fn *tell = output->journal < 0 ? print_event : journal_event;
	struct pollfd pollfd = { .fd = portres_monitor_fd(monitor), .events = POLLIN };
	int error;

	while (!ferror(stdout)) {
		if (poll(&pollfd, 1, -1) < 0 && errno != EINTR)
			return print_error("cannot wait for events: %s", strerror(errno));
		error = portres_monitor_receive(monitor, tell, output);
		if (error)
			return print_error("%s", portres_monitor_error(monitor));
	}
	return FAILED;
}

/* Changes are told to any user, refused binds to administrators. */
static int begin(struct portres_monitor *monitor, struct output *output)
{
	int error = portres_monitor_refusals(monitor, print_refusal, output);

	if (error && output->journal >= 0)
		return print_library_error(error, portres_monitor_error(monitor));
	if (error == -EPERM)
		print_note("refused binds are not shown: that needs CAP_NET_ADMIN over the network "
			   "namespace");
	else if (error)
		print_note("refused binds are not shown: %s", portres_monitor_error(monitor));
	return watch(monitor, output);
}

static int monitor_run(struct portres *handle, struct output *output)
{
	struct portres_monitor *monitor;
	int error = portres_monitor_open(handle, &monitor);
	int status;

	if (error)
		return print_library_error(error, portres_error(handle));
	status = begin(monitor, output);
	portres_monitor_close(monitor);
	return status;
}

int cmd_monitor(const struct call *call)
{
	struct output output = { call->json, -1 };
	struct portres *handle;
	int status;

	if (call->argc)
		return print_usage_error("monitor takes no arguments: see portres --help");
	if (call->journal && call->json)
		return print_usage_error("the journal has fields of its own: leave -j out");
	if (call->journal) {
		output.journal = journal_open();
		if (output.journal < 0)
			return print_error("cannot reach the journal: %s; is systemd-journald "
					   "running?", strerror(errno));
	}
	if (!open_handle(call, &handle))
		return FAILED;
	status = monitor_run(handle, &output);
	portres_close(handle);
	return status;
}
