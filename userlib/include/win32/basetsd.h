/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The types with a fixed size. */
#include "portres_types.h"
