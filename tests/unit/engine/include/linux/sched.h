/* SPDX-License-Identifier: GPL-2.0-only */
/* sched.h: userspace stand-in for tests of the mapping engine. */
#ifndef UNIT_ENGINE_SCHED_H
#define UNIT_ENGINE_SCHED_H

#include_next <linux/sched.h>

struct mm_struct;

struct task_struct {
	struct mm_struct *mm;
};

extern __thread struct task_struct *current;

#endif
