// SPDX-License-Identifier: GPL-2.0-only
/* portres metrics: the reservations in the text format of Prometheus, without time stamps. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "describe.h"
#include "disk/words.h"
#include "failure.h"
#include "kernel/protocol.h"
#include "message.h"
#include "open.h"
#include "text.h"

/* What is told of one reservation. */
struct sample {
	char *labels;
	uint64_t ports;
	uint64_t sockets;
	uint64_t refused;
	uint64_t avoided;
};

struct samples {
	struct sample *items;
	size_t count;
	size_t room;
};

/* A value of a label: UTF-8, with a backslash before a backslash, a quote and "n" for a newline. */
static char *label_text(const char *raw)
{
	char *text = check_alloc(malloc(3 * strlen(raw) + 1));
	char *to = text;

	while (*raw) {
		uint32_t character = 0;
		size_t len = portres_words_decode(raw, &character);

		if (!len)
			to = stpcpy(to, "\xef\xbf\xbd");
		else if (*raw == '\n')
			to = stpcpy(to, "\\n");
		else if (*raw == '"' || *raw == '\\')
			to += sprintf(to, "\\%c", *raw);
		else
			to = mempcpy(to, raw, len);
		raw += len ? len : 1;
	}
	*to = '\0';
	return text;
}

/* The process is no label: one that acquires a block again and again would make a series each. */
static char *sample_labels(const struct portres_reservation *reservation)
{
	const char *name = portres_reservation_name(reservation);
	bool runtime = portres_reservation_runtime(reservation);
	const char *command = portres_reservation_command(reservation);
	struct range range = reservation_range(reservation);
	char *text = label_text(runtime ? command ? command : "" : name ? name : "");
	char *labels = format_text("protocol=\"%s\",first=\"%u\",last=\"%u\","
				   "kind=\"%s\",name=\"%s\"",
				   portres_protocol_word(portres_reservation_protocol(reservation)),
				   range.first, range_last(&range),
				   runtime ? "runtime" : "persistent", text);

	free(text);
	return labels;
}

static int samples_add(const struct portres_reservation *reservation, void *arg)
{
	struct samples *samples = arg;
	struct sample *sample;

	if (samples->count == samples->room) {
		samples->room = samples->room ? 2 * samples->room : 64;
		samples->items = check_alloc(reallocarray(samples->items, samples->room,
							  sizeof(*samples->items)));
	}
	sample = &samples->items[samples->count++];
	sample->labels = sample_labels(reservation);
	sample->ports = portres_reservation_count(reservation);
	sample->sockets = portres_reservation_sockets(reservation);
	sample->refused = portres_reservation_refused(reservation);
	sample->avoided = portres_reservation_avoided(reservation);
	return 0;
}

static void samples_free(struct samples *samples)
{
	while (samples->count)
		free(samples->items[--samples->count].labels);
	free(samples->items);
}

static void print_head(const char *name, const char *kind, const char *help)
{
	printf("# HELP portres_%s %s\n# TYPE portres_%s %s\n", name, help, name, kind);
}

/* Prints one metric of all reservations; the value is at an offset in each sample. */
static void print_metric(const struct samples *samples, const char *name, const char *kind,
			 const char *help, size_t offset)
{
	size_t i;

	print_head(name, kind, help);
	for (i = 0; i < samples->count; i++) {
		const struct sample *sample = &samples->items[i];
		uint64_t value;

		memcpy(&value, (const char *)sample + offset, sizeof(value));
		printf("portres_%s{%s} %" PRIu64 "\n", name, sample->labels, value);
	}
}

static void print_samples(const struct samples *samples)
{
	print_head("reservations", "gauge", "Number of reservations of the network namespace.");
	printf("portres_reservations %zu\n", samples->count);
	print_metric(samples, "reserved_ports", "gauge", "Ports of the reservation.",
		     offsetof(struct sample, ports));
	print_metric(samples, "associated_sockets", "gauge",
		     "Sockets that are associated with the reservation.",
		     offsetof(struct sample, sockets));
	print_metric(samples, "refused_binds_total", "counter",
		     "Binds that were refused because of the reservation.",
		     offsetof(struct sample, refused));
	print_metric(samples, "avoided_total", "counter",
		     "Automatic selections of a port that would have taken one of the reservation.",
		     offsetof(struct sample, avoided));
}

int cmd_metrics(const struct call *call)
{
	struct samples samples = { 0 };
	struct portres *handle;
	int status = DONE;
	int error;

	if (call->argc)
		return print_usage_error("metrics takes no arguments: see portres --help");
	if (call->json)
		return print_usage_error("metrics has a format of its own: leave -j out");
	if (!open_handle(call, &handle))
		return FAILED;
	error = portres_for_each(handle, samples_add, &samples);
	if (error)
		status = print_library_error(error, portres_error(handle));
	else
		print_samples(&samples);
	samples_free(&samples);
	portres_close(handle);
	return status;
}
