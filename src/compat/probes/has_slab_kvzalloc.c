// SPDX-License-Identifier: GPL-2.0-only
/*
 * kvzalloc() and friends are declared in linux/slab.h, not in linux/mm.h.
 *
 * since: 5.16, el9.4
 */
#include <linux/slab.h>

#ifndef kvzalloc
static inline void *has_slab_kvzalloc(void)
{
	void *(*fn)(size_t size, gfp_t flags) = kvzalloc;

	return fn;
}
#endif
