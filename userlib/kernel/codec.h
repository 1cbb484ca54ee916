/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The wire format: attributes of requests, replies and extended acknowledgments. No I/O. */
#ifndef PORTRES_CODEC_H
#define PORTRES_CODEC_H

#include "error.h"
#include "refusals.h"
#include "reservation.h"

/* The largest request: each attribute once, and as many grants as there can be. */
#define PORTRES_ATTRS_MAX (256 + PORTRES_GRANTS_MAX * 24 + PORTRES_GRANTS_TEXT_MAX)

/* The attributes of a request. */
struct portres_attrs {
	size_t len;
	unsigned char data[PORTRES_ATTRS_MAX];
};

void portres_put_block(struct portres_attrs *attrs, uint8_t protocol, uint16_t first,
		       uint16_t count);
void portres_put_port(struct portres_attrs *attrs, uint8_t protocol, uint16_t port);
void portres_put_token(struct portres_attrs *attrs, uint64_t token);
void portres_put_runtime(struct portres_attrs *attrs);
void portres_put_spec(struct portres_attrs *attrs, const struct portres_spec *spec);

/* A change: the token, and what of the spec is named by PORTRES_SET_ bits. */
void portres_put_change(struct portres_attrs *attrs, uint64_t token,
			const struct portres_spec *spec, unsigned int what);

/* The question to generic netlink's controller for the number of a family. */
void portres_put_family(struct portres_attrs *attrs, const char *name);

/*
 * Reads the attributes of an answer or a notification: 0, -EPROTO if they make no
 * sense, or -ENOMEM; then nothing has to be cleared. Attributes that a newer kernel may add
 * are passed over.
 */
int portres_read_reservation(const void *data, size_t len,
			     struct portres_reservation *reservation);

/* Reads the attributes of PORTRES_CMD_REFUSED: 0, or -EPROTO if they make no sense. */
int portres_read_refusals(const void *data, size_t len, struct portres_refusals *refusals);

/* The content of an extended acknowledgment. The text points into the message. */
struct portres_extack {
	const char *text;
	bool has_offset;
	uint32_t offset;	/* of the rejected attribute, from the header of the request */
	bool has_missing;
	uint32_t missing;	/* type of the required attribute */
};

/* Reads the attributes that follow an error. Malformed attributes are skipped. */
void portres_read_extack(const void *data, size_t len, struct portres_extack *extack);

/* Return the type of the attribute that begins at an offset into attrs, or -1. */
int portres_attr_at(const struct portres_attrs *attrs, size_t offset);

/*
 * Writes the message of an error: the text of the kernel, prefixed with the name of the
 * rejected attribute. headers: size of what precedes the attributes in the request.
 */
int portres_set_extack_error(char text[PORTRES_TEXT_MAX], int error,
			     const struct portres_extack *extack,
			     const struct portres_attrs *attrs, size_t headers);

#endif /* PORTRES_CODEC_H */
