/* SPDX-License-Identifier: GPL-2.0-only */
/* kthread.h: userspace stand-in for unit tests, see ../../README. */
#ifndef UNIT_LINUX_KTHREAD_H
#define UNIT_LINUX_KTHREAD_H

struct kthread_worker;

struct kthread_work {
	void (*func)(struct kthread_work *work);
};

#endif
