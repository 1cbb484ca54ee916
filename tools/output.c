// SPDX-License-Identifier: GPL-2.0-only
/* Tables, paragraphs, lines and JSON from the same records. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "output.h"
#include "text.h"

/* The errno of the first failed write, or 0. */
static int output_error;

int print_flush(void)
{
	if (fflush(stdout) && !output_error)
		output_error = errno;
	if (ferror(stdout) && !output_error)
		output_error = EIO;
	return output_error;
}

void print_json(const struct records *records)
{
	json_write_array(stdout, records);
	putchar('\n');
}

void print_item(const struct record *record, size_t before)
{
	json_write_item(stdout, record, before);
}

void print_end(size_t count)
{
	json_write_end(stdout, count);
	putchar('\n');
}

/* The text of a fact for display. A table has many: most need no copy. */
struct cell {
	const char *text;
	char *copy;
	char number[NUMBER_TEXT_MAX];
};

static void cell_set(struct cell *cell, const struct fact *fact)
{
	char *value;

	cell->copy = NULL;
	if (fact->kind == FACT_NUMBER) {
		cell->text = number_text(cell->number, fact->number);
	} else if (fact->kind == FACT_TEXT && !fact->text[plain_length(fact->text)]) {
		cell->text = fact->text;
	} else {
		value = fact_value(fact);
		cell->copy = value ? safe_text(value) : NULL;
		cell->text = value ? cell->copy : "-";
		free(value);
	}
}

static void print_pad(size_t width)
{
	static const char blanks[] =
		"                                                                ";
	size_t most = sizeof(blanks) - 1;

	for (; width > most; width -= most)
		fwrite(blanks, 1, most, stdout);
	fwrite(blanks, 1, width, stdout);
}

static void print_cell(const char *text, size_t width, bool right, bool last)
{
	size_t pad = width - text_width(text);

	if (right)
		print_pad(pad);
	fputs(text, stdout);
	if (!right && !last)
		print_pad(pad);
	fputs(last ? "\n" : "  ", stdout);
}

static size_t column_width(const struct records *records, size_t column)
{
	size_t widest = strlen(records->items[0].facts[column].label);
	size_t i;

	for (i = 0; i < records->count; i++) {
		struct cell cell;
		size_t width;

		cell_set(&cell, &records->items[i].facts[column]);
		width = text_width(cell.text);
		if (width > widest)
			widest = width;
		free(cell.copy);
	}
	return widest;
}

/* The columns of a table, as its first record has them. Every record has the same facts. */
struct columns {
	size_t widths[sizeof(((struct record *)NULL)->facts) / sizeof(struct fact)];
	size_t last;
};

static void find_columns(const struct records *records, struct columns *columns)
{
	const struct record *record = &records->items[0];
	size_t i;

	memset(columns, 0, sizeof(*columns));
	for (i = 0; i < record->count; i++) {
		if (!(record->facts[i].where & IN_TABLE))
			continue;
		columns->widths[i] = column_width(records, i);
		columns->last = i;
	}
}

static void print_head(const struct record *record, const struct columns *columns)
{
	size_t i;

	for (i = 0; i < record->count; i++) {
		const struct fact *fact = &record->facts[i];
		char *text;
		char *c;

		if (!(fact->where & IN_TABLE))
			continue;
		text = check_alloc(strdup(fact->label));
		for (c = text; *c; c++)
			*c = (char)toupper((unsigned char)*c);
		print_cell(text, columns->widths[i], fact->kind == FACT_NUMBER,
			   i == columns->last);
		free(text);
	}
}

static void print_row(const struct record *record, const struct columns *columns)
{
	size_t i;

	for (i = 0; i < record->count; i++) {
		const struct fact *fact = &record->facts[i];
		struct cell cell;

		if (!(fact->where & IN_TABLE))
			continue;
		cell_set(&cell, fact);
		print_cell(cell.text, columns->widths[i], fact->kind == FACT_NUMBER,
			   i == columns->last);
		free(cell.copy);
	}
}

void print_table(const struct records *records)
{
	struct columns columns;
	size_t i;

	if (!records->count)
		return;
	find_columns(records, &columns);
	print_head(&records->items[0], &columns);
	for (i = 0; i < records->count; i++)
		print_row(&records->items[i], &columns);
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

static bool has_words(const struct fact *fact)
{
	return fact->kind == FACT_TEXT || fact->kind == FACT_NUMBER || fact->kind == FACT_TOKEN;
}

/* Prints facts as words. Facts without a value are left out. */
static void print_words(const struct record *record, unsigned int where)
{
	const char *gap = "";
	size_t i;

	for (i = 0; i < record->count; i++) {
		const struct fact *fact = &record->facts[i];
		bool bare = fact->where & (BARE | AS_TYPED);
		struct cell cell;
		bool quote;

		if ((fact->where & where) != where || !has_words(fact))
			continue;
		cell_set(&cell, fact);
		quote = !bare && strpbrk(cell.text, " \t\"'#");
		fputs(gap, stdout);
		if (!bare) {
			fputs(fact->label, stdout);
			putchar(' ');
		}
		print_word(cell.text, quote);
		gap = " ";
		free(cell.copy);
	}
	putchar('\n');
}

static void print_fact(const struct fact *fact)
{
	struct cell cell;
	size_t i;

	if (fact->kind != FACT_LIST) {
		cell_set(&cell, fact);
		printf("    %-8s  %s\n", fact->label, cell.text);
		free(cell.copy);
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
		json_write_object(stdout, record);
		putchar('\n');
	} else {
		print_words(record, IN_WORDS);
	}
}
