// SPDX-License-Identifier: GPL-2.0-only
/*
 * The flags of an area of memory are a member like any other.
 *
 * since: until 6.2, el9.4
 */
#include <linux/mm.h>

static inline void has_vma_flags_plain(struct vm_area_struct *vma)
{
	vma->vm_flags = 0;
}
