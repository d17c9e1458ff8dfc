// SPDX-License-Identifier: GPL-2.0-only
/*
 * A kernel thread works on the addresses of a process.
 *
 * since: 5.8, el8.4
 * export: kthread_use_mm
 */
#include <linux/kthread.h>

static inline void has_kthread_use_mm(void)
{
	void (*fn)(struct mm_struct *mm) = kthread_use_mm;

	(void)fn;
}
