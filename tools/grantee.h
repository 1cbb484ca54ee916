/* SPDX-License-Identifier: GPL-2.0-only */
/* Grants as text and as records; the requested grants as a spec for the library. */
#ifndef PORTRES_GRANTEE_H
#define PORTRES_GRANTEE_H

#include "parse.h"
#include "record.h"

/* The grants of a reservation or an entry by number; NULL after the last. */
typedef const struct portres_grant *grant_at_fn(const void *of, unsigned int number);
const struct portres_grant *reservation_grant_at(const void *reservation, unsigned int number);
const struct portres_grant *entry_grant_at(const void *entry, unsigned int number);

/* "user asterisk", "unit rtp.service of alice", "cgroup /x", "kernel". To be freed. */
char *grantee_text(const struct portres_grant *grant);

/* All of them in a line, "user asterisk, unit rtp.service"; NULL: none. To be freed. */
char *grants_text(grant_at_fn *at, const void *of);

/* As on the command line: "for user asterisk for unit rtp.service". To be freed; NULL: none. */
char *grants_typed_text(grant_at_fn *at, const void *of);

/* Adds the grants to a record, for display and for JSON. who: the display if there are none. */
void put_grants(struct record *record, grant_at_fn *at, const void *of, const char *who);

/* A text that is equal for equal sets of grants, in any order. To be freed. */
char *grants_key(grant_at_fn *at, const void *of);

/* Checks whether a reservation has that grant, maybe among others. */
bool is_granted(const struct portres_reservation *reservation, const struct grantee *grantee);

/* Checks whether a reservation has exactly the requested grants. */
bool has_grants_of(const struct portres_reservation *reservation, const struct block_args *args);

/* The requested reservation; the caller frees it. NULL: an error was printed. */
struct portres_spec *args_spec(const struct block_args *args);

/* Whether there is a grant for a unit or a cgroup. */
bool args_need_cgroups(const struct block_args *args);
bool entry_needs_cgroups(const struct portres_entry *entry);

/* For such a grant: prints a note if it matches no process, or none outside of a container. */
void note_about_cgroups(void);

/* The name of a user, or the number. To be freed. */
char *user_text(uid_t uid);

#endif /* PORTRES_GRANTEE_H */
