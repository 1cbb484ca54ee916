// SPDX-License-Identifier: GPL-2.0-only
/* Grants as text and as records; the requested grants as a spec for the library. */
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "grantee.h"
#include "kernel/unitname.h"
#include "message.h"
#include "text.h"

/* A list may have the same few users thousands of times. */
#define USERS 256

char *user_text(uid_t uid)
{
	static struct {
		uid_t uid;
		char *text;
	} users[USERS];
	size_t place = uid % USERS;
	const struct passwd *user;

	if (!users[place].text || users[place].uid != uid) {
		user = getpwuid(uid);
		free(users[place].text);
		users[place].text = user ? check_alloc(strdup(user->pw_name)) :
					   format_text("%u", uid);
		users[place].uid = uid;
	}
	return check_alloc(strdup(users[place].text));
}

const struct portres_grant *reservation_grant_at(const void *reservation, unsigned int number)
{
	return portres_reservation_grant(reservation, number);
}

const struct portres_grant *entry_grant_at(const void *entry, unsigned int number)
{
	return portres_entry_grant(entry, number);
}

/* A word as on the command line, quoted if necessary. To be freed. */
static char *word_text(const char *word)
{
	char *text;
	char *to;

	if (!strpbrk(word, " \t\"'#"))
		return check_alloc(strdup(word));
	text = check_alloc(malloc(2 * strlen(word) + sizeof("\"\"")));
	to = text;
	*to++ = '"';
	for (; *word; word++) {
		if (*word == '"')
			*to++ = '\\';
		*to++ = *word;
	}
	strcpy(to, "\"");
	return text;
}

char *grantee_text(const struct portres_grant *grant)
{
	const char *unit = portres_grant_unit(grant);
	const char *cgroup = portres_grant_cgroup(grant);
	char *user = NULL;
	char *word;
	char *text;
	uid_t uid;

	if (portres_grant_user(grant, &uid) == 0)
		user = user_text(uid);
	if (unit || cgroup) {
		word = word_text(unit ? unit : cgroup);
		text = format_text("%s %s%s%s", unit ? "unit" : "cgroup", word, user ? " of " : "",
				   user ? user : "");
		free(word);
	} else if (user) {
		text = format_text("user %s", user);
	} else {
		text = check_alloc(strdup(portres_grant_kind(grant) == PORTRES_GRANT_KERNEL ?
					  "kernel" : "?"));
	}
	free(user);
	return text;
}

char *grants_text(grant_at_fn *at, const void *of)
{
	const struct portres_grant *grant;
	char *words = NULL;
	unsigned int i;

	for (i = 0; (grant = at(of, i)); i++) {
		char *text = grantee_text(grant);

		append_text(&words, text);
		free(text);
	}
	return words;
}

char *grants_typed_text(grant_at_fn *at, const void *of)
{
	const struct portres_grant *grant;
	char *words = NULL;
	unsigned int i;

	for (i = 0; (grant = at(of, i)); i++) {
		char *text = grantee_text(grant);
		char *more = format_text("%s%sfor %s", words ? words : "", words ? " " : "", text);

		free(words);
		free(text);
		words = more;
	}
	return words;
}

static void describe_grant(struct record *record, const struct portres_grant *grant)
{
	char *text = record->use == FOR_JSON ? NULL : grantee_text(grant);
	uid_t uid;

	put_text(record, NULL, "grantee", IN_WORDS | BARE, text);
	free(text);
	switch (portres_grant_kind(grant)) {
	case PORTRES_GRANT_USER:
		if (portres_grant_user(grant, &uid) == 0)
			put_number(record, "user", NULL, 0, uid);
		break;
	case PORTRES_GRANT_UNIT:
		put_text(record, "unit", NULL, 0, portres_grant_unit(grant));
		if (portres_grant_user(grant, &uid) == 0)
			put_number(record, "of", NULL, 0, uid);
		break;
	case PORTRES_GRANT_CGROUP:
		put_text(record, "cgroup", NULL, 0, portres_grant_cgroup(grant));
		break;
	case PORTRES_GRANT_KERNEL:
		put_flag(record, "kernel", true);
		break;
	}
}

