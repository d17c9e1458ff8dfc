// SPDX-License-Identifier: GPL-2.0-only
/* shim.c - allocation, trees and globals behind the stand-in headers in ../include. */
#include <stdlib.h>

#include <linux/bug.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/rbtree.h>
#include <linux/slab.h>
#include <linux/string.h>

int unit_warn_expected;
long unit_allocs_live;
long unit_fail_alloc;
unsigned long jiffies;

static bool alloc_fails(void)
{
	if (!unit_fail_alloc)
		return false;
	return --unit_fail_alloc == 0;
}

void *kmalloc(size_t size, gfp_t gfp)
{
	void *p;

	if (!(gfp & __GFP_NOFAIL) && alloc_fails())
		return NULL;
	p = malloc(size ? size : 1);
	if (!p)
		abort();
	/* Code that reads what it did not write shall fail its tests. */
	memset(p, gfp & __GFP_ZERO ? 0 : 0xa5, size);
	unit_allocs_live++;
	return p;
}

void *krealloc(const void *p, size_t size, gfp_t gfp)
{
	void *new;

	(void)gfp;
	if (!p)
		return kmalloc(size, gfp);
	if (alloc_fails())
		return NULL;
	new = realloc((void *)p, size ? size : 1);
	if (!new)
		abort();
	return new;
}

void kfree(const void *p)
{
	if (!p)
		return;
	unit_allocs_live--;
	free((void *)p);
}

unsigned long __get_free_page(gfp_t gfp)
{
	void *p;

	if (alloc_fails())
		return 0;
	p = aligned_alloc(PAGE_SIZE, PAGE_SIZE);
	if (!p)
		abort();
	memset(p, gfp & __GFP_ZERO ? 0 : 0xa5, PAGE_SIZE);
	unit_allocs_live++;
	return (unsigned long)p;
}

unsigned long get_zeroed_page(gfp_t gfp)
{
	return __get_free_page(gfp | __GFP_ZERO);
}

void free_page(unsigned long addr)
{
	kfree((void *)addr);
}

struct kmem_cache *kmem_cache_create(const char *name, size_t size, size_t align,
				     unsigned long flags, void (*ctor)(void *obj))
{
	struct kmem_cache *cache = kmalloc(sizeof(*cache), GFP_KERNEL);

	(void)name;
	(void)align;
	(void)flags;
	if (cache && !ctor)
		cache->size = size;
	return cache;
}

void kmem_cache_destroy(struct kmem_cache *cache)
{
	kfree(cache);
}

static struct rb_node **rb_link_of(struct rb_node *node, struct rb_root *root)
{
	struct rb_node *parent = node->rb_parent;

	if (!parent)
		return &root->rb_node;
	return parent->rb_left == node ? &parent->rb_left : &parent->rb_right;
}

/* Let @node's child @up take its place and become its parent. */
static void rb_rotate(struct rb_node *node, struct rb_node *up, struct rb_root *root)
{
	struct rb_node **link = rb_link_of(node, root);
	struct rb_node *inner;

	if (node->rb_left == up) {
		inner = up->rb_right;
		node->rb_left = inner;
		up->rb_right = node;
	} else {
		inner = up->rb_left;
		node->rb_right = inner;
		up->rb_left = node;
	}
	if (inner)
		inner->rb_parent = node;
	up->rb_parent = node->rb_parent;
	node->rb_parent = up;
	*link = up;
}

void rb_insert_color(struct rb_node *node, struct rb_root *root)
{
	static unsigned int seed = 2463534242u;

	seed ^= seed << 13;
	seed ^= seed >> 17;
	seed ^= seed << 5;
	node->priority = seed;
	while (node->rb_parent && node->rb_parent->priority < node->priority)
		rb_rotate(node->rb_parent, node, root);
}

void rb_erase(struct rb_node *node, struct rb_root *root)
{
	struct rb_node *child;

	while (node->rb_left && node->rb_right)
		rb_rotate(node, node->rb_left->priority > node->rb_right->priority ?
			  node->rb_left : node->rb_right, root);
	child = node->rb_left ? node->rb_left : node->rb_right;
	*rb_link_of(node, root) = child;
	if (child)
		child->rb_parent = node->rb_parent;
}

void rb_replace_node(struct rb_node *victim, struct rb_node *new, struct rb_root *root)
{
	*rb_link_of(victim, root) = new;
	*new = *victim;
	if (new->rb_left)
		new->rb_left->rb_parent = new;
	if (new->rb_right)
		new->rb_right->rb_parent = new;
}

static struct rb_node *rb_leftmost(struct rb_node *node)
{
	while (node && node->rb_left)
		node = node->rb_left;
	return node;
}

static struct rb_node *rb_rightmost(struct rb_node *node)
{
	while (node && node->rb_right)
		node = node->rb_right;
	return node;
}

struct rb_node *rb_first(const struct rb_root *root)
{
	return rb_leftmost(root->rb_node);
}

struct rb_node *rb_last(const struct rb_root *root)
{
	return rb_rightmost(root->rb_node);
}

struct rb_node *rb_next(const struct rb_node *node)
{
	if (node->rb_right)
		return rb_leftmost(node->rb_right);
	while (node->rb_parent && node->rb_parent->rb_right == node)
		node = node->rb_parent;
	return node->rb_parent;
}

struct rb_node *rb_prev(const struct rb_node *node)
{
	if (node->rb_left)
		return rb_rightmost(node->rb_left);
	while (node->rb_parent && node->rb_parent->rb_left == node)
		node = node->rb_parent;
	return node->rb_parent;
}
