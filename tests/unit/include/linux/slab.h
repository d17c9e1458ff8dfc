/* SPDX-License-Identifier: GPL-2.0-only */
/* slab.h: userspace stand-in for unit tests, see ../../README. */
#ifndef UNIT_LINUX_SLAB_H
#define UNIT_LINUX_SLAB_H

#include <linux/gfp.h>
#include <linux/overflow.h>
#include <linux/types.h>

/*
 * Every allocation counts in unit_allocs_live. Set unit_fail_alloc to N to make the Nth allocation
 * from now fail (1 is the next one); it goes back to 0 when it has struck.
 */
extern long unit_allocs_live;
extern long unit_fail_alloc;

void *kmalloc(size_t size, gfp_t gfp);
void *krealloc(const void *p, size_t size, gfp_t gfp);
void kfree(const void *p);

static inline void *kzalloc(size_t size, gfp_t gfp)
{
	return kmalloc(size, gfp | __GFP_ZERO);
}

static inline void *kmalloc_array(size_t n, size_t size, gfp_t gfp)
{
	return kmalloc(array_size(n, size), gfp);
}

static inline void *kcalloc(size_t n, size_t size, gfp_t gfp)
{
	return kmalloc(array_size(n, size), gfp | __GFP_ZERO);
}

#define kvmalloc kmalloc
#define kvzalloc kzalloc
#define kvmalloc_array kmalloc_array
#define kvcalloc kcalloc
#define kvfree kfree
#define vfree kfree
#define kfree_rcu(p, member) kfree(p)

struct kmem_cache {
	size_t size;
};

struct kmem_cache *kmem_cache_create(const char *name, size_t size, size_t align,
				     unsigned long flags, void (*ctor)(void *obj));
void kmem_cache_destroy(struct kmem_cache *cache);

static inline void *kmem_cache_alloc(struct kmem_cache *cache, gfp_t gfp)
{
	return kmalloc(cache->size, gfp);
}

static inline void *kmem_cache_zalloc(struct kmem_cache *cache, gfp_t gfp)
{
	return kzalloc(cache->size, gfp);
}

static inline void kmem_cache_free(struct kmem_cache *cache, void *p)
{
	(void)cache;
	kfree(p);
}

#define SLAB_ACCOUNT 0
#define SLAB_HWCACHE_ALIGN 0
#define KMEM_CACHE(s, flags) kmem_cache_create(#s, sizeof(struct s), 0, flags, NULL)

#endif
