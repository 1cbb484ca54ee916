/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* On case-insensitive file systems of Windows, this is <ws2ipdef.h>. */
#include "ws2ipdef.h"
