// SPDX-License-Identifier: GPL-2.0-only
/*
 * A shrinker is allocated by the kernel, filled in and registered.
 *
 * since: 6.7
 * export: shrinker_alloc
 */
#include <linux/mm.h>
#include <linux/shrinker.h>

static inline void has_shrinker_alloc(void)
{
	struct shrinker *(*fn)(unsigned int flags, const char *fmt, ...) = shrinker_alloc;

	(void)fn;
}
