/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The first version of Winsock: its functions are those of the second. */
#include "winsock2.h"
