/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The functions of the system, as far as <windows.h> has them. */
#include "windows.h"
