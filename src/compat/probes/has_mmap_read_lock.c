// SPDX-License-Identifier: GPL-2.0-only
/*
 * The lock of an address space is taken by functions of its own name.
 *
 * since: 5.8, el8.4
 */
#include <linux/mm.h>

static inline void has_mmap_read_lock(void)
{
	void (*fn)(struct mm_struct *mm) = mmap_read_lock;

	(void)fn;
}
