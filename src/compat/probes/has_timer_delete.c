// SPDX-License-Identifier: GPL-2.0-only
/*
 * del_timer() has its newer name.
 *
 * since: 6.2, el8.10, el9.4
 */
#include <linux/timer.h>

static inline void has_timer_delete(void)
{
	int (*fn)(struct timer_list *timer) = timer_delete;

	(void)fn;
}
