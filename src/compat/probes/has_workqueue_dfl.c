// SPDX-License-Identifier: GPL-2.0-only
/*
 * The unbound system workqueue is called system_dfl_wq.
 *
 * since: 6.17
 * export: system_dfl_wq
 */
#include <linux/workqueue.h>

static inline void has_workqueue_dfl(void)
{
	struct workqueue_struct *wq = system_dfl_wq;

	(void)wq;
}
