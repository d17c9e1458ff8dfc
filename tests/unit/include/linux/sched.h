/* SPDX-License-Identifier: GPL-2.0-only */
/* sched.h: userspace stand-in for unit tests, see ../../README. */
#ifndef UNIT_LINUX_SCHED_H
#define UNIT_LINUX_SCHED_H

#include <linux/compiler.h>

static inline int cond_resched(void)
{
	return 0;
}

#endif
