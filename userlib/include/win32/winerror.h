/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The error codes. */
#ifndef PORTRES_WIN32_WINERROR_H
#define PORTRES_WIN32_WINERROR_H

#include "portres_types.h"

/* for <portres/iphlpapi.h>: the types are defined */
#include "portres_codes.h"

#endif /* PORTRES_WIN32_WINERROR_H */
