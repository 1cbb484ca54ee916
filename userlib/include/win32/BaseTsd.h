/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* On case-insensitive file systems of Windows, this is <basetsd.h>. */
#include "basetsd.h"
