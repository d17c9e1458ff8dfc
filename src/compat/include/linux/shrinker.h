/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * linux/shrinker.h: shrinkers allocated by the kernel.
 */
#ifndef VC_LINUX_SHRINKER_H
#define VC_LINUX_SHRINKER_H

#include <linux/mm_types.h>
#include_next <linux/shrinker.h>

/*
 * VC_HAS_SHRINKER_ALLOC: until 6.6 the owner embedded the shrinker and registered it. A module
 * that uses these links src/compat/lib/shrinker.c; linux/fs.h includes this header, too early for
 * inline functions that allocate. There is no private_data.
 * Remove when nothing older than 6.7 is supported.
 */
#if !VC_HAS_SHRINKER_ALLOC
struct shrinker *vc_shrinker_alloc(unsigned int flags, const char *fmt, ...) __printf(2, 3);
void vc_shrinker_register(struct shrinker *shrinker);
void vc_shrinker_free(struct shrinker *shrinker);

#define shrinker_alloc vc_shrinker_alloc
#define shrinker_register vc_shrinker_register
#define shrinker_free vc_shrinker_free
#endif

#endif /* VC_LINUX_SHRINKER_H */
