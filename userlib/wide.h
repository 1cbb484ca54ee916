/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From the rules of Microsoft's wide printf to those of the C library. */
#ifndef PORTRES_WIDE_H
#define PORTRES_WIDE_H

#include <wchar.h>

/* Returns a format to be freed by the caller, or NULL and errno. */
wchar_t *portres_wide_format(const wchar_t *format);

#endif /* PORTRES_WIDE_H */
