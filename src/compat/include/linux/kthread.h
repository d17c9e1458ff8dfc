/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * linux/kthread.h: creating a worker and starting it are two things.
 */
#ifndef VC_LINUX_KTHREAD_H
#define VC_LINUX_KTHREAD_H

#include_next <linux/kthread.h>

/*
 * VC_HAS_KTHREAD_RUN_WORKER: until 6.13 kthread_create_worker() also started the thread. Code
 * here uses kthread_run_worker() only.
 * Remove when nothing older than 6.14 is supported.
 */
#if !VC_HAS_KTHREAD_RUN_WORKER
#define kthread_run_worker(flags, namefmt, ...) \
	kthread_create_worker(flags, namefmt, ##__VA_ARGS__)
#endif

#endif /* VC_LINUX_KTHREAD_H */
