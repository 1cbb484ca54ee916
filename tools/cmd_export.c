// SPDX-License-Identifier: GPL-2.0-only
/* portres export: the reservations as other tools read them. */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "exported.h"
#include "failure.h"
#include "firewall.h"
#include "message.h"
#include "open.h"
#include "output.h"
#include "settings.h"
#include "text.h"

struct blocks {
	struct portset udp;
	struct portset tcp;
};

static int blocks_add(const struct portres_reservation *reservation, void *arg)
{
	struct range range = { portres_reservation_first(reservation),
			       portres_reservation_count(reservation) };
	struct blocks *blocks = arg;

	portset_add(portres_reservation_protocol(reservation) == IPPROTO_TCP ? &blocks->tcp :
									       &blocks->udp,
		    &range);
	return 0;
}

/* Without a place for it, or the privilege, the next list has what this one has, and no less. */
static void keep_exported(struct portres *handle, const struct portset *exported)
{
	int error = exported_write(handle, exported);

	if (error == -ENOENT)
		print_note("this network namespace has no name: what was exported cannot be kept, "
			   "so deleted blocks stay in later lists");
	else if (error)
		print_note("cannot keep what was exported: %s; deleted blocks stay in later lists, "
			   "run it as root", strerror(-error));
}

static void print_sysctl(const struct portset *list, bool json)
{
	struct records records = { 0 };
	struct record *record = records_add(&records);
	char *text = portset_text(list);

	if (json) {
		put_text(record, "sysctl", NULL, 0, "net.ipv4.ip_local_reserved_ports");
		put_text(record, "value", NULL, 0, text);
		print_line(record, true);
	} else {
		printf("net.ipv4.ip_local_reserved_ports =%s%s\n", *text ? " " : "", text);
	}
	free(text);
	records_free(&records);
}

/* sysctl(8) hands a value to the kernel once, which takes less than a page of it. */
#define SYSCTL_MAX 4095

static void note_length(const struct portset *list)
{
	char *text = portset_text(list);
	size_t len = strlen(text);

	if (len > SYSCTL_MAX)
		print_note("the list has %zu bytes, and sysctl sets only %d of them: write it by "
			   "\"portres export sysctl | sed 's/.*= *//' | dd bs=1M iflag=fullblock "
			   "status=none of=/proc/sys/net/ipv4/ip_local_reserved_ports\"", len,
			   SYSCTL_MAX);
	free(text);
}

/* The sysctl has one list for all protocols. */
static int export_sysctl(struct portres *handle, struct blocks *blocks, bool json)
{
	struct settings settings;
	struct portset exported;
	struct portset list;
	int error = exported_read(handle, &exported);

	if (error)
		return print_error("cannot read what was exported last: %s%s", strerror(-error),
				   error == -EACCES ? "; run it as root" : "");
	settings_read(&settings);
	portset_add_all(&blocks->udp, &blocks->tcp);
	exported_merge(&settings.kept, &blocks->udp, &exported, &list);
	print_sysctl(&list, json);
	note_length(&list);
	/* what no reader has got was not exported */
	if (!print_flush())
		keep_exported(handle, &exported);
	return DONE;
}

static int export_nft(struct portres *handle, struct blocks *blocks, bool json)
{
	(void)handle;
	if (json)
		return print_usage_error("export nft prints rules: leave -j out");
	print_firewall(&blocks->udp, &blocks->tcp);
	return DONE;
}

int cmd_export(const struct call *call)
{
	static const struct {
		const char *word;
		int (*print)(struct portres *handle, struct blocks *blocks, bool json);
	} targets[] = {
		{ "sysctl", export_sysctl },
		{ "nft", export_nft },
	};
	const char *word = call->argc == 1 ? call->argv[0] : "";
	struct portres *handle;
	struct blocks *blocks;
	int error;
	size_t i;

	for (i = 0; i < sizeof(targets) / sizeof(targets[0]); i++)
		if (strcmp(word, targets[i].word) == 0)
			break;
	if (i == sizeof(targets) / sizeof(targets[0]))
		return print_usage_error("export needs one word: sysctl or nft");
	if (!open_handle(call, &handle))
		return FAILED;
	blocks = check_alloc(calloc(1, sizeof(*blocks)));
	error = portres_for_each(handle, blocks_add, blocks);
	error = error ? print_library_error(error, portres_error(handle)) :
			targets[i].print(handle, blocks, call->json);
	free(blocks);
	portres_close(handle);
	return error;
}
