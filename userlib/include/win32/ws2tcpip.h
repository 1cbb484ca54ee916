/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Names and addresses as text, and IPv6: the C library's own functions. */
#ifndef PORTRES_WIN32_WS2TCPIP_H
#define PORTRES_WIN32_WS2TCPIP_H

#include "ws2ipdef.h"

#define InetNtopA	inet_ntop
#define InetPtonA	inet_pton
#define gai_strerrorA	gai_strerror

typedef struct addrinfo ADDRINFOA, *PADDRINFOA;

#endif /* PORTRES_WIN32_WS2TCPIP_H */
