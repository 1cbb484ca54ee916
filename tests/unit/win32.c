// SPDX-License-Identifier: GPL-2.0-only
/* The Win32 functions, as far as they go without the module. */
#include <arpa/inet.h>
#include <errno.h>
#include <portres/iphlpapi.h>
#include <portres/portres.h>
#include <stddef.h>
#include <sys/resource.h>

#include "tap.h"
#include "windows/win32.h"

static void test_table(void)
{
	static const struct {
		int error;
		uint32_t code;
	} rows[] = {
		{ 0, 0 },
		{ EPERM, 5 },
		{ EACCES, 5 },
		{ EBUSY, 32 },
		{ EEXIST, 32 },
		{ EADDRINUSE, 32 },
		{ EINVAL, 87 },
		{ ERANGE, 87 },
		{ ENOENT, 1168 },
		{ ENOSYS, 50 },
		{ EOPNOTSUPP, 50 },
		{ EPROTONOSUPPORT, 50 },
		{ EAFNOSUPPORT, 50 },
		{ ENOMEM, 8 },
		{ ENOBUFS, 8 },
		{ EMFILE, 4 },
		{ ENFILE, 4 },
		{ EPROTO, 31 },
		{ EIO, 1117 },
		{ ENOSPC, 112 },
		{ EDQUOT, 1295 },
		{ EROFS, 19 },
		{ EAGAIN, 1460 },
		{ ENOTDIR, 31 },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		tap_num(portres_to_win32(-rows[i].error), rows[i].code, "%s is %u",
			errno_name(rows[i].error), rows[i].code);
	tap_num(portres_to_win32(ENOENT), 31, "an errno without its sign is no known error");
}

static void test_null(void)
{
	tap_num(LookupPersistentUdpPortReservation(htons(5000), 1, NULL),
		ERROR_INVALID_PARAMETER, "Lookup without a place for the token");
	tap_num(LookupPersistentTcpPortReservation(htons(5000), 1, NULL),
		ERROR_INVALID_PARAMETER, "Lookup of TCP without a place for the token");
}

static bool module_there(void)
{
	struct portres *handle;
	struct portres_reservation *found;
	int error;

	if (portres_open(&handle))
		return false;
	error = portres_get_port(handle, 17, 1, &found);
	if (!error)
		portres_reservation_free(found);
	portres_close(handle);
	return error != -ENOSYS;
}

static void test_no_module(void)
{
	ULONG64 token = 77;

	if (module_there()) {
		tap_skip("the module is loaded", "without the module");
		return;
	}
	tap_num(CreatePersistentUdpPortReservation(htons(5000), 1, &token), ERROR_NOT_SUPPORTED,
		"Create without the module");
	tap_num(CreatePersistentUdpPortReservation(htons(5000), 1, NULL), ERROR_NOT_SUPPORTED,
		"Create without the module and a token");
	tap_num(DeletePersistentUdpPortReservation(htons(5000), 1), ERROR_NOT_SUPPORTED,
		"Delete without the module");
	tap_num(LookupPersistentUdpPortReservation(htons(5000), 1, &token), ERROR_NOT_SUPPORTED,
		"Lookup without the module");
	tap_num(CreatePersistentTcpPortReservation(htons(5000), 1, &token), ERROR_NOT_SUPPORTED,
		"Create of TCP without the module");
	tap_num(DeletePersistentTcpPortReservation(htons(5000), 1), ERROR_NOT_SUPPORTED,
		"Delete of TCP without the module");
	tap_num(LookupPersistentTcpPortReservation(htons(5000), 1, &token), ERROR_NOT_SUPPORTED,
		"Lookup of TCP without the module");
	tap_ok(token == 77, "no token is written");
}

static void test_no_files(void)
{
	struct rlimit usual;
	struct rlimit none;
	ULONG64 token = 77;

	getrlimit(RLIMIT_NOFILE, &usual);
	none = usual;
	none.rlim_cur = 0;
	setrlimit(RLIMIT_NOFILE, &none);
	tap_num(CreatePersistentUdpPortReservation(htons(5000), 1, &token),
		ERROR_TOO_MANY_OPEN_FILES, "Create without a file descriptor");
	tap_ok(token == 77, "no token is written then");
	setrlimit(RLIMIT_NOFILE, &usual);
}

int main(void)
{
	test_table();
	test_null();
	test_no_module();
	test_no_files();
	return tap_finish();
}