static void put_grants_list(struct record *record, grant_at_fn *at, const void *of,
			    const char *who)
{
	const struct portres_grant *grant;
	struct records grants = { 0 };
	unsigned int i;

	for (i = 0; (grant = at(of, i)); i++) {
		struct record *item = records_add(&grants);

		item->use = record->use;
		describe_grant(item, grant);
	}
	if (!grants.count && who && record->use != FOR_JSON)
		put_text(records_add(&grants), NULL, "grantee", IN_WORDS | BARE, who);
	put_list(record, "for", "for", IN_DETAIL, &grants);
}

void put_grants(struct record *record, grant_at_fn *at, const void *of, const char *who)
{
	char *text;

	if (record->use == FOR_ANY || record->use == FOR_TABLE) {
		text = grants_text(at, of);
		put_text(record, NULL, "for", IN_TABLE, text ? text : who);
		free(text);
	}
	if (record->use == FOR_ANY || record->use == FOR_WORDS) {
		text = grants_typed_text(at, of);
		put_text(record, NULL, "for", IN_WORDS | AS_TYPED, text);
		free(text);
	}
	if (record->use == FOR_ANY || record->use == FOR_JSON)
		put_grants_list(record, at, of, who);
}

/* A text that is the same for the same grant, and quick: no name of a user. To be freed. */
static char *grant_key(const struct portres_grant *grant)
{
	const char *text = portres_grant_unit(grant);
	char user[16] = "";
	uid_t uid;

	if (!text)
		text = portres_grant_cgroup(grant);
	if (portres_grant_user(grant, &uid) == 0)
		snprintf(user, sizeof(user), "%u", uid);
	return format_text("%d %s %s", (int)portres_grant_kind(grant), user, text ? text : "");
}

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

char *grants_key(grant_at_fn *at, const void *of)
{
	char *texts[PORTRES_GRANTS_MAX];
	const struct portres_grant *grant;
	char *key = check_alloc(strdup(""));
	unsigned int count = 0;
	unsigned int i;

	while (count < PORTRES_GRANTS_MAX && (grant = at(of, count)))
		texts[count++] = grant_key(grant);
	if (count)
		qsort(texts, count, sizeof(texts[0]), compare_texts);
	for (i = 0; i < count; i++) {
		char *longer = format_text("%s\n%s", key, texts[i]);

		free(key);
		free(texts[i]);
		key = longer;
	}
	return key;
}

static bool is_same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : !a && !b;
}

/* Checks whether a grant is the requested one. */
static bool is_grantee(const struct portres_grant *grant, const struct grantee *grantee)
{
	const char *text = portres_grant_unit(grant) ? portres_grant_unit(grant) :
						       portres_grant_cgroup(grant);
	portres_unit_name name;
	char *path = NULL;
	uid_t user = 0;
	bool has_user;
	bool same;

	if (portres_grant_kind(grant) != grantee->kind)
		return false;
	has_user = portres_grant_user(grant, &user) == 0;
	if (has_user != grantee->has_user || (has_user && user != grantee->user))
		return false;
	if (grantee->kind == PORTRES_GRANT_UNIT)
		return !portres_unit_mangle(grantee->text, name) && is_same_text(text, name);
	if (grantee->kind == PORTRES_GRANT_CGROUP)
		path = portres_cgroup_normalize(grantee->text);
	same = is_same_text(text, path);
	free(path);
	return same;
}

bool is_granted(const struct portres_reservation *reservation, const struct grantee *grantee)
{
	const struct portres_grant *grant;
	unsigned int i;

	for (i = 0; (grant = portres_reservation_grant(reservation, i)); i++)
		if (is_grantee(grant, grantee))
			return true;
	return false;
}

