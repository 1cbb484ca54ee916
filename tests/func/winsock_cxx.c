// SPDX-License-Identifier: GPL-2.0-only
/* winsock.c as it is in C++; the Makefile knows which compiler that takes. */
#include "winsock.c"
