// SPDX-License-Identifier: GPL-2.0-only
/*
 * kmap_local_page() maps a page for the calling context only.
 *
 * since: 5.11, el8.6
 */
#include <linux/highmem.h>

#ifndef kmap_local_page
static inline void *has_kmap_local(struct page *page)
{
	void *address = NULL;

	(void)kmap_local_page;
	kunmap_local(address);
	return address;
}
#endif
