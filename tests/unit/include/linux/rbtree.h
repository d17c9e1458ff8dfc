/* SPDX-License-Identifier: GPL-2.0-only */
/* rbtree.h: userspace stand-in for unit tests, see ../../README. */
#ifndef UNIT_LINUX_RBTREE_H
#define UNIT_LINUX_RBTREE_H

#include <linux/container_of.h>
#include <linux/types.h>

/*
 * The interface of the kernel's rbtree over a treap: a node gets a random priority when it is
 * inserted, so rb_insert_color() and rb_erase() keep the tree balanced in expectation.
 */
struct rb_node {
	struct rb_node *rb_parent;
	struct rb_node *rb_left;
	struct rb_node *rb_right;
	unsigned int priority;
};

struct rb_root {
	struct rb_node *rb_node;
};

struct rb_root_cached {
	struct rb_root rb_root;
	struct rb_node *rb_leftmost;
};

#define RB_ROOT ((struct rb_root){ NULL })
#define RB_ROOT_CACHED ((struct rb_root_cached){ { NULL }, NULL })
#define rb_entry(p, t, m) container_of(p, t, m)
#define rb_entry_safe(p, t, m) ({ __typeof__(p) __p = (p); __p ? rb_entry(__p, t, m) : NULL; })
#define rb_parent(n) ((n)->rb_parent)
#define RB_EMPTY_ROOT(r) (!(r)->rb_node)
#define RB_CLEAR_NODE(n) ((n)->rb_parent = (n))
#define RB_EMPTY_NODE(n) ((n)->rb_parent == (n))

static inline void rb_link_node(struct rb_node *node, struct rb_node *parent,
				struct rb_node **link)
{
	node->rb_parent = parent;
	node->rb_left = NULL;
	node->rb_right = NULL;
	*link = node;
}

void rb_insert_color(struct rb_node *node, struct rb_root *root);
void rb_erase(struct rb_node *node, struct rb_root *root);
void rb_replace_node(struct rb_node *victim, struct rb_node *new, struct rb_root *root);
struct rb_node *rb_first(const struct rb_root *root);
struct rb_node *rb_last(const struct rb_root *root);
struct rb_node *rb_next(const struct rb_node *node);
struct rb_node *rb_prev(const struct rb_node *node);

#define rb_first_cached(r) rb_first(&(r)->rb_root)
#define rb_erase_cached(n, r) rb_erase(n, &(r)->rb_root)
#define rb_insert_color_cached(n, r, leftmost) \
	((void)(leftmost), rb_insert_color(n, &(r)->rb_root))

#endif
