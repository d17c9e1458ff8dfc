// SPDX-License-Identifier: GPL-2.0-only
/*
 * The pages pinned on behalf of a process are counted in an atomic64_t.
 *
 * since: 5.1, el8.1
 */
#include <linux/mm.h>

static inline void has_mm_pinned_vm_atomic64(struct mm_struct *mm)
{
	atomic64_t *count = &mm->pinned_vm;

	(void)count;
}
