/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Basic types and macros, which <windows.h> has. */
#include "windows.h"
