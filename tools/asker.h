/* SPDX-License-Identifier: GPL-2.0-only */
/* The user, unit or process that would bind to a port, as far as it is known. */
#ifndef PORTRES_ASKER_H
#define PORTRES_ASKER_H

#include <stdbool.h>
#include <sys/types.h>

#include "cgroup.h"
#include "parse.h"

enum asker_kind { ASKER_CALLER, ASKER_USER, ASKER_UNIT, ASKER_PROCESS };
enum asker_privilege { PRIVILEGE_UNKNOWN, PRIVILEGE_NO, PRIVILEGE_YES };

struct asker {
	enum asker_kind kind;
	char *name;		/* "user relay", safe to print */
	pid_t pid;		/* the process, or one of the unit; 0: none */
	bool has_user;
	uid_t user;		/* effective */
	bool has_unit;
	struct unit unit;
	char *cgroup;		/* NULL: not known */
	enum asker_privilege privilege;	/* CAP_NET_BIND_SERVICE */
	bool elsewhere;		/* in another network namespace */
};

/*
 * Parses [for user USER | for unit UNIT [of USER] | for pid PID]; without words, it is the caller.
 * Returns false and writes reason if the words are invalid.
 */
bool asker_parse(int argc, char **argv, struct asker *asker, parse_reason reason);

/* Finds out the rest. Returns false and writes reason if there is no such process. */
bool asker_find(struct asker *asker, parse_reason reason);
void asker_free(struct asker *asker);

/* Whether the process is or descends from another one. */
bool asker_descends(const struct asker *asker, pid_t ancestor);

#endif /* PORTRES_ASKER_H */
