// SPDX-License-Identifier: GPL-2.0-only
/*
 * table.c - tables of address ranges; see table.h.
 */
#include <linux/bug.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "fault.h"
#include "table.h"

/**
 * map_entry_new() - an entry without memory
 * @first: first page number
 * @last: last page number
 * @perm: permission
 *
 * Return: entry, or NULL if memory is short.
 */
struct map_entry *map_entry_new(u64 first, u64 last, u32 perm)
{
	struct map_entry *e = vhost_vdpa_alloc_fails() ? NULL :
			      kzalloc(sizeof(*e), GFP_KERNEL_ACCOUNT);

	if (!e)
		return NULL;
	e->first = first;
	e->last = last;
	e->perm = perm;
	return e;
}

/**
 * map_entry_clone() - an entry for part of another's range, with references of its own
 * @e: entry
 * @first: first page number, within @e
 * @last: last page number, within @e
 *
 * Return: entry, visible; or NULL if memory is short.
 */
struct map_entry *map_entry_clone(const struct map_entry *e, u64 first, u64 last)
{
	struct map_entry *clone = map_entry_new(first, last, e->perm);

	if (!clone)
		return NULL;
	if (pin_segs_copy(&clone->segs, &e->segs, first - e->first, last - first + 1)) {
		kfree(clone);
		return NULL;
	}
	if (first == e->first && last == e->last)
		clone->nruns = e->nruns;
	else if (e->nruns)
		map_entry_count(clone);
	return clone;
}

/**
 * map_entry_free() - give an entry and its references back
 * @e: entry in no table, and not reachable
 *
 * Return: number of pages unpinned.
 */
u64 map_entry_free(struct map_entry *e)
{
	u64 npages;

	WARN_ON(IS_ENABLED(VDPA_DEBUG) && e->reachable);
	npages = pin_segs_put(&e->segs);
	kfree(e);
	return npages;
}

/**
 * map_entry_count() - count the runs of an entry
 * @e: entry with its memory
 */
void map_entry_count(struct map_entry *e)
{
	u64 expect = U64_MAX;
	struct pin_chunk chunk;
	struct pin_iter it;

	e->nruns = 0;
	pin_iter_start(&it, &e->segs);
	while (pin_iter_next(&it, &chunk)) {
		if (chunk.hole)
			continue;
		if (chunk.file || chunk.addr != expect)
			e->nruns++;
		expect = chunk.addr + ((u64)chunk.npages << PAGE_SHIFT);
		if (!(e->nruns % 4096))
			cond_resched();
	}
}

/**
 * map_table_find() - the first entry that overlaps a range
 * @t: table
 * @first: first page number
 * @last: last page number
 *
 * Return: entry or NULL.
 */
struct map_entry *map_table_find(const struct map_table *t, u64 first, u64 last)
{
	struct rb_node *node = t->root.rb_node;
	struct map_entry *best = NULL;

