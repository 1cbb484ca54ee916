/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Extensions of Winsock by Microsoft: they are functions of overlapped calls, which are not
 * here, so there is nothing in it but what it includes.
 */
#ifndef PORTRES_WIN32_MSWSOCK_H
#define PORTRES_WIN32_MSWSOCK_H

#include "winsock2.h"

#endif /* PORTRES_WIN32_MSWSOCK_H */
