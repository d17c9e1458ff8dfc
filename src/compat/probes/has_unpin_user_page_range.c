// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages that follow each other are unpinned by range, one operation per folio.
 *
 * since: 5.14, el8.6
 * export: unpin_user_page_range_dirty_lock
 */
#include <linux/mm.h>

static inline void has_unpin_user_page_range(void)
{
	void (*fn)(struct page *page, unsigned long npages,
		   bool make_dirty) = unpin_user_page_range_dirty_lock;

	(void)fn;
}
