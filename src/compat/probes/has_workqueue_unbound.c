// SPDX-License-Identifier: GPL-2.0-only
/*
 * The unbound system workqueue is called system_unbound_wq.
 *
 * since: 2.6.36
 */
#include <linux/workqueue.h>

static inline void has_workqueue_unbound(void)
{
	struct workqueue_struct *wq = system_unbound_wq;

	(void)wq;
}
