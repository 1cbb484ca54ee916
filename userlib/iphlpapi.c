// SPDX-License-Identifier: LGPL-2.1-or-later
/* The Win32 functions: other arguments and other errors for what reserve.c does. */
#include <arpa/inet.h>
#include <errno.h>
#include <portres/iphlpapi.h>

#include "internal.h"
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
		{ -ENOMEM, ERROR_NOT_ENOUGH_MEMORY },
		{ -ENOBUFS, ERROR_NOT_ENOUGH_MEMORY },
		{ -EMFILE, ERROR_TOO_MANY_OPEN_FILES },
		{ -ENFILE, ERROR_TOO_MANY_OPEN_FILES },
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
	};
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].error == error)
			return table[i].code;
	return ERROR_GEN_FAILURE;
}

static int create(struct portres *handle, uint16_t first, uint16_t count, PULONG64 token)
{
	struct portres_spec *spec;
	uint64_t made;
	int error;

	if (!token) {
		error = portres_may_create(handle);
		return error ? error : -EINVAL;
	}
	spec = portres_spec_new(IPPROTO_UDP, first, count);
	if (!spec)
		return -ENOMEM;
	error = portres_create(handle, spec, &made);
	portres_spec_free(spec);
	if (!error)
		*token = made;
	return error;
}

static int lookup(struct portres *handle, uint16_t first, uint16_t count, PULONG64 token)
{
	struct portres_reservation *found;
	uint64_t told;
	int error;

	if (!token)
		return -EINVAL;
	error = portres_get_persistent(handle, IPPROTO_UDP, first, count, &found);
	if (error)
		return error;
	error = portres_reservation_token(found, &told);
	portres_reservation_free(found);
	if (!error)
		*token = told;
	return error;
}

/* A handle for each call: nothing is shared, so any thread may call. */
ULONG CreatePersistentUdpPortReservation(USHORT StartPort, USHORT NumberOfPorts,
					 PULONG64 Token)
{
	struct portres *handle;
	int error = portres_open(&handle);

	if (!error) {
		error = create(handle, ntohs(StartPort), NumberOfPorts, Token);
		portres_close(handle);
	}
	return portres_to_win32(error);
}

ULONG DeletePersistentUdpPortReservation(USHORT StartPort, USHORT NumberOfPorts)
{
	struct portres *handle;
	int error = portres_open(&handle);

	if (!error) {
		error = portres_delete(handle, IPPROTO_UDP, ntohs(StartPort), NumberOfPorts);
		portres_close(handle);
	}
	return portres_to_win32(error);
}

ULONG LookupPersistentUdpPortReservation(USHORT StartPort, USHORT NumberOfPorts,
					 PULONG64 Token)
{
	struct portres *handle;
	int error = portres_open(&handle);

	if (!error) {
		error = lookup(handle, ntohs(StartPort), NumberOfPorts, Token);
		portres_close(handle);
	}
	return portres_to_win32(error);
}

ULONG CreatePersistentTcpPortReservation(USHORT StartPort, USHORT NumberOfPorts,
					 PULONG64 Token)
{
	(void)StartPort;
	(void)NumberOfPorts;
	(void)Token;
	return ERROR_NOT_SUPPORTED;
}

ULONG DeletePersistentTcpPortReservation(USHORT StartPort, USHORT NumberOfPorts)
{
	(void)StartPort;
	(void)NumberOfPorts;
	return ERROR_NOT_SUPPORTED;
}

ULONG LookupPersistentTcpPortReservation(USHORT StartPort, USHORT NumberOfPorts,
					 PULONG64 Token)
{
	(void)StartPort;
	(void)NumberOfPorts;
	(void)Token;
	return ERROR_NOT_SUPPORTED;
}
