/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Converts errno to the error codes of Windows. */
#ifndef PORTRES_WIN32_H
#define PORTRES_WIN32_H

#include <stdint.h>

/* error: 0 or a negative errno of this library. */
uint32_t portres_to_win32(int error);

#endif /* PORTRES_WIN32_H */
