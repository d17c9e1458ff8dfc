/* SPDX-License-Identifier: GPL-2.0-only */
/* sched_mm.h: userspace stand-in for tests of the mapping engine. */
#ifndef UNIT_ENGINE_SCHED_MM_H
#define UNIT_ENGINE_SCHED_MM_H

struct mm_struct;

void mmgrab(struct mm_struct *mm);
void mmdrop(struct mm_struct *mm);

#endif
