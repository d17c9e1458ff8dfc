// SPDX-License-Identifier: GPL-2.0-only
/*
 * shrinker.c - shrinker_alloc(), shrinker_register() and shrinker_free() of 6.7 for older kernels.
 *
 * An empty object where the kernel has them. Why, and when it can be removed: linux/shrinker.h in
 * src/compat/include.
 */
#include <linux/shrinker.h>

#if !VC_HAS_SHRINKER_ALLOC
#include <linux/bug.h>
#include <linux/kernel.h>
#include <linux/slab.h>

struct vc_shrinker {
	struct shrinker shrinker;
	char *name;
	bool registered;
};

static struct vc_shrinker *to_vc(struct shrinker *shrinker)
{
	return container_of(shrinker, struct vc_shrinker, shrinker);
}

struct shrinker *vc_shrinker_alloc(unsigned int flags, const char *fmt, ...)
{
	struct vc_shrinker *vc = kzalloc(sizeof(*vc), GFP_KERNEL);
	va_list args;

	if (!vc)
		return NULL;

	va_start(args, fmt);
	vc->name = kvasprintf(GFP_KERNEL, fmt, args);
	va_end(args);
	if (!vc->name) {
		kfree(vc);
		return NULL;
	}

	vc->shrinker.flags = flags;
	vc->shrinker.seeks = DEFAULT_SEEKS;
	return &vc->shrinker;
}

/*
 * The newer call cannot fail. A shrinker that was not registered is never called, and less memory
 * is given back.
 */
void vc_shrinker_register(struct shrinker *shrinker)
{
	struct vc_shrinker *vc = to_vc(shrinker);

	/* VC_HAS_REGISTER_SHRINKER_NAME: 6.0 wants a name for debugfs. */
#if VC_HAS_REGISTER_SHRINKER_NAME
	vc->registered = !register_shrinker(shrinker, "%s", vc->name);
#else
	vc->registered = !register_shrinker(shrinker);
#endif
	WARN_ON_ONCE(!vc->registered);
}

void vc_shrinker_free(struct shrinker *shrinker)
{
	struct vc_shrinker *vc;

	if (!shrinker)
		return;

	vc = to_vc(shrinker);
	if (vc->registered)
		unregister_shrinker(shrinker);
	kfree(vc->name);
	kfree(vc);
}
#endif
