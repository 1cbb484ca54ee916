/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Functions for processes that the C library has by other names; no threads. */
#ifndef PORTRES_WIN32_PROCESS_H
#define PORTRES_WIN32_PROCESS_H

#include <stdlib.h>
#include <unistd.h>

#define _getpid		getpid

#endif /* PORTRES_WIN32_PROCESS_H */
