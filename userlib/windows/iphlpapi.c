// SPDX-License-Identifier: LGPL-2.1-or-later
/* The Win32 functions for persistent reservations: convert arguments and errors. */
#include <arpa/inet.h>
#include <errno.h>
#include <portres/iphlpapi.h>

#include "kernel/reserve.h"
#include "win32.h"

uint32_t portres_to_win32(int error)
{
	static const struct {
		int error;
		uint32_t code;
	} table[] = {
		{ 0, NO_ERROR },
		{ -EPERM, ERROR_ACCESS_DENIED },
		{ -EACCES, ERROR_ACCESS_DENIED },
		/* the time limit of the retries was reached */
		{ -EAGAIN, ERROR_TIMEOUT },
		{ -ENOMEM, ERROR_NOT_ENOUGH_MEMORY },
		{ -ENOBUFS, ERROR_NOT_ENOUGH_MEMORY },
		{ -EMFILE, ERROR_TOO_MANY_OPEN_FILES },
		{ -ENFILE, ERROR_TOO_MANY_OPEN_FILES },
		/* one half of a reservation in both protocols */
		{ -EBUSY, ERROR_SHARING_VIOLATION },
		{ -EEXIST, ERROR_SHARING_VIOLATION },
		{ -EADDRINUSE, ERROR_SHARING_VIOLATION },
		{ -ENOSYS, ERROR_NOT_SUPPORTED },
		{ -EOPNOTSUPP, ERROR_NOT_SUPPORTED },
		{ -EPROTONOSUPPORT, ERROR_NOT_SUPPORTED },
		{ -EAFNOSUPPORT, ERROR_NOT_SUPPORTED },
		{ -EINVAL, ERROR_INVALID_PARAMETER },
		{ -ERANGE, ERROR_INVALID_PARAMETER },
		{ -ENOENT, ERROR_NOT_FOUND },
		{ -ENOSPC, ERROR_DISK_FULL },
		{ -EDQUOT, ERROR_DISK_QUOTA_EXCEEDED },
		{ -EROFS, ERROR_WRITE_PROTECT },
		{ -EIO, ERROR_IO_DEVICE },
		{ -EAGAIN, ERROR_TIMEOUT },
	};
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].error == error)
			return table[i].code;
	return ERROR_GEN_FAILURE;
}

static int create(struct portres *handle, uint8_t protocol, uint16_t first, uint16_t count,
		  PULONG64 token)
{
	struct portres_spec *spec;
	uint64_t made;
	int error;

	if (!token) {
		error = portres_may_create(handle);
		return error ? error : -EINVAL;
	}
	spec = portres_spec_new(protocol, first, count);
	if (!spec)
		return -ENOMEM;
	error = portres_create(handle, spec, &made);
	portres_spec_free(spec);
	if (!error)
		*token = made;
	return error;
}

static int lookup(struct portres *handle, uint8_t protocol, uint16_t first, uint16_t count,
		  PULONG64 token)
{
	struct portres_reservation *found;
	uint64_t value;
	int error;

	if (!token)
		return -EINVAL;
	error = portres_get_persistent(handle, protocol, first, count, &found);
	if (error)
		return error;
	error = portres_reservation_token(found, &value);
	portres_reservation_free(found);
	if (!error)
		*token = value;
	return error;
}

/* Each call opens its own handle, so that threads share nothing. */
static ULONG open_and_create(uint8_t protocol, USHORT start, USHORT number, PULONG64 token)
{
	struct portres *handle;
	int error = portres_open(&handle);

	if (!error) {
		error = create(handle, protocol, ntohs(start), number, token);
		portres_close(handle);
	}
	return portres_to_win32(error);
}

static ULONG open_and_delete(uint8_t protocol, USHORT start, USHORT number)
{
	struct portres *handle;
	int error = portres_open(&handle);

	if (!error) {
		error = portres_delete(handle, protocol, ntohs(start), number);
		portres_close(handle);
	}
	return portres_to_win32(error);
}

static ULONG open_and_lookup(uint8_t protocol, USHORT start, USHORT number, PULONG64 token)
{
	struct portres *handle;
	int error = portres_open(&handle);

	if (!error) {
		error = lookup(handle, protocol, ntohs(start), number, token);
		portres_close(handle);
	}
	return portres_to_win32(error);
}

ULONG CreatePersistentUdpPortReservation(USHORT StartPort, USHORT NumberOfPorts,
					 PULONG64 Token)
{
	return open_and_create(IPPROTO_UDP, StartPort, NumberOfPorts, Token);
}

ULONG DeletePersistentUdpPortReservation(USHORT StartPort, USHORT NumberOfPorts)
{
	return open_and_delete(IPPROTO_UDP, StartPort, NumberOfPorts);
}

ULONG LookupPersistentUdpPortReservation(USHORT StartPort, USHORT NumberOfPorts,
					 PULONG64 Token)
{
	return open_and_lookup(IPPROTO_UDP, StartPort, NumberOfPorts, Token);
}

ULONG CreatePersistentTcpPortReservation(USHORT StartPort, USHORT NumberOfPorts,
					 PULONG64 Token)
{
	return open_and_create(IPPROTO_TCP, StartPort, NumberOfPorts, Token);
}

ULONG DeletePersistentTcpPortReservation(USHORT StartPort, USHORT NumberOfPorts)
{
	return open_and_delete(IPPROTO_TCP, StartPort, NumberOfPorts);
}

ULONG LookupPersistentTcpPortReservation(USHORT StartPort, USHORT NumberOfPorts,
					 PULONG64 Token)
{
	return open_and_lookup(IPPROTO_TCP, StartPort, NumberOfPorts, Token);
}
