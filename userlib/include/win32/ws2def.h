/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Families, protocols, options and addresses, which <winsock2.h> has. */
#include "winsock2.h"
