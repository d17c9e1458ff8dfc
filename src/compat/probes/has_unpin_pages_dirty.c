// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages are unpinned by array.
 *
 * since: 5.9, el8.3
 * export: unpin_user_pages_dirty_lock
 */
#include <linux/mm.h>

static inline void has_unpin_pages_dirty(void)
{
	void (*fn)(struct page **pages, unsigned long npages,
		   bool make_dirty) = unpin_user_pages_dirty_lock;

	(void)fn;
}
