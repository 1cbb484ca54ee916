// SPDX-License-Identifier: GPL-2.0-only
/* The key of our state in a network namespace; main.c has it assigned. */
#include <linux/cache.h>

#include "net.h"

unsigned int portres_net_id __read_mostly;
