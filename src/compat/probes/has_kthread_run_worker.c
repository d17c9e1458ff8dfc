// SPDX-License-Identifier: GPL-2.0-only
/*
 * kthread_create_worker() leaves the thread asleep and kthread_run_worker() starts it.
 *
 * since: 6.14
 */
#include <linux/kthread.h>

#ifndef kthread_run_worker
#error "kthread_create_worker() still starts the thread"
#endif
