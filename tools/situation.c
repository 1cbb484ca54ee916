// SPDX-License-Identifier: GPL-2.0-only
/* Finds out what is known about a port. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "describe.h"
#include "kernel/protocol.h"
#include "situation.h"
#include "text.h"

static int find_reservation(struct portres *handle, struct situation *situation)
{
	int error = portres_get_port(handle, situation->protocol, situation->port,
				     &situation->reservation);

	situation->no_module = error == -ENOSYS;
	if (error)
		situation->reservation = NULL;
	/* A module that does not know the protocol reserves none of its ports. */
	return error == -ENOENT || error == -ENOSYS || error == -EPROTONOSUPPORT ? 0 : error;
}

struct source_search {
	struct portres *handle;
	struct situation *situation;
};

static int check_source(const struct portres_entry *entry, void *arg)
{
	struct source_search *search = arg;
	struct situation *situation = search->situation;
	struct range range = entry_range(entry);
	struct range wanted = reservation_range(situation->reservation);
	const char *file = portres_entry_file(entry);
	struct stat st;

	if (portres_entry_error(entry) ||
	    !portres_protocols_meet(portres_entry_protocol(entry), situation->protocol) ||
	    range.first != wanted.first || range.count != wanted.count)
		return 0;
	situation->entry_protocol = portres_entry_protocol(entry);
	if (entry_is_stored(search->handle, entry)) {
		situation->source = safe_text(file);
		if (stat(file, &st) == 0)
			situation->stored = st.st_mtime;
	} else {
		situation->source = entry_location(entry);
	}
	return 1;
}

/* Only a caller that can read the files learns it. */
static void find_source(struct portres *handle, struct situation *situation)
{
	struct source_search search = { handle, situation };

	if (situation->reservation && !portres_reservation_runtime(situation->reservation))
		portres_for_each_entry(handle, check_source, &search);
}

int situation_find(struct portres *handle, uint8_t protocol, uint16_t port, const char *cgroup,
		   struct situation *situation)
{
	int error;

	memset(situation, 0, sizeof(*situation));
	situation->protocol = protocol;
	situation->entry_protocol = protocol;
	situation->port = port;
	settings_read(&situation->settings);
	error = find_reservation(handle, situation);
	if (error)
		return error;
	find_source(handle, situation);
	holders_find(protocol, port, situation->reservation, &situation->holders);
	bindprogs_read(cgroup, &situation->programs);
	return 0;
}

void situation_free(struct situation *situation)
{
	portres_reservation_free(situation->reservation);
	holders_free(&situation->holders);
	free(situation->source);
	memset(situation, 0, sizeof(*situation));
}

bool situation_in_use(const struct situation *situation)
{
	return situation->holders.count || situation->holders.unseen ||
	       situation->holders.wait_until;
}

bool situation_is_ephemeral(const struct situation *situation)
{
	return range_has(&situation->settings.ephemeral, situation->port);
}

bool situation_is_privileged(const struct situation *situation)
{
	return situation->port < situation->settings.unprivileged;
}