	while (node) {
		struct map_entry *e = rb_entry(node, struct map_entry, node);

		if (first <= e->last) {
			best = e;
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	return best && best->first <= last ? best : NULL;
}

/**
 * map_table_next() - the entry after another
 * @e: entry in a table
 *
 * Return: entry or NULL.
 */
struct map_entry *map_table_next(const struct map_entry *e)
{
	struct rb_node *node = rb_next(&e->node);

	return node ? rb_entry(node, struct map_entry, node) : NULL;
}

/**
 * map_table_find_visible() - the first entry in a range that is not hidden
 * @t: table
 * @first: first page number
 * @last: last page number
 *
 * Return: entry or NULL.
 */
struct map_entry *map_table_find_visible(const struct map_table *t, u64 first, u64 last)
{
	struct map_entry *e;

	for (e = map_table_find(t, first, last); e && e->first <= last; e = map_table_next(e))
		if (!map_entry_hidden(t, e))
			return e;
	return NULL;
}

/**
 * map_table_insert() - add an entry
 * @t: table in which nothing overlaps @e
 * @e: entry
 */
void map_table_insert(struct map_table *t, struct map_entry *e)
{
	struct rb_node **link = &t->root.rb_node;
	struct rb_node *parent = NULL;

	while (*link) {
		parent = *link;
		if (e->first < rb_entry(parent, struct map_entry, node)->first)
			link = &parent->rb_left;
		else
			link = &parent->rb_right;
	}
	rb_link_node(&e->node, parent, link);
	rb_insert_color(&e->node, &t->root);
	t->n++;
	t->nruns += e->nruns;
}

/**
 * map_table_remove() - take an entry out
 * @t: table
 * @e: entry in @t
 */
void map_table_remove(struct map_table *t, struct map_entry *e)
{
	rb_erase(&e->node, &t->root);
	t->n--;
	t->nruns -= e->nruns;
}

/**
 * map_table_clear() - remove and free all entries
 * @t: table
 *
 * Return: number of pages unpinned.
 */
u64 map_table_clear(struct map_table *t)
{
	struct map_entry *e, *next;
	u64 npages = 0;

	map_table_for_each_safe(e, next, t) {
		map_table_remove(t, e);
		npages += map_entry_free(e);
		cond_resched();
	}
	return npages;
}

/**
 * map_table_mark() - note whether a device may have what is in a table
 * @t: table
 * @reachable: true if it may
 */
void map_table_mark(struct map_table *t, bool reachable)
{
	struct map_entry *e;

	map_table_for_each(e, t) {
		e->reachable = reachable;
		cond_resched();
	}
}

/**
 * map_table_copy() - add what is visible in one table to another
 * @to: table
 * @from: table; nothing visible in it overlaps @to
 *
 * Return: 0 or -ENOMEM, with part of the entries added.
 */
int map_table_copy(struct map_table *to, const struct map_table *from)
{
	struct map_entry *e, *clone;

	map_table_for_each(e, from) {
		if (map_entry_hidden(from, e))
			continue;
		clone = map_entry_clone(e, e->first, e->last);
		if (!clone)
			return -ENOMEM;
		map_table_insert(to, clone);
		cond_resched();
	}
	return 0;
}

/* A place in a table: an entry, and one of its segments. */
struct cursor {
	const struct map_table *t;
	struct map_entry *e;
	unsigned int seg;
};

static void cursor_enter(struct cursor *c, struct map_entry *e)
{
	while (e && map_entry_hidden(c->t, e))
		e = map_table_next(e);
	c->e = e;
	c->seg = 0;
}

static const struct pin_seg *cursor_seg(const struct cursor *c)
{
	return &c->e->segs.seg[c->seg];
}

/* Page number at which the cursor's segment begins. */
static u64 cursor_first(const struct cursor *c)
{
	return c->e->first + cursor_seg(c)->start;
}

/* Last page number up to which nothing changes at the cursor's place. */
static u64 cursor_last(const struct cursor *c)
{
	return cursor_first(c) + cursor_seg(c)->npages - 1;
}

/* Moves on to @page, or to the first entry after it. */
static void cursor_seek(struct cursor *c, u64 page)
{
	while (c->e && c->e->last < page)
		cursor_enter(c, map_table_next(c->e));
	if (!c->e || c->e->first > page)
		return;
	if (cursor_last(c) < page)
		c->seg++;
	if (cursor_last(c) < page)
		c->seg = pin_segs_find(&c->e->segs, page - c->e->first);
}

/* First page number, from @page on, that the table maps; U64_MAX if none. */
static u64 cursor_page(const struct cursor *c, u64 page)
{
	return c->e ? max(c->e->first, page) : U64_MAX;
}

/**
 * map_table_same() - do two tables agree on a range?
 * @a: table
 * @b: table
 * @first: first page number
 * @last: last page number, below U64_MAX
 *
 * Hidden entries count as absent.
 *
 * Context: sleeps.
 * Return: true if for every page number either both map nothing, or both map the same page of the
 * same pin with the same permission.
 */
bool map_table_same(const struct map_table *a, const struct map_table *b, u64 first, u64 last)
{
	struct cursor x = { .t = a }, y = { .t = b };
	u64 page = first;

	cursor_enter(&x, map_table_find(a, first, last));
	cursor_enter(&y, map_table_find(b, first, last));
	for (;;) {
		u64 px, py;

		cursor_seek(&x, page);
		cursor_seek(&y, page);
		px = cursor_page(&x, page);
		py = cursor_page(&y, page);
		if (min(px, py) > last)
			return true;
		if (px != py)
			return false;
		page = px;
		if (x.e->perm != y.e->perm ||
		    !pin_seg_same(cursor_seg(&x), page - cursor_first(&x),
				  cursor_seg(&y), page - cursor_first(&y)))
			return false;
		page = min(cursor_last(&x), cursor_last(&y)) + 1;
		if (page > last)
			return true;
		cond_resched();
	}
}

/**
 * map_table_within() - does a table agree with all that is visible in another?
 * @a: table
 * @b: table that may map more
 *
 * Return: true if it does.
 */
bool map_table_within(const struct map_table *a, const struct map_table *b)
{
	struct map_entry *e;

	map_table_for_each(e, a) {
		if (!map_entry_hidden(a, e) && !map_table_same(a, b, e->first, e->last))
			return false;
		cond_resched();
	}
	return true;
}
