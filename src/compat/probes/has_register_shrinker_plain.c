// SPDX-License-Identifier: GPL-2.0-only
/*
 * register_shrinker() takes the shrinker only.
 *
 * since: 3.12, until 5.19
 */
#include <linux/mm.h>
#include <linux/shrinker.h>

static inline void has_register_shrinker_plain(void)
{
	int (*fn)(struct shrinker *shrinker) = register_shrinker;

	(void)fn;
}
