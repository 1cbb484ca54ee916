// SPDX-License-Identifier: GPL-2.0-only
/* Refused binds as a line, as JSON, as a sentence and as an entry of the journal. */
#include <endian.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "answer.h"
#include "describe.h"
#include "journal.h"
#include "kernel/refusals.h"
#include "kernel/reservation.h"
#include "output.h"
#include "process.h"
#include "refused.h"
#include "tap.h"

/* A user that no system has; a process that cannot be. */
static const struct portres_refusal whole = {
	.protocol = IPPROTO_TCP, .first = 5060, .count = 2, .name = "sip", .port = 5061,
	.error = EADDRINUSE, .user = 4294967290U, .process = INT32_MAX, .process_start = 77,
	.time = 1785500000123456789ULL, .times = 3, .command = "stranger",
};

static const struct portres_refusal least = {
	.protocol = IPPROTO_UDP, .port = 53, .error = EACCES, .user = 4294967290U, .times = 1,
	.command = "a\nb",
};

/* Prints a record as a line, to be freed. */
static char *print(const struct record *record, bool json)
{
	FILE *terminal = stdout;
	char *caught;
	size_t len;

	stdout = open_memstream(&caught, &len);
	print_line(record, json);
	fclose(stdout);
	stdout = terminal;
	return caught;
}

static void is(char *got, const char *wanted, const char *what)
{
	if (!tap_ok(!strcmp(got, wanted), "%s", what))
		tap_diag("got: %s", got);
	free(got);
}

static void prints(const struct portres_refusal *refusal, bool json, const char *wanted,
		   const char *what)
{
	struct records records = { 0 };
	struct record *record = records_add(&records);

	put_text(record, "event", "event", IN_WORDS | BARE, "refused");
	refused_describe(record, refusal);
	is(print(record, json), wanted, what);
	records_free(&records);
}

static void says(const struct portres_refusal *refusal, const char *wanted, const char *what)
{
	is(refused_text(refusal), wanted, what);
}

/* The kernel's clock has a few milliseconds: of several processes the time may be the same. */
static void test_why(void)
{
	struct portres_refusals refusals = { .count = 4, .items = { least, whole, whole, whole } };
	struct portres_reservation reservation = { .protocol = IPPROTO_TCP, .first = 5060,
						   .count = 2, .refusals = &refusals };
	const struct situation situation = { .reservation = &reservation };
	struct sentences answer = { 0 };
	unsigned int said[4] = { 0 };
	size_t i;

	for (i = 0; i < 4; i++)
		refusals.items[i].port = (uint16_t)(5060 + i);
	refusals.items[1].time++;
	answer_facts(&situation, &answer);
	for (i = 0; i < answer.count; i++) {
		const char *port = strstr(answer.items[i], "was refused tcp port ");

		if (port)
			said[atoi(port + 21) - 5060]++;
	}
	tap_ok(said[1] == 1 && said[2] == 1 && said[3] == 1,
	       "why names each of those that were refused at the same time, once");
	tap_num(said[0], 0, "and none that was refused before them");
	sentences_free(&answer);
}

static void test_unit(void)
{
	const struct unit system = { .name = "rtp.service" };
	const struct unit of_user = { .name = "caddy.service", .has_user = true,
				      .user = 4294967290U };
	struct record record = { 0 };

	put_unit(&record, &of_user);
	is(print(&record, false), "unit \"caddy.service of 4294967290\"\n",
	   "a unit of a user, in words");
	is(print(&record, true), "{\"unit\":\"caddy.service\",\"of\":4294967290}\n",
	   "in JSON the user is apart");
	record_clear(&record);
	put_unit(&record, &system);
	is(print(&record, true), "{\"unit\":\"rtp.service\",\"of\":null}\n",
	   "a unit of the system");
	record_clear(&record);
	put_unit(&record, NULL);
	is(print(&record, false), "\n", "no unit");
	is(print(&record, true), "{\"unit\":null,\"of\":null}\n", "no unit in JSON");
	record_clear(&record);
}

