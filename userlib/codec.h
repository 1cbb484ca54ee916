/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The wire format as bytes: attributes of requests, answers and error reports. No I/O. */
#ifndef PORTRES_CODEC_H
#define PORTRES_CODEC_H

#include "internal.h"

/* The attributes of a request. Room for each attribute once. */
struct portres_attrs {
	size_t len;
	unsigned char data[256];
};

void portres_put_block(struct portres_attrs *attrs, uint8_t protocol, uint16_t first,
		       uint16_t count);
void portres_put_port(struct portres_attrs *attrs, uint8_t protocol, uint16_t port);
void portres_put_token(struct portres_attrs *attrs, uint64_t token);
void portres_put_spec(struct portres_attrs *attrs, const struct portres_spec *spec);

/* The question to generic netlink's controller for the number of a family. */
void portres_put_family(struct portres_attrs *attrs, const char *name);

/*
 * Reads the attributes of an answer or a notification: 0, or -EPROTO if they make no
 * sense. Attributes that a newer kernel may add are passed over.
 */
int portres_read_reservation(const void *data, size_t len,
			     struct portres_reservation *reservation);

/* What an extended acknowledgement says. The text points into the message. */
struct portres_extack {
	const char *text;
	bool has_offset;
	uint32_t offset;	/* of the attribute at fault, from the request's header */
	bool has_missing;
	uint32_t missing;	/* type of the attribute that was not there */
};

/* Reads the attributes that follow an error. What is malformed is left out. */
void portres_read_extack(const void *data, size_t len, struct portres_extack *extack);

/* The type of the attribute at an offset into attrs; -1 if none begins there. */
int portres_attr_at(const struct portres_attrs *attrs, size_t offset);

/*
 * Writes the text of an error: what the kernel said, and the attribute that it meant in
 * front. headers: the bytes of the request before its attributes.
 */
int portres_explain_extack(char text[PORTRES_TEXT_MAX], int error,
			   const struct portres_extack *extack,
			   const struct portres_attrs *attrs, size_t headers);

#endif /* PORTRES_CODEC_H */
