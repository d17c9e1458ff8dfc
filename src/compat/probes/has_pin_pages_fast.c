// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages are pinned without the caller holding the lock of the address space.
 *
 * since: 5.6, el8.3
 * export: pin_user_pages_fast
 */
#include <linux/mm.h>

static inline void has_pin_pages_fast(void)
{
	int (*fn)(unsigned long start, int nr_pages, unsigned int gup_flags,
		  struct page **pages) = pin_user_pages_fast;

	(void)fn;
}
