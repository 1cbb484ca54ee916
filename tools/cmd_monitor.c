// SPDX-License-Identifier: GPL-2.0-only
/* portres monitor: tells changes as they happen, until it is ended. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "describe.h"

static void put_time(struct record *record)
{
	time_t now = time(NULL);
	struct tm local;
	char text[64];

	localtime_r(&now, &local);
	strftime(text, sizeof(text), "%FT%T%z", &local);
	put_text(record, "time", "time", IN_WORDS | BARE, text);
}

static void tell(enum portres_event event, const struct portres_reservation *reservation,
		 void *arg)
{
	const bool *json = arg;
	struct records records = { 0 };
	struct record *record = records_add(&records);
	const char *word = event == PORTRES_EVENT_CREATED ? "created" :
			   event == PORTRES_EVENT_DELETED ? "deleted" : "missed";

	put_time(record);
	put_text(record, "event", "event", IN_WORDS | BARE, word);
	if (reservation)
		describe(record, reservation);
	else
		put_text(record, NULL, "advice", IN_WORDS | BARE,
			 "some changes: see \"portres show\"");
	print_line(record, *json);
	records_free(&records);
}

static int watch(struct portres_monitor *monitor, bool json)
{
	struct pollfd pollfd = { .fd = portres_monitor_fd(monitor), .events = POLLIN };
	int error;

	while (!ferror(stdout)) {
		if (poll(&pollfd, 1, -1) < 0 && errno != EINTR)
			return refuse("cannot wait: %s", strerror(errno));
		error = portres_monitor_receive(monitor, tell, &json);
		if (error)
			return refuse("%s", portres_monitor_error(monitor));
	}
	return FAILED;
}

int cmd_monitor(const struct call *call)
{
	struct portres_monitor *monitor;
	struct portres *handle;
	int status;
	int error;

	if (call->argc)
		return misuse("monitor takes no words: see portres --help");
	if (!open_handle(call, &handle))
		return FAILED;
	error = portres_monitor_open(handle, &monitor);
	if (error) {
		status = refuse_error(error, portres_error(handle));
	} else {
		status = watch(monitor, call->json);
		portres_monitor_close(monitor);
	}
	portres_close(handle);
	return status;
}
