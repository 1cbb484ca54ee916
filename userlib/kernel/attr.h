/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Attributes of a message, one after the other. No I/O. */
#ifndef PORTRES_ATTR_H
#define PORTRES_ATTR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct portres_attribute {
	uint16_t type;
	const unsigned char *value;
	size_t len;
};

/* What is left of a message, or of a nest. */
struct portres_cursor {
	const unsigned char *at;
	size_t left;
};

/* Reads the next attribute; false at the end, and before the first malformed one. */
bool portres_attr_next(struct portres_cursor *cursor, struct portres_attribute *attr);

/* These are false for a value of another length. */
bool portres_attr_read(const struct portres_attribute *attr, void *value, size_t len);

/* The sender may omit the terminating zero. size includes room for it. */
bool portres_attr_read_string(const struct portres_attribute *attr, char *string, size_t size);

/* The value must fit into a pid_t, which is signed. */
bool portres_attr_read_pid(const struct portres_attribute *attr, uint32_t *process);

#endif /* PORTRES_ATTR_H */
