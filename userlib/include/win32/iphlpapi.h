/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The six functions for persistent reservations. */
#ifndef PORTRES_WIN32_IPHLPAPI_H
#define PORTRES_WIN32_IPHLPAPI_H

#include "windows.h"

#include <portres/iphlpapi.h>

#endif /* PORTRES_WIN32_IPHLPAPI_H */