static void test_list(void)
{
	struct portres_refusals refusals = { .count = 1, .items = { whole } };
	struct portres_reservation reservation = { .protocol = IPPROTO_TCP, .first = 5060,
						   .count = 2, .refusals = &refusals };
	struct record record = { 0 };

	refused_describe_all(&record, &reservation);
	tap_ok(record.count == 1 && record.facts[0].kind == FACT_LIST &&
	       record.facts[0].list->count == 1, "a list of one");
	record_clear(&record);
	reservation.refusals = NULL;
	refused_describe_all(&record, &reservation);
	tap_ok(record.count == 1 && !record.facts[0].list->count, "a list of none");
	record_clear(&record);
}

static bool has_line(const char *entry, size_t len, const char *line)
{
	return memmem(entry, len, line, strlen(line));
}

static void test_journal(void)
{
	uint64_t size = htole64(3);
	struct record record = { 0 };
	char lines[64];
	size_t len;
	char *entry;
	char *at;

	refused_describe(&record, &whole);
	entry = journal_entry("said", &record, &len);
	tap_ok(!strncmp(entry, "MESSAGE=said\n", 13), "the message comes first");
	tap_ok(entry[len - 1] == '\n', "it ends with a line");
	tap_ok(has_line(entry, len, "\nPORTRES_PORT=5061\n"), "the port");
	tap_ok(has_line(entry, len, "\nPORTRES_ERRNO=EADDRINUSE\n"), "the errno");
	tap_ok(has_line(entry, len, "\nPORTRES_COMMAND=stranger\n"), "the command");
	tap_ok(has_line(entry, len, "\nPORTRES_PROCESS=2147483647\nOBJECT_PID=2147483647\n"),
	       "the process, also for the journal");
	tap_ok(!has_line(entry, len, "PORTRES_UNIT"), "no field without a value");
	free(entry);
	record_clear(&record);

	refused_describe(&record, &least);
	entry = journal_entry("said", &record, &len);
	memcpy(lines, "PORTRES_COMMAND\n", 16);
	memcpy(lines + 16, &size, sizeof(size));
	memcpy(lines + 24, "a\nb\n", 4);
	at = memmem(entry, len, lines, 28);
	tap_ok(at, "a value of two lines has its length in front of it");
	tap_ok(!has_line(entry, len, "OBJECT_PID"), "a process without number is no object");
	free(entry);
	record_clear(&record);
}

static void test_process(void)
{
	unsigned long long ticks = 0;
	char line[1024] = "";
	FILE *file = fopen("/proc/self/stat", "re");
	uint64_t tick = 1000000000ULL / (uint64_t)sysconf(_SC_CLK_TCK);

	if (!file || !fgets(line, sizeof(line), file) ||
	    sscanf(strrchr(line, ')') + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u "
		   "%*u %*u %*d %*d %*d %*d %*d %*d %llu", &ticks) != 1)
		tap_bail("no /proc/self/stat");
	fclose(file);
	tap_ok(process_is_since(getpid(), ticks * tick), "this process");
	tap_ok(process_is_since(getpid(), ticks * tick + tick - 1), "in the same tick");
	tap_ok(!process_is_since(getpid(), (ticks + 1) * tick), "not another one of its number");
	tap_ok(!process_is_since(INT32_MAX, ticks * tick), "nor one that is gone");
}

int main(void)
{
	prints(&whole, false,
	       "refused tcp 5061 of 5060-5061 name sip process stranger[2147483647] user 4294967290 "
	       "with EADDRINUSE times 3\n", "a line");
	prints(&whole, true,
	       "{\"event\":\"refused\",\"protocol\":\"tcp\",\"port\":5061,\"first\":5060,\"last\":5061,"
	       "\"name\":\"sip\",\"process\":2147483647,\"process_start\":77,\"command\":\"stranger\","
	       "\"uid\":4294967290,\"user\":\"4294967290\",\"unit\":null,\"of\":null,"
	       "\"cgroup\":null,"
	       "\"errno\":\"EADDRINUSE\",\"times\":3}\n", "JSON");
	prints(&least, false,
	       "refused udp 53 process a\\x0ab[?] user 4294967290 with EACCES times 1\n",
	       "a line of the least");
	says(&whole, "stranger[2147483647] of 4294967290 was refused tcp port 5061 with EADDRINUSE",
	     "a sentence");
	says(&least, "a\\x0ab[?] of 4294967290 was refused udp port 53 with EACCES",
	     "a sentence is safe to print");
	test_why();
	test_unit();
	test_list();
	test_journal();
	test_process();
	return tap_finish();
}
