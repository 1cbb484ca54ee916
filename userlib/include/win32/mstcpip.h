/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The codes of WSAIoctl() for port reservations, and their structures. */
#ifndef PORTRES_WIN32_MSTCPIP_H
#define PORTRES_WIN32_MSTCPIP_H

#include "winsock2.h"

/* Sockets that share a port receive what arrives at their CPU; input: its number, a USHORT. */
#define SIO_CPU_AFFINITY		_WSAIOW(IOC_VENDOR, 21)

/* All 32 bits are compared. Acquire has an output, though its code has no output bit. */
#define SIO_ACQUIRE_PORT_RESERVATION	_WSAIOW(IOC_VENDOR, 100)
#define SIO_RELEASE_PORT_RESERVATION	_WSAIOW(IOC_VENDOR, 101)
#define SIO_ASSOCIATE_PORT_RESERVATION	_WSAIOW(IOC_VENDOR, 102)

/* StartPort is in network byte order, to the kernel and from it; NumberOfPorts is a count. */
typedef struct _INET_PORT_RANGE {
	USHORT StartPort;
	USHORT NumberOfPorts;
} INET_PORT_RANGE, *PINET_PORT_RANGE;

typedef struct _INET_PORT_RANGE INET_PORT_RESERVATION, *PINET_PORT_RESERVATION;

/* On 32 bits gcc aligns a 64-bit member to 4 bytes by default. */
#define PORTRES_ALIGNED_8	__attribute__((aligned(8)))

typedef struct {
	ULONG64 Token PORTRES_ALIGNED_8;
} INET_PORT_RESERVATION_TOKEN, *PINET_PORT_RESERVATION_TOKEN;

#define INVALID_PORT_RESERVATION_TOKEN	((ULONG64)0)

/* In C++ the parts have names, in C they are anonymous. */
#ifdef __cplusplus
typedef struct {
	INET_PORT_RESERVATION Reservation;
	INET_PORT_RESERVATION_TOKEN Token;
} INET_PORT_RESERVATION_INSTANCE, *PINET_PORT_RESERVATION_INSTANCE;
#else
__extension__ typedef struct {
	__extension__ struct {
		USHORT StartPort;
		USHORT NumberOfPorts;
	};
	__extension__ struct {
		ULONG64 Token PORTRES_ALIGNED_8;
	};
} INET_PORT_RESERVATION_INSTANCE, *PINET_PORT_RESERVATION_INSTANCE;
#endif

#undef PORTRES_ALIGNED_8

typedef struct {
	ULONG OwningPid;
} INET_PORT_RESERVATION_INFORMATION, *PINET_PORT_RESERVATION_INFORMATION;

#endif /* PORTRES_WIN32_MSTCPIP_H */
