/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * linux/shrinker.h: shrinkers allocated by the kernel.
 */
#ifndef VC_LINUX_SHRINKER_H
#define VC_LINUX_SHRINKER_H

#include <linux/mm_types.h>
#include_next <linux/shrinker.h>

/*
 * VC_HAS_SHRINKER_ALLOC: until 6.6 the owner embedded the shrinker and registered it, since 6.0
 * with a name. There is no private_data in that shrinker, and none here. A shrinker that could not
 * be registered is never called; it only means less memory given back.
 * Remove when nothing older than 6.7 is supported.
 */
#if !VC_HAS_SHRINKER_ALLOC
#include <linux/bug.h>
#include <linux/slab.h>

struct vc_shrinker {
	struct shrinker shrinker;
	bool registered;
	char *name;
};

static inline struct shrinker *vc_shrinker_alloc(unsigned int flags, char *name)
{
	struct vc_shrinker *vc;

	vc = name ? kzalloc(sizeof(*vc), GFP_KERNEL) : NULL;
	if (!vc) {
		kfree(name);
		return NULL;
	}

	vc->name = name;
	vc->shrinker.flags = flags;
	vc->shrinker.seeks = DEFAULT_SEEKS;
	return &vc->shrinker;
}

#define shrinker_alloc(flags, fmt, ...) \
	vc_shrinker_alloc(flags, kasprintf(GFP_KERNEL, fmt, ##__VA_ARGS__))

static inline void shrinker_register(struct shrinker *shrinker)
{
	struct vc_shrinker *vc = container_of(shrinker, struct vc_shrinker, shrinker);

#if VC_HAS_REGISTER_SHRINKER_NAME
	vc->registered = !register_shrinker(shrinker, "%s", vc->name);
#else
	vc->registered = !register_shrinker(shrinker);
#endif
	WARN_ON_ONCE(!vc->registered);
}

static inline void shrinker_free(struct shrinker *shrinker)
{
	struct vc_shrinker *vc;

	if (!shrinker)
		return;
	vc = container_of(shrinker, struct vc_shrinker, shrinker);
	if (vc->registered)
		unregister_shrinker(shrinker);
	kfree(vc->name);
	kfree(vc);
}
#endif

#endif /* VC_LINUX_SHRINKER_H */
