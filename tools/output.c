// SPDX-License-Identifier: GPL-2.0-only
/* Tables, paragraphs, lines and JSON from the same records. */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output.h"
#include "text.h"

struct record *records_add(struct records *records)
{
	struct record *record;

	records->items = need(reallocarray(records->items, records->count + 1,
					   sizeof(*records->items)));
	record = &records->items[records->count++];
	memset(record, 0, sizeof(*record));
	return record;
}

void records_free(struct records *records)
{
	size_t i;
	size_t j;

	for (i = 0; i < records->count; i++) {
		for (j = 0; j < records->items[i].count; j++) {
			struct fact *fact = &records->items[i].facts[j];

			free(fact->value);
			if (fact->list)
				records_free(fact->list);
			free(fact->list);
		}
	}
	free(records->items);
	memset(records, 0, sizeof(*records));
}

static struct fact *put(struct record *record, const char *key, const char *label,
			unsigned int where)
{
	struct fact *fact = &record->facts[record->count++];

	if (record->count > sizeof(record->facts) / sizeof(record->facts[0]))
		abort();
	fact->key = key;
	fact->label = label;
	fact->where = where;
	return fact;
}

void put_text(struct record *record, const char *key, const char *label,
	      unsigned int where, const char *value)
{
	struct fact *fact = put(record, key, label, where);

	if (value)
		fact->value = need(strdup(value));
}

void put_number(struct record *record, const char *key, const char *label,
		unsigned int where, uint64_t value)
{
	struct fact *fact = put(record, key, label, where);

	fact->number = true;
	fact->value = format_text("%" PRIu64, value);
}

void put_flag(struct record *record, const char *key, bool value)
{
	struct fact *fact = put(record, key, NULL, 0);

	fact->number = true;
	fact->value = need(strdup(value ? "true" : "false"));
}

void put_token(struct record *record, const char *key, const char *label,
	       unsigned int where, uint64_t value)
{
	struct fact *fact = put(record, key, label, where);

	fact->value = format_text("0x%016" PRIx64, value);
}

void put_list(struct record *record, const char *key, const char *label,
	      unsigned int where, struct records *list)
{
	struct fact *fact = put(record, key, label, where);

	fact->list = need(malloc(sizeof(*fact->list)));
	*fact->list = *list;
	memset(list, 0, sizeof(*list));
}

static void print_object(const struct record *record);

static void print_array(const struct records *records, const char *gap, const char *end)
{
	size_t i;

	putchar('[');
	for (i = 0; i < records->count; i++) {
		fputs(i ? "," : "", stdout);
		fputs(gap, stdout);
		print_object(&records->items[i]);
	}
	fputs(records->count ? end : "", stdout);
	putchar(']');
}

static void print_value(const struct fact *fact)
{
	char *json;

	if (fact->list) {
		print_array(fact->list, "", "");
	} else if (!fact->value) {
		fputs("null", stdout);
	} else if (fact->number) {
		fputs(fact->value, stdout);
	} else {
		json = json_text(fact->value);
		printf("\"%s\"", json);
		free(json);
	}
}

static void print_object(const struct record *record)
{
	const char *comma = "";
	size_t i;

	putchar('{');
	for (i = 0; i < record->count; i++) {
		const struct fact *fact = &record->facts[i];

		if (!fact->key)
			continue;
		printf("%s\"%s\":", comma, fact->key);
		print_value(fact);
		comma = ",";
	}
	putchar('}');
}

void print_json(const struct records *records)
{
	print_array(records, "\n  ", "\n");
	putchar('\n');
}

/* What people see of a fact. To be freed. */
static char *shown(const struct fact *fact)
{
	return fact->value ? safe_text(fact->value) : need(strdup("-"));
}

