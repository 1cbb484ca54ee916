/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* To file systems of Windows, this name is that of <windows.h>. */
#include "windows.h"
