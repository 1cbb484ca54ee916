// SPDX-License-Identifier: GPL-2.0-only
/* Descriptions of a reservation and its holder: in the table, in words, in JSON. */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "describe.h"
#include "kernel/reservation.h"
#include "output.h"
#include "tap.h"

/* No user of this number is to be expected. */
#define USER 4294967290U

static const struct portres_reservation persistent = {
	.has = 1U << PORTRES_A_NAME,
	.protocol = IPPROTO_UDP,
	.first = 5000,
	.count = 10,
	.name = "Asterisk RTP",
};

static struct portres_reservation runtime(uint32_t process, const char *command)
{
	struct portres_reservation r = {
		.has = 1U << PORTRES_A_RUNTIME | 1U << PORTRES_A_PROCESS |
		       1U << PORTRES_A_COMMAND | 1U << PORTRES_A_OWNER,
		.protocol = IPPROTO_UDP,
		.first = 40000,
		.count = 2,
		.owner = USER,
		.process = process,
		.sockets = 1,
	};

	snprintf(r.command, sizeof(r.command), "%s", command);
	return r;
}

/* Other users are told the user, and no more. */
static void test_untold(void)
{
	struct portres_reservation r = runtime(0, "");
	char *text;

	r.has = 1U << PORTRES_A_RUNTIME | 1U << PORTRES_A_OWNER;
	text = reservation_text(&r);
	tap_ok(!strcmp(text, "udp 40000-40001 (acquired by a process of 4294967290)"),
	       "a process that is not told, in words");
	free(text);
	text = reservation_process(&r);
	tap_ok(!strcmp(text, "?"), "and in the table");
	free(text);
}

static void test_texts(void)
{
	static const struct {
		const char *what;
		uint32_t process;
		const char *command;
		const char *wanted;
	} rows[] = {
		{ "a process", 812, "named", "udp 40000-40001 (acquired by named[812])" },
		{ "of another pid namespace", 0, "named",
		  "udp 40000-40001 (acquired by named[?])" },
		{ "without a command", 812, "", "udp 40000-40001 (acquired by ?[812])" },
		{ "that has a colour", 1, "\033[31m",
		  "udp 40000-40001 (acquired by \\x1b[31m[1])" },
	};
	char *text = reservation_text(&persistent);
	size_t i;

	tap_ok(!strcmp(text, "udp 5000-5009 (Asterisk RTP)"), "a persistent reservation in words");
	free(text);
	tap_ok(!reservation_process(&persistent), "no process has acquired it");
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct portres_reservation r = runtime(rows[i].process, rows[i].command);

		text = reservation_text(&r);
		if (!tap_ok(!strcmp(text, rows[i].wanted), "%s in words", rows[i].what))
			tap_diag("got: %s", text);
		free(text);
	}
}

/* Runs a printer on both kinds and keeps what it has printed. */
static void prints(void (*print)(const struct records *records), const char *wanted,
		   const char *what)
{
	struct portres_reservation acquired = runtime(812, "named");
	struct records records = { 0 };
	FILE *terminal = stdout;
	char *caught;
	size_t len;

	describe(records_add(&records), &persistent);
	describe(records_add(&records), &acquired);
	stdout = open_memstream(&caught, &len);
	print(&records);
	fclose(stdout);
	stdout = terminal;
	if (!tap_ok(!strcmp(caught, wanted), "%s", what)) {
		tap_diag("got: %s", caught);
		tap_diag("wanted: %s", wanted);
	}
	free(caught);
	records_free(&records);
}

/* As monitor does it: there must be room for the facts that it adds. */
static void print_events(const struct records *records)
{
	size_t i;

	for (i = 0; i < records->count; i++) {
		put_text(&records->items[i], "time", "time", 0, "now");
		put_text(&records->items[i], "event", "event", 0, "created");
		print_line(&records->items[i], false);
	}
}

static void test_prints(void)
{
	prints(print_table,
	       "PROTO  PORTS        COUNT  SOCKETS  REFUSED  AVOIDED  USER        PROCESS     FOR  NAME\n"
	       "udp    5000-5009       10        0        0        0  -           -           -    Asterisk RTP\n"
	       "udp    40000-40001      2        1        0        0  4294967290  named[812]  -    -\n",
	       "the table names the holder of each block");
	prints(print_details,
	       "udp 5000-5009\n"
	       "    count     10\n"
	       "    sockets   0\n"
	       "    refused   0\n"
	       "    avoided   0\n"
	       "    user      -\n"
	       "    process   -\n"
	       "    for       -\n"
	       "    name      Asterisk RTP\n"
	       "    token     -\n"
	       "\n"
	       "udp 40000-40001\n"
	       "    count     2\n"
	       "    sockets   1\n"
	       "    refused   0\n"
	       "    avoided   0\n"
	       "    user      4294967290\n"
	       "    process   named[812]\n"
	       "    for       -\n"
	       "    name      -\n"
	       "    token     -\n", "the details, too");
	prints(print_json,
	       "[\n"
	       "  {\"protocol\":\"udp\",\"first\":5000,\"last\":5009,\"count\":10,\"sockets\":0,"
	       "\"refused\":0,\"avoided\":0,\"owner\":null,\"user\":null,\"runtime\":false,\"process\":null,"
	       "\"process_start\":null,\"command\":null,\"for\":[],\"tree\":false,\"name\":\"Asterisk RTP\",\"token\":null},\n"
	       "  {\"protocol\":\"udp\",\"first\":40000,\"last\":40001,\"count\":2,\"sockets\":1,"
	       "\"refused\":0,\"avoided\":0,\"owner\":4294967290,\"user\":\"4294967290\",\"runtime\":true,"
	       "\"process\":812,\"process_start\":null,\"command\":\"named\",\"for\":[],\"tree\":false,\"name\":null,\"token\":null}\n"
	       "]\n", "JSON has process and command apart");
	prints(print_events,
	       "udp 5000-5009 name \"Asterisk RTP\"\n"
	       "udp 40000-40001 user 4294967290 process named[812]\n", "a line of the monitor");
}

int main(void)
{
	test_texts();
	test_untold();
	test_prints();
	return tap_finish();
}
