// SPDX-License-Identifier: GPL-2.0-only
/* Records: facts with their keys and labels. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "record.h"
#include "text.h"

void record_begin(struct record *record, enum record_use use)
{
	record->count = 0;
	record->use = use;
}

struct record *records_add(struct records *records)
{
	struct record *record;

	if (records->count == records->room) {
		records->room = records->room ? 2 * records->room : 1;
		records->items = check_alloc(reallocarray(records->items, records->room,
							  sizeof(*records->items)));
	}
	record = &records->items[records->count++];
	record_begin(record, FOR_ANY);
	return record;
}

void record_clear(struct record *record)
{
	size_t i;

	for (i = 0; i < record->count; i++) {
		struct fact *fact = &record->facts[i];

		if (fact->kind == FACT_TEXT) {
			free(fact->text);
		} else if (fact->kind == FACT_LIST) {
			records_free(fact->list);
			free(fact->list);
		}
	}
	record->count = 0;
}

void records_free(struct records *records)
{
	size_t i;

	for (i = 0; i < records->count; i++)
		record_clear(&records->items[i]);
	free(records->items);
	memset(records, 0, sizeof(*records));
}

char *fact_value(const struct fact *fact)
{
	switch (fact->kind) {
	case FACT_TEXT:
		return check_alloc(strdup(fact->text));
	case FACT_NUMBER:
		return format_text("%" PRIu64, fact->number);
	case FACT_TOKEN:
		return format_text("0x%016" PRIx64, fact->number);
	default:
		return NULL;
	}
}

static bool is_wanted(const struct record *record, const char *key, unsigned int where)
{
	switch (record->use) {
	case FOR_JSON:
		return key;
	case FOR_TABLE:
		return where & IN_TABLE;
	case FOR_WORDS:
		return where & IN_WORDS;
	default:
		return true;
	}
}

/* Returns NULL if the record is not for such a fact. */
static struct fact *record_put(struct record *record, const char *key, const char *label,
			       unsigned int where)
{
	struct fact *fact;

	if (!is_wanted(record, key, where))
		return NULL;
	if (record->count == sizeof(record->facts) / sizeof(record->facts[0]))
		abort();
	fact = &record->facts[record->count++];
	fact->key = key;
	fact->label = label;
	fact->where = where;
	fact->kind = FACT_NONE;
	return fact;
}

void put_text(struct record *record, const char *key, const char *label,
	      unsigned int where, const char *value)
{
	struct fact *fact = record_put(record, key, label, where);

	if (fact && value) {
		fact->kind = FACT_TEXT;
		fact->text = check_alloc(strdup(value));
	}
}

void put_number(struct record *record, const char *key, const char *label,
		unsigned int where, uint64_t value)
{
	struct fact *fact = record_put(record, key, label, where);

	if (!fact)
		return;
	fact->kind = FACT_NUMBER;
	fact->number = value;
}

void put_flag(struct record *record, const char *key, bool value)
{
	struct fact *fact = record_put(record, key, NULL, 0);

	if (!fact)
		return;
	fact->kind = FACT_FLAG;
	fact->number = value;
}

void put_token(struct record *record, const char *key, const char *label,
	       unsigned int where, uint64_t value)
{
	struct fact *fact = record_put(record, key, label, where);

	if (!fact)
		return;
	fact->kind = FACT_TOKEN;
	fact->number = value;
}

void put_list(struct record *record, const char *key, const char *label,
	      unsigned int where, struct records *list)
{
	struct fact *fact = record_put(record, key, label, where);

	if (!fact) {
		records_free(list);
		return;
	}
	fact->kind = FACT_LIST;
	fact->list = check_alloc(malloc(sizeof(*fact->list)));
	*fact->list = *list;
	memset(list, 0, sizeof(*list));
}
