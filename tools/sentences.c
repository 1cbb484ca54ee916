// SPDX-License-Identifier: GPL-2.0-only
/* Lists of sentences. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sentences.h"
#include "text.h"

void say(struct sentences *sentences, const char *format, ...)
{
	char *text = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	sentences->items = check_alloc(reallocarray(sentences->items, sentences->count + 1,
						    sizeof(*sentences->items)));
	sentences->items[sentences->count++] = check_alloc(text);
}

char *sentences_join(const struct sentences *sentences, const char *between)
{
	char *text = check_alloc(strdup(""));
	size_t i;

	for (i = 0; i < sentences->count; i++) {
		char *longer = format_text("%s%s%s", text, i ? between : "", sentences->items[i]);

		free(text);
		text = longer;
	}
	return text;
}

void sentences_print(const struct sentences *sentences)
{
	size_t i;

	for (i = 0; i < sentences->count; i++)
		puts(sentences->items[i]);
}

void sentences_put(struct record *record, const char *key, const struct sentences *sentences)
{
	struct records list = { 0 };
	size_t i;

	for (i = 0; i < sentences->count; i++)
		put_text(records_add(&list), "says", NULL, 0, sentences->items[i]);
	put_list(record, key, NULL, 0, &list);
}

void sentences_free(struct sentences *sentences)
{
	while (sentences->count)
		free(sentences->items[--sentences->count]);
	free(sentences->items);
	sentences->items = NULL;
}
