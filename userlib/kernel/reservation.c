// SPDX-License-Identifier: LGPL-2.1-or-later
/* Objects: the specification of a reservation, and the description by the kernel. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reservation.h"
#include "unitname.h"

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
	portres_spec_clear(spec);
	free(spec);
}

void portres_spec_clear(struct portres_spec *spec)
{
	free(spec->name);
	portres_grants_clear(&spec->grants);
	memset(spec, 0, sizeof(*spec));
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

int portres_spec_grant_user(struct portres_spec *spec, uid_t user)
{
	const struct portres_grant grant = {
		.kind = PORTRES_GRANT_USER, .has_user = true, .user = user,
	};

	return portres_grants_add(&spec->grants, &grant);
}

static int grant_unit(struct portres_spec *spec, const char *unit, const uid_t *user)
{
	struct portres_grant grant = { .kind = PORTRES_GRANT_UNIT, .has_user = user };
	portres_unit_name name;

	if (portres_unit_mangle(unit, name))
		return -EINVAL;
	grant.text = name;
	if (user)
		grant.user = *user;
	return portres_grants_add(&spec->grants, &grant);
}

int portres_spec_grant_unit(struct portres_spec *spec, const char *unit)
{
	return grant_unit(spec, unit, NULL);
}

int portres_spec_grant_user_unit(struct portres_spec *spec, const char *unit, uid_t user)
{
	return grant_unit(spec, unit, &user);
}

int portres_spec_grant_cgroup(struct portres_spec *spec, const char *path)
{
	struct portres_grant grant = { .kind = PORTRES_GRANT_CGROUP };
	int error;

	grant.text = portres_cgroup_normalize(path);
	if (!grant.text)
		return errno == ENOMEM ? -ENOMEM : -EINVAL;
	error = portres_grants_add(&spec->grants, &grant);
	free(grant.text);
	return error;
}

int portres_spec_grant_kernel(struct portres_spec *spec)
{
	const struct portres_grant grant = { .kind = PORTRES_GRANT_KERNEL };

	return portres_grants_add(&spec->grants, &grant);
}

int portres_spec_set_adopt(struct portres_spec *spec, int adopt)
{
	spec->adopt = adopt;
	return 0;
}

int portres_spec_describe(struct portres_spec *spec, const struct portres_reservation *found)
{
	int error;

	*spec = (struct portres_spec){ .protocol = found->protocol, .first = found->first,
				       .count = found->count };
	error = portres_spec_set_name(spec, portres_reservation_name(found));
	return error ? error : portres_grants_add_all(&spec->grants,
						      portres_reservation_list(found));
}

int portres_spec_list_grants(const struct portres_spec *spec, struct portres_grants *grants)
{
	const struct portres_grant owner = {
		.kind = PORTRES_GRANT_USER, .has_user = true, .user = spec->owner,
	};
	int error = 0;

	memset(grants, 0, sizeof(*grants));
	if (spec->has_owner)
		error = portres_grants_add(grants, &owner);
	if (!error)
		error = portres_grants_add_all(grants, &spec->grants);
	if (error)
		portres_grants_clear(grants);
	return error;
}

void portres_reservation_clear(struct portres_reservation *reservation)
{
	free(reservation->refusals);
	reservation->refusals = NULL;
	if (!reservation->grants)
		return;
	portres_grants_clear(reservation->grants);
	free(reservation->grants);
	reservation->grants = NULL;
}

void portres_reservation_free(struct portres_reservation *reservation)
{
	if (!reservation)
		return;
	portres_reservation_clear(reservation);
	free(reservation);
}

const struct portres_grants *
portres_reservation_list(const struct portres_reservation *reservation)
{
	static const struct portres_grants none;

	return reservation->grants ? reservation->grants : &none;
}

static bool is_same_name(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : !a && !b;
}

unsigned int portres_reservation_differs(const struct portres_reservation *reservation,
					 const struct portres_spec *spec)
{
	struct portres_grants grants;
	unsigned int what = 0;

	if (reservation->first != spec->first || reservation->count != spec->count)
		what |= PORTRES_SET_BLOCK;
	if (!is_same_name(portres_reservation_name(reservation), spec->name))
		what |= PORTRES_SET_NAME;
	/* Without memory they count as others. */
	if (portres_spec_list_grants(spec, &grants))
		return what | PORTRES_SET_GRANTS;
	if (!portres_grants_equal(portres_reservation_list(reservation), &grants))
		what |= PORTRES_SET_GRANTS;
	portres_grants_clear(&grants);
	return what;
}

const struct portres_grant *
portres_reservation_grant(const struct portres_reservation *reservation, unsigned int number)
{
	const struct portres_grants *grants = portres_reservation_list(reservation);

	return number < grants->count ? &grants->items[number] : NULL;
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

int portres_reservation_tree(const struct portres_reservation *reservation)
{
	return PORTRES_HAS(reservation, PORTRES_A_TREE) ? 1 : 0;
}

int portres_reservation_process(const struct portres_reservation *reservation,
				pid_t *process)
{
	if (!portres_reservation_runtime(reservation))
		return -ENOENT;
	if (!PORTRES_HAS(reservation, PORTRES_A_PROCESS))
		return -EACCES;
	if (!reservation->process)
		return -ESRCH;
	*process = (pid_t)reservation->process;
	return 0;
}

int portres_reservation_process_start(const struct portres_reservation *reservation,
				      uint64_t *nanoseconds)
{
	if (!portres_reservation_runtime(reservation))
		return -ENOENT;
	if (!PORTRES_HAS(reservation, PORTRES_A_PROCESS_START))
		return -EACCES;
	*nanoseconds = reservation->process_start;
	return 0;
}

const char *portres_reservation_command(const struct portres_reservation *reservation)
{
	return portres_reservation_runtime(reservation) &&
	       PORTRES_HAS(reservation, PORTRES_A_COMMAND) ? reservation->command : NULL;
}

int portres_reservation_was(const struct portres_reservation *reservation, uint16_t *first,
			    uint16_t *count)
{
	if (!PORTRES_HAS(reservation, PORTRES_A_WAS_FIRST) ||
	    !PORTRES_HAS(reservation, PORTRES_A_WAS_COUNT))
		return -ENOENT;
	*first = reservation->was_first;
	*count = reservation->was_count;
	return 0;
}

int portres_reservation_by_user(const struct portres_reservation *reservation, uid_t *user)
{
	if (!PORTRES_HAS(reservation, PORTRES_A_BY_USER))
		return -ENOENT;
	*user = reservation->by_user;
	return 0;
}

int portres_reservation_by_process(const struct portres_reservation *reservation, pid_t *process)
{
	if (!PORTRES_HAS(reservation, PORTRES_A_BY_PROCESS))
		return -ENOENT;
	if (!reservation->by_process)
		return -ESRCH;
	*process = (pid_t)reservation->by_process;
	return 0;
}

const char *portres_reservation_by_command(const struct portres_reservation *reservation)
{
	return PORTRES_HAS(reservation, PORTRES_A_BY_COMMAND) ? reservation->by_command : NULL;
}

uint64_t portres_reservation_refused(const struct portres_reservation *reservation)
{
	return reservation->refused;
}

uint64_t portres_reservation_avoided(const struct portres_reservation *reservation)
{
	return reservation->avoided;
}

uint32_t portres_reservation_sockets(const struct portres_reservation *reservation)
{
	return reservation->sockets;
}
