// SPDX-License-Identifier: GPL-2.0-only
/*
 * kthread_create_worker() is a function that starts the thread, too.
 *
 * since: 4.9, until 6.13
 */
#include <linux/kthread.h>

static inline void has_kthread_create_worker_fn(void)
{
#ifdef kthread_create_worker
#error "kthread_create_worker() leaves the thread asleep"
#endif
}
