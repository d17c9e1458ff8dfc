/* SPDX-License-Identifier: GPL-2.0-only */
/* sched_signal.h: userspace stand-in for tests of the mapping engine. */
#ifndef UNIT_ENGINE_SCHED_SIGNAL_H
#define UNIT_ENGINE_SCHED_SIGNAL_H

#include <linux/types.h>

struct task_struct;

bool fatal_signal_pending(struct task_struct *task);

#endif
