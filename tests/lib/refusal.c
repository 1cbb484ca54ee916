// SPDX-License-Identifier: GPL-2.0-only
/* Judges refused requests. */
#include "refusal.h"

#include <linux/netlink.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const names[] = {
	[PORTRES_A_UNSPEC] = "UNSPEC",
	[PORTRES_A_PAD] = "PAD",
	[PORTRES_A_PROTOCOL] = "PROTOCOL",
	[PORTRES_A_FIRST] = "FIRST",
	[PORTRES_A_COUNT] = "COUNT",
	[PORTRES_A_PORT] = "PORT",
	[PORTRES_A_TOKEN] = "TOKEN",
	[PORTRES_A_NAME] = "NAME",
	[PORTRES_A_OWNER] = "OWNER",
	[PORTRES_A_REFUSED] = "REFUSED",
	[PORTRES_A_SOCKETS] = "SOCKETS",
	[PORTRES_A_RUNTIME] = "RUNTIME",
	[PORTRES_A_PROCESS] = "PROCESS",
	[PORTRES_A_COMMAND] = "COMMAND",
	[PORTRES_A_PROCESS_START] = "PROCESS_START",
	[PORTRES_A_BY_USER] = "BY_USER",
	[PORTRES_A_BY_PROCESS] = "BY_PROCESS",
	[PORTRES_A_BY_COMMAND] = "BY_COMMAND",
	[PORTRES_A_GRANT] = "GRANT",
	[PORTRES_A_NO_GRANTS] = "NO_GRANTS",
	[PORTRES_A_ADOPT] = "ADOPT",
	[PORTRES_A_TREE] = "TREE",
	[PORTRES_A_WAS_FIRST] = "WAS_FIRST",
	[PORTRES_A_WAS_COUNT] = "WAS_COUNT",
	[PORTRES_A_AVOIDED] = "AVOIDED",
	[PORTRES_A_REFUSAL] = "REFUSAL",
	[PORTRES_A_LOST] = "LOST",
};

_Static_assert(sizeof(names) / sizeof(*names) == PORTRES_A_MAX + 1, "a name for each attribute");

/* What tap_refused() will tell; what does not fit is more than people read. */
static char wrongs[2048];
static size_t wrongs_len;

const char *attr_name(int attr)
{
	return attr >= 0 && attr <= PORTRES_A_MAX ? names[attr] : "unknown attribute";
}

static void mix(uint64_t *hash, const void *data, size_t len)
{
	const unsigned char *byte = data;

	for (; len; len--)
		*hash = (*hash ^ *byte++) * 0x100000001b3;
}

static void mix_resv(const struct resv *resv, void *arg)
{
	mix(arg, &resv->has, sizeof(resv->has));
	mix(arg, &resv->protocol, sizeof(resv->protocol));
	mix(arg, &resv->first, sizeof(resv->first));
	mix(arg, &resv->count, sizeof(resv->count));
	mix(arg, &resv->token, sizeof(resv->token));
	mix(arg, resv->name, sizeof(resv->name));
	mix(arg, &resv->owner, sizeof(resv->owner));
	mix(arg, &resv->refused, sizeof(resv->refused));
	mix(arg, &resv->sockets, sizeof(resv->sockets));
	mix(arg, &resv->process, sizeof(resv->process));
	mix(arg, resv->command, sizeof(resv->command));
	mix(arg, &resv->process_start, sizeof(resv->process_start));
}

uint64_t state_of(struct client *c)
{
	uint64_t hash = 0xcbf29ce484222325;
	struct answer answer = { .each = mix_resv, .arg = &hash };
	struct request rq;
	int error;

	request_init(&rq, PORTRES_CMD_GET, NLM_F_DUMP);
	error = client_call(c, &rq, &answer);
	if (error)
		tap_bail("no dump: %s", errno_name(error));
	return hash;
}

/* Where an attribute is missing, the text is the only thing that a person reads of it. */
static bool names_missing(const char *text, int attr)
{
	return strcasestr(text, attr_name(attr));
}

static void __printf(1, 2) remember(const char *fmt, ...)
{
	size_t space = sizeof(wrongs) - wrongs_len;
	va_list args;
	size_t len;

	va_start(args, fmt);
	len = vsnprintf(wrongs + wrongs_len, space, fmt, args);
	va_end(args);
	wrongs_len += len < space ? len : space - 1;
}

static const char *fault(const struct answer *answer, int error, const struct refusal *wanted)
{
	int bad = answer->bad_attr < 0 ? 0 : answer->bad_attr;
	int missing = answer->miss_attr < 0 ? 0 : answer->miss_attr;

	if (error != wanted->error)
		return "the wrong errno";
	if (wanted->bad != ANY_ATTR && bad != wanted->bad)
		return "the wrong attribute is pointed to";
	if (missing != wanted->missing)
		return "the wrong attribute is told to be missing";
	if (!wanted->silent && !answer->text[0])
		return "no text";
	if (missing && !names_missing(answer->text, missing))
		return "the text does not name the missing attribute";
	if (answer->messages)
		return "a refusal and an answer";
	return NULL;
}

bool refused(struct client *c, const struct request *rq, const struct refusal *wanted,
	     const char *what)
{
	struct answer answer = { 0 };
	uint64_t before = state_of(c);
	int error = client_call(c, rq, &answer);
	const char *wrong = fault(&answer, error, wanted);

	if (!wrong && state_of(c) != before)
		wrong = "the reservations have changed";
	if (!wrong)
		return true;
	remember("%s: %s\n", what, wrong);
	remember("got %s, wanted %s; bad attribute %d, missing %d, text \"%s\"\n",
		 errno_name(error), errno_name(wanted->error), answer.bad_attr, answer.miss_attr,
		 answer.text);
	return false;
}

void tap_refused(bool ok, const char *fmt, ...)
{
	char text[256], *rest = wrongs, *line;
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	tap_ok(ok, "%s", text);
	while ((line = strsep(&rest, "\n"))) {
		if (*line)
			tap_diag("%s", line);
	}
	wrongs_len = 0;
	wrongs[0] = '\0';
}
