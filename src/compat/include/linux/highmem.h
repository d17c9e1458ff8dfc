/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * linux/highmem.h: mapping a page for the calling context.
 */
#ifndef VC_LINUX_HIGHMEM_H
#define VC_LINUX_HIGHMEM_H

#include_next <linux/highmem.h>

/*
 * VC_HAS_KMAP_LOCAL: 5.11, el8.6. The stand-in forbids sleeping in between, which the newer call
 * allows; code here does not sleep there.
 * Remove when 5.10 and el8.4 are no longer supported.
 */
#if !VC_HAS_KMAP_LOCAL
static inline void *vc_kmap_local_page(struct page *page)
{
	return kmap_atomic(page);
}
#undef kmap_local_page
#undef kunmap_local
#define kmap_local_page(page) vc_kmap_local_page(page)
#define kunmap_local(address) kunmap_atomic(address)
#endif

#endif /* VC_LINUX_HIGHMEM_H */