static size_t column_width(const struct records *records, size_t column)
{
	size_t widest = strlen(records->items[0].facts[column].label);
	size_t i;

	for (i = 0; i < records->count; i++) {
		char *text = shown(&records->items[i].facts[column]);
		size_t width = text_width(text);

		if (width > widest)
			widest = width;
		free(text);
	}
	return widest;
}

static void print_cell(const char *text, size_t width, bool right, bool last)
{
	int pad = (int)(width - text_width(text));

	if (right)
		printf("%*s%s", pad, "", text);
	else
		printf("%s%*s", text, last ? 0 : pad, "");
	fputs(last ? "\n" : "  ", stdout);
}

static size_t last_column(const struct record *record)
{
	size_t last = 0;
	size_t i;

	for (i = 0; i < record->count; i++)
		if (record->facts[i].where & IN_TABLE)
			last = i;
	return last;
}

/* A row of the table; row 0 is its head. Every record has the same facts. */
static void print_row(const struct records *records, size_t row, const size_t *widths)
{
	const struct record *record = &records->items[row ? row - 1 : 0];
	size_t last = last_column(record);
	size_t i;

	for (i = 0; i < record->count; i++) {
		const struct fact *fact = &record->facts[i];
		char *text;
		char *c;

		if (!(fact->where & IN_TABLE))
			continue;
		text = row ? shown(fact) : need(strdup(fact->label));
		for (c = text; !row && *c; c++)
			*c = (char)toupper((unsigned char)*c);
		print_cell(text, widths[i], fact->number, i == last);
		free(text);
	}
}

void print_table(const struct records *records)
{
	size_t widths[sizeof(records->items->facts) / sizeof(records->items->facts[0])] = { 0 };
	size_t i;

	if (!records->count)
		return;
	for (i = 0; i < records->items[0].count; i++)
		widths[i] = records->items[0].facts[i].where & IN_TABLE ?
			    column_width(records, i) : 0;
	for (i = 0; i <= records->count; i++)
		print_row(records, i, widths);
}

static void print_word(const char *text, bool quote)
{
	if (!quote) {
		fputs(text, stdout);
		return;
	}
	putchar('"');
	for (; *text; text++)
		printf("%s%c", *text == '"' ? "\\" : "", *text);
	putchar('"');
}

/* Facts in words. Those that there are not are left out. */
static void print_words(const struct record *record, unsigned int where)
{
	const char *gap = "";
	size_t i;

	for (i = 0; i < record->count; i++) {
		const struct fact *fact = &record->facts[i];
		bool quote;
		char *text;

		if ((fact->where & where) != where || !fact->value)
			continue;
		text = shown(fact);
		quote = !(fact->where & BARE) && strpbrk(text, " \t\"'#");
		printf("%s%s%s", gap, fact->where & BARE ? "" : fact->label,
		       fact->where & BARE ? "" : " ");
		print_word(text, quote);
		gap = " ";
		free(text);
	}
	putchar('\n');
}

static void print_fact(const struct fact *fact)
{
	char *text;
	size_t i;

	if (!fact->list) {
		text = shown(fact);
		printf("    %-8s  %s\n", fact->label, text);
		free(text);
		return;
	}
	if (!fact->list->count)
		printf("    %-8s  -\n", fact->label);
	for (i = 0; i < fact->list->count; i++) {
		printf("    %-8s  ", i ? "" : fact->label);
		print_words(&fact->list->items[i], IN_WORDS);
	}
}

void print_details(const struct records *records)
{
	size_t i;
	size_t j;

	for (i = 0; i < records->count; i++) {
		const struct record *record = &records->items[i];

		if (i)
			putchar('\n');
		print_words(record, IN_WORDS | BARE);
		for (j = 0; j < record->count; j++)
			if (record->facts[j].where & IN_DETAIL)
				print_fact(&record->facts[j]);
	}
}

void print_line(const struct record *record, bool json)
{
	if (json) {
		print_object(record);
		putchar('\n');
	} else {
		print_words(record, IN_WORDS);
	}
	fflush(stdout);
}
