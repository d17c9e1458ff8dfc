// SPDX-License-Identifier: GPL-2.0-only
/*
 * unpin_user_page_range_dirty_lock() exists, whatever it looks like.
 *
 * since: 5.14, el8.6
 * export: unpin_user_page_range_dirty_lock
 */
#include <linux/mm.h>

static inline void has_unpin_range_any(void)
{
	(void)sizeof(&unpin_user_page_range_dirty_lock);
}
