// SPDX-License-Identifier: GPL-2.0-only
/* winsock_rules.c as it is in C++; the Makefile knows which compiler that takes. */
#include "winsock_rules.c"
