// SPDX-License-Identifier: GPL-2.0-only
/*
 * Work that any user can make longer: with more listeners for a broadcast, or more sockets to look
 * at. It runs on no particular CPU, as in a system workqueue other work of the same CPU would wait
 * for it.
 */
#include <linux/errno.h>
#include <linux/workqueue.h>

#include "background.h"

static struct workqueue_struct *background_workqueue __read_mostly;

/**
 * portres_background_queue - queue work
 * @work: the work; cancelled by its owner before portres_background_fini()
 * @delay: in jiffies
 */
void portres_background_queue(struct delayed_work *work, unsigned long delay)
{
	queue_delayed_work(background_workqueue, work, delay);
}

int portres_background_init(void)
{
	background_workqueue = alloc_workqueue("portres_background", WQ_UNBOUND, 0);
	return background_workqueue ? 0 : -ENOMEM;
}

void portres_background_fini(void)
{
	destroy_workqueue(background_workqueue);
}
