/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * linux/workqueue.h: newest names of the system's workqueues.
 */
#ifndef VC_LINUX_WORKQUEUE_H
#define VC_LINUX_WORKQUEUE_H

#include_next <linux/workqueue.h>

/*
 * VC_HAS_WORKQUEUE_DFL: system_unbound_wq got this name in 6.17 (and in late stable releases).
 * Remove when nothing without it is supported.
 */
#if !VC_HAS_WORKQUEUE_DFL
#define system_dfl_wq system_unbound_wq
#endif

#endif /* VC_LINUX_WORKQUEUE_H */