static bool was_asked_for(const struct portres_grant *grant, const struct block_args *args)
{
	unsigned int i;

	for (i = 0; i < args->grantee_count; i++)
		if (is_grantee(grant, &args->grantees[i]))
			return true;
	return false;
}

bool has_grants_of(const struct portres_reservation *reservation, const struct block_args *args)
{
	const struct portres_grant *grant;
	unsigned int i;

	for (i = 0; i < args->grantee_count; i++)
		if (!is_granted(reservation, &args->grantees[i]))
			return false;
	for (i = 0; (grant = portres_reservation_grant(reservation, i)); i++)
		if (!was_asked_for(grant, args))
			return false;
	return true;
}

static int spec_add_grantee(struct portres_spec *spec, const struct grantee *grantee)
{
	switch (grantee->kind) {
	case PORTRES_GRANT_USER:
		return portres_spec_grant_user(spec, grantee->user);
	case PORTRES_GRANT_UNIT:
		return grantee->has_user ?
			portres_spec_grant_user_unit(spec, grantee->text, grantee->user) :
			portres_spec_grant_unit(spec, grantee->text);
	case PORTRES_GRANT_CGROUP:
		return portres_spec_grant_cgroup(spec, grantee->text);
	case PORTRES_GRANT_KERNEL:
		break;
	}
	return portres_spec_grant_kernel(spec);
}

struct portres_spec *args_spec(const struct block_args *args)
{
	const struct range *range = args->to.count ? &args->to : &args->range;
	struct portres_spec *spec =
		check_alloc(portres_spec_new(args->protocol, range->first, range->count));
	int error = portres_spec_set_name(spec, args->name);
	unsigned int i;

	for (i = 0; !error && i < args->grantee_count; i++)
		error = spec_add_grantee(spec, &args->grantees[i]);
	if (!error)
		error = portres_spec_set_adopt(spec, args->adopt);
	if (!error)
		return spec;
	print_error("%s", portres_strerror(error));
	portres_spec_free(spec);
	return NULL;
}

/* The file has the line "0::" once cgroup v2 was mounted anywhere. */
static bool has_cgroups(void)
{
	FILE *file = fopen("/proc/self/cgroup", "re");
	char line[512];
	bool has = !file;

	while (file && !has && fgets(line, sizeof(line), file))
		has = strncmp(line, "0::", 3) == 0;
	if (file)
		fclose(file);
	return has;
}

/* The initial cgroup namespace has the same number in every kernel (PROC_CGROUP_INIT_INO). */
static bool in_cgroup_namespace(void)
{
	char target[64];
	ssize_t len = readlink("/proc/self/ns/cgroup", target, sizeof(target) - 1);

	if (len < 0)
		return false;
	target[len] = '\0';
	return strcmp(target, "cgroup:[4026531835]") != 0;
}

void note_about_cgroups(void)
{
	if (!has_cgroups())
		print_note("cgroup v2 is not mounted: grants for units and cgroups match no "
			   "process; use \"for user\"");
	else if (in_cgroup_namespace())
		print_note("this is a cgroup namespace of its own, as in a container: grants for "
			   "units and cgroups match no process outside of it");
}

static bool is_of_cgroup(enum portres_grant_kind kind)
{
	return kind == PORTRES_GRANT_UNIT || kind == PORTRES_GRANT_CGROUP;
}

bool args_need_cgroups(const struct block_args *args)
{
	bool needed = false;
	unsigned int i;

	for (i = 0; i < args->grantee_count; i++)
		needed |= is_of_cgroup(args->grantees[i].kind);
	return needed;
}

bool entry_needs_cgroups(const struct portres_entry *entry)
{
	const struct portres_grant *grant;
	bool needed = false;
	unsigned int i;

	for (i = 0; (grant = portres_entry_grant(entry, i)); i++)
		needed |= is_of_cgroup(portres_grant_kind(grant));
	return needed;
}
