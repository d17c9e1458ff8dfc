// SPDX-License-Identifier: GPL-2.0-only
/*
 * kmap_local_page() maps a page for the calling context only. The argument of kunmap_local() is a
 * macro's, so that it is not asked.
 *
 * since: 5.11, el8.6
 */
#include <linux/highmem.h>

static inline void has_kmap_local(struct page *page)
{
	(void)sizeof(kmap_local_page(page));
}
