// SPDX-License-Identifier: GPL-2.0-only
/*
 * register_shrinker() takes a name for debugfs.
 *
 * since: 6.0, until 6.6
 */
#include <linux/mm.h>
#include <linux/shrinker.h>

static inline void has_register_shrinker_name(void)
{
	int (*fn)(struct shrinker *shrinker, const char *fmt, ...) = register_shrinker;

	(void)fn;
}
