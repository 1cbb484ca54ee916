// SPDX-License-Identifier: LGPL-2.1-or-later
/* The objects that describe a reservation: the wish, and what the kernel tells. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

struct portres_spec *portres_spec_new(uint8_t protocol, uint16_t first, uint16_t count)
{
	struct portres_spec *spec = calloc(1, sizeof(*spec));

	if (!spec)
		return NULL;
	spec->protocol = protocol;
	spec->first = first;
	spec->count = count;
	return spec;
}

void portres_spec_free(struct portres_spec *spec)
{
	if (!spec)
		return;
	free(spec->name);
	free(spec);
}

int portres_spec_set_name(struct portres_spec *spec, const char *name)
{
	char *copy = NULL;

	if (name && strlen(name) > PORTRES_NAME_MAX)
		return -EINVAL;
	if (name) {
		copy = strdup(name);
		if (!copy)
			return -ENOMEM;
	}
	free(spec->name);
	spec->name = copy;
	return 0;
}

int portres_spec_set_owner(struct portres_spec *spec, uid_t owner)
{
	spec->has_owner = true;
	spec->owner = owner;
	return 0;
}

void portres_reservation_free(struct portres_reservation *reservation)
{
	free(reservation);
}

uint8_t portres_reservation_protocol(const struct portres_reservation *reservation)
{
	return reservation->protocol;
}

uint16_t portres_reservation_first(const struct portres_reservation *reservation)
{
	return reservation->first;
}

uint16_t portres_reservation_count(const struct portres_reservation *reservation)
{
	return reservation->count;
}

const char *portres_reservation_name(const struct portres_reservation *reservation)
{
	return PORTRES_HAS(reservation, PORTRES_A_NAME) ? reservation->name : NULL;
}

int portres_reservation_owner(const struct portres_reservation *reservation, uid_t *owner)
{
	if (!PORTRES_HAS(reservation, PORTRES_A_OWNER))
		return -ENOENT;
	*owner = reservation->owner;
	return 0;
}

int portres_reservation_token(const struct portres_reservation *reservation,
			      uint64_t *token)
{
	if (!PORTRES_HAS(reservation, PORTRES_A_TOKEN))
		return -EACCES;
	*token = reservation->token;
	return 0;
}

int portres_reservation_runtime(const struct portres_reservation *reservation)
{
	return PORTRES_HAS(reservation, PORTRES_A_RUNTIME) ? 1 : 0;
}

int portres_reservation_process(const struct portres_reservation *reservation,
				pid_t *process)
{
	if (!portres_reservation_runtime(reservation))
		return -ENOENT;
	if (!reservation->process)
		return -ESRCH;
	*process = (pid_t)reservation->process;
	return 0;
}

const char *portres_reservation_command(const struct portres_reservation *reservation)
{
	return portres_reservation_runtime(reservation) &&
	       PORTRES_HAS(reservation, PORTRES_A_COMMAND) ? reservation->command : NULL;
}

uint64_t portres_reservation_refused(const struct portres_reservation *reservation)
{
	return reservation->refused;
}

uint32_t portres_reservation_sockets(const struct portres_reservation *reservation)
{
	return reservation->sockets;
}
