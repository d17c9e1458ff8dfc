/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * linux/mm.h: unpinning by range, flags of a memory area.
 */
#ifndef VC_LINUX_MM_H
#define VC_LINUX_MM_H

#include_next <linux/mm.h>

/*
 * VC_HAS_UNPIN_USER_PAGE_RANGE: 5.14, el8.6. The slow way, page by page, is the only one before.
 * Remove when 5.10 and el8.4 are no longer supported.
 */
#if !VC_HAS_UNPIN_USER_PAGE_RANGE
static inline void vc_unpin_range(struct page *page, unsigned long npages, bool make_dirty)
{
	unsigned long i;

	for (i = 0; i < npages; i++) {
		struct page *one = nth_page(page, i);

		unpin_user_pages_dirty_lock(&one, 1, make_dirty);
	}
}
#define unpin_user_page_range_dirty_lock(page, npages, make_dirty) \
	vc_unpin_range(page, npages, make_dirty)
#endif

/*
 * VC_HAS_VMA_FLAGS_MOD: since 6.3 (el9.6) vm_flags is constant and changed by function only.
 * Remove when nothing older is supported.
 */
#if !VC_HAS_VMA_FLAGS_MOD
static inline void vc_vm_flags_mod(struct vm_area_struct *vma, vm_flags_t set, vm_flags_t clear)
{
	vma->vm_flags = (vma->vm_flags | set) & ~clear;
}
#define vm_flags_mod(vma, set, clear) vc_vm_flags_mod(vma, set, clear)
#endif

#endif /* VC_LINUX_MM_H */
