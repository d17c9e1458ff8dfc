// SPDX-License-Identifier: GPL-2.0-only
/*
 * The flags of an area of memory are changed by functions only.
 *
 * since: 6.3, el9.6
 */
#include <linux/mm.h>

static inline void has_vma_flags_mod(void)
{
	void (*fn)(struct vm_area_struct *vma, vm_flags_t set, vm_flags_t clear) = vm_flags_mod;

	(void)fn;
}
