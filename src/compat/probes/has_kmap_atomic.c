// SPDX-License-Identifier: GPL-2.0-only
/*
 * kmap_atomic() maps a page for code that does not sleep.
 *
 * since: 2.6.37
 */
#include <linux/highmem.h>

static inline void has_kmap_atomic(struct page *page)
{
	(void)sizeof(kmap_atomic(page));
}
