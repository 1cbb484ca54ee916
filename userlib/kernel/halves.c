// SPDX-License-Identifier: LGPL-2.1-or-later
/* Requests for blocks of one protocol or of both. */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "halves.h"
#include "reserve.h"

/* The first half was created, the second one was not. */
static int roll_back_creation(struct portres *handle, const struct portres_spec *first, int error)
{
	char text[PORTRES_TEXT_MAX];
	int undo;

	memcpy(text, handle->text, sizeof(text));
	undo = portres_kernel_delete(handle, first->protocol, first->first, first->count);
	if (undo && undo != -ENOENT)
		return portres_set_error(handle->text, error, "%.600s; rollback failed: %s stays "
					 "reserved until it is deleted or the system reboots: "
					 "%.200s", text, portres_protocol_word(first->protocol),
					 portres_strerror(undo));
	return portres_set_error(handle->text, error, "%s", text);
}

int portres_halves_create(struct portres *handle, const struct portres_spec *spec, uint64_t *token)
{
	uint8_t protocols[PORTRES_HALVES];
	unsigned int count = portres_protocol_halves(spec->protocol, protocols);
	struct portres_spec half = *spec;
	uint64_t made = 0;
	unsigned int i;
	int error = 0;

	for (i = 0; !error && i < count; i++) {
		half.protocol = protocols[i];
		error = portres_kernel_create(handle, &half, &made);
	}
	if (!error && token)
		*token = made;
	if (!error || i < 2)
		return error;
	half.protocol = protocols[0];
	return roll_back_creation(handle, &half, error);
}

/* The first half was deleted, the second one was not. Its sockets keep their ports. */
static int roll_back_deletion(struct portres *handle, struct portres_spec *first, int error)
{
	char text[PORTRES_TEXT_MAX];
	int undo;

	memcpy(text, handle->text, sizeof(text));
	first->adopt = true;
	undo = portres_kernel_create(handle, first, NULL);
	if (undo)
		return portres_set_error(handle->text, error, "%.600s; rollback failed: %s is not "
					 "reserved any more: %.200s", text,
					 portres_protocol_word(first->protocol),
					 portres_strerror(undo));
	return portres_set_error(handle->text, error, "%s", text);
}

/* What the kernel has of a half, to create it again. 0, -ENOENT, or another error. */
static int read_half(struct portres *handle, const struct portres_block *block, uint8_t protocol,
		     struct portres_spec *spec)
{
	struct portres_reservation *found;
	int error = portres_get_persistent(handle, protocol, block->first, block->count, &found);

	memset(spec, 0, sizeof(*spec));
	if (error)
		return error;
	error = portres_spec_describe(spec, found);
	portres_reservation_free(found);
	return portres_set_error(handle->text, error, NULL);
}

static int delete_both(struct portres *handle, const struct portres_block *block)
{
	struct portres_spec first;
	bool had;
	int error = read_half(handle, block, IPPROTO_TCP, &first);

	had = !error;
	if (had)
		error = portres_kernel_delete(handle, IPPROTO_TCP, block->first, block->count);
	if (!error || error == -ENOENT) {
		had &= !error;
		error = portres_kernel_delete(handle, IPPROTO_UDP, block->first, block->count);
		if (error == -ENOENT && had)
			error = portres_set_error(handle->text, 0, NULL);
		else if (error && had)
			error = roll_back_deletion(handle, &first, error);
	}
	portres_spec_clear(&first);
	return error;
}

int portres_halves_delete(struct portres *handle, const struct portres_block *block)
{
	if (block->protocol == PORTRES_BOTH)
		return delete_both(handle, block);
	return portres_kernel_delete(handle, block->protocol, block->first, block->count);
}

int portres_halves_get(struct portres *handle, const struct portres_block *block,
		       struct portres_reservation *found[PORTRES_HALVES])
{
	uint8_t protocols[PORTRES_HALVES];
	unsigned int count = portres_protocol_halves(block->protocol, protocols);
	unsigned int i;

	for (i = 0; i < count; i++) {
		int error = portres_get_persistent(handle, protocols[i], block->first, block->count,
						   &found[i]);

		if (!error)
			continue;
		while (i)
			portres_reservation_free(found[--i]);
		return error;
	}
	return (int)count;
}
