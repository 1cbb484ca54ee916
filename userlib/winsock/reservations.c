// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * libportres has the functions for persistent reservations by the same names. The symbol version
 * selects that of libportres.
 */
#include "windows/wsa.h"

#define RESERVATION(name, version, parameters, arguments)				\
	ULONG portres_own_##name parameters;						\
	__asm__(".symver portres_own_" #name ", " #name "@LIBPORTRES_" version);	\
	__attribute__((visibility("default"))) ULONG portres_name_##name parameters	\
		__asm__(#name);								\
	ULONG portres_name_##name parameters						\
	{										\
		return portres_own_##name arguments;					\
	}

RESERVATION(CreatePersistentUdpPortReservation, "0.1",
	    (USHORT start, USHORT count, PULONG64 token), (start, count, token))
RESERVATION(DeletePersistentUdpPortReservation, "0.1", (USHORT start, USHORT count),
	    (start, count))
RESERVATION(LookupPersistentUdpPortReservation, "0.1",
	    (USHORT start, USHORT count, PULONG64 token), (start, count, token))
RESERVATION(CreatePersistentTcpPortReservation, "0.2",
	    (USHORT start, USHORT count, PULONG64 token), (start, count, token))
RESERVATION(DeletePersistentTcpPortReservation, "0.2", (USHORT start, USHORT count),
	    (start, count))
RESERVATION(LookupPersistentTcpPortReservation, "0.2",
	    (USHORT start, USHORT count, PULONG64 token), (start, count, token))
