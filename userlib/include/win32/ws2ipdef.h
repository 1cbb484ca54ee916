/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The addresses of IPv6, and of both. */
#ifndef PORTRES_WIN32_WS2IPDEF_H
#define PORTRES_WIN32_WS2IPDEF_H

#include "winsock2.h"

typedef struct in6_addr IN6_ADDR, *PIN6_ADDR, *LPIN6_ADDR;
typedef struct sockaddr_in6 SOCKADDR_IN6, *PSOCKADDR_IN6, *LPSOCKADDR_IN6;

typedef union _SOCKADDR_INET {
	SOCKADDR_IN Ipv4;
	SOCKADDR_IN6 Ipv6;
	ADDRESS_FAMILY si_family;
} SOCKADDR_INET, *PSOCKADDR_INET;

#endif /* PORTRES_WIN32_WS2IPDEF_H */
