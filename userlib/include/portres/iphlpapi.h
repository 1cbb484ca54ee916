/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The functions of the Windows IP Helper interface for persistent reservations of
 * ports, by their own names. See CreatePersistentUdpPortReservation(3).
 *
 * All of them are thread-safe. They return one of the ERROR_ codes; errno is undefined
 * afterwards.
 */
#ifndef PORTRES_IPHLPAPI_H
#define PORTRES_IPHLPAPI_H

#include <stdint.h>

/*
 * The types, unless another header has defined them. ULONG has 32 bits. A program that
 * has its own types defines PORTRES_NO_WIN32_TYPES first.
 */
#if !defined(PORTRES_NO_WIN32_TYPES) && !defined(PORTRES_HAS_WIN32_TYPES) && \
	!defined(_WINDEF_) && !defined(WINPR_WTYPES_H)
#define PORTRES_HAS_WIN32_TYPES
typedef uint16_t USHORT;
typedef uint32_t ULONG;
__extension__ typedef unsigned long long ULONG64;
typedef ULONG64 *PULONG64;
#endif

#ifndef NO_ERROR
#define NO_ERROR			0
#endif
#ifndef ERROR_ACCESS_DENIED
#define ERROR_ACCESS_DENIED		5
#endif
#ifndef ERROR_NOT_ENOUGH_MEMORY
#define ERROR_NOT_ENOUGH_MEMORY		8
#endif
#ifndef ERROR_WRITE_PROTECT
#define ERROR_WRITE_PROTECT		19
#endif
#ifndef ERROR_GEN_FAILURE
#define ERROR_GEN_FAILURE		31
#endif
#ifndef ERROR_SHARING_VIOLATION
#define ERROR_SHARING_VIOLATION		32
#endif
#ifndef ERROR_NOT_SUPPORTED
#define ERROR_NOT_SUPPORTED		50
#endif
#ifndef ERROR_TOO_MANY_OPEN_FILES
#define ERROR_TOO_MANY_OPEN_FILES	4
#endif
#ifndef ERROR_INVALID_PARAMETER
#define ERROR_INVALID_PARAMETER		87
#endif
#ifndef ERROR_DISK_FULL
#define ERROR_DISK_FULL			112
#endif
#ifndef ERROR_IO_DEVICE
#define ERROR_IO_DEVICE			1117
#endif
#ifndef ERROR_NOT_FOUND
#define ERROR_NOT_FOUND			1168
#endif
#ifndef ERROR_DISK_QUOTA_EXCEEDED
#define ERROR_DISK_QUOTA_EXCEEDED	1295
#endif
#ifndef ERROR_TIMEOUT
#define ERROR_TIMEOUT			1460
#endif

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/* Functions of the library are called with these widths. */
typedef char portres_check_ushort[sizeof(USHORT) == 2 ? 1 : -1];
typedef char portres_check_ulong[sizeof(ULONG) == 4 ? 1 : -1];
typedef char portres_check_ulong64[sizeof(ULONG64) == 8 ? 1 : -1];

/*
 * StartPort is in network byte order: pass htons(5000). NumberOfPorts is a count in
 * host order. *Token is written on success only.
 *
 *   NO_ERROR                 done
 *   ERROR_ACCESS_DENIED      no CAP_NET_ADMIN over the network namespace; checked first
 *   ERROR_SHARING_VIOLATION  a port is in use, or the block overlaps a reservation
 *   ERROR_NOT_SUPPORTED      the kernel has no portres
 *   ERROR_INVALID_PARAMETER  a 0, a block beyond port 65535, a NULL Token
 *   ERROR_DISK_FULL, ERROR_DISK_QUOTA_EXCEEDED, ERROR_WRITE_PROTECT, ERROR_IO_DEVICE,
 *   ERROR_ACCESS_DENIED      the store cannot be written: nothing is reserved
 *   ERROR_TIMEOUT            not possible within ten seconds, as the module was just loaded or
 *                            another reservation of these ports is being created
 *   ERROR_NOT_ENOUGH_MEMORY, ERROR_TOO_MANY_OPEN_FILES, ERROR_GEN_FAILURE
 */
ULONG CreatePersistentUdpPortReservation(USHORT StartPort, USHORT NumberOfPorts,
					 PULONG64 Token);

/* As above, and ERROR_NOT_FOUND if no reservation has exactly that block. */
ULONG DeletePersistentUdpPortReservation(USHORT StartPort, USHORT NumberOfPorts);

/*
 * As above. Needs no privilege, but returns ERROR_ACCESS_DENIED instead of the token if
 * the caller may not use the reservation.
 */
ULONG LookupPersistentUdpPortReservation(USHORT StartPort, USHORT NumberOfPorts,
					 PULONG64 Token);

/* The same for TCP ports. ERROR_NOT_SUPPORTED: also if the module knows UDP alone. */
ULONG CreatePersistentTcpPortReservation(USHORT StartPort, USHORT NumberOfPorts,
					 PULONG64 Token);
ULONG DeletePersistentTcpPortReservation(USHORT StartPort, USHORT NumberOfPorts);
ULONG LookupPersistentTcpPortReservation(USHORT StartPort, USHORT NumberOfPorts,
					 PULONG64 Token);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif /* PORTRES_IPHLPAPI_H */
