/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * table.h - tables of address ranges and the memory behind them.
 *
 * A table is a partial function from page numbers to (page of a pin, permission). The wanted
 * table of an address space and the device's table are such functions over IOVA, and they are
 * compared as functions: how the ranges are cut into entries does not matter. What a device keeps
 * parked is one over user addresses.
 *
 * Tables have no lock, their owner's map_lock protects them.
 */
#ifndef VHOST_VDPA_TABLE_H
#define VHOST_VDPA_TABLE_H

#include <linux/list.h>
#include <linux/rbtree.h>
#include <linux/types.h>

#include "pin.h"

/**
 * struct map_entry - a range of a table
 * @node: in the table, by @first
 * @link: for lists of entries that are in no table
 * @first: first page number
 * @last: last page number
 * @perm: VHOST_MAP_RO, VHOST_MAP_WO or VHOST_MAP_RW
 * @nruns: physically contiguous pieces, as the device's table counts them; 0 if nobody counted
 * @epoch: the table's epoch when it was wanted
 * @reachable: device's table: the device may have the translation, so the memory must stay pinned
 * @broken: device's table: the device may have only part of the translation. It must be removed
 *	before it can count as there
 * @segs: the memory, @last - @first + 1 pages in all
 */
struct map_entry {
	struct rb_node node;
	struct list_head link;
	u64 first;
	u64 last;
	u32 perm;
	unsigned int nruns;
	u64 epoch;
	bool reachable;
	bool broken;
	struct pin_segs segs;
};

/**
 * struct map_table - ranges that do not overlap
 * @root: entries by first page number
 * @n: number of entries
 * @nruns: sum of their nruns
 * @epoch: wanted table: number of cleaning resets
 * @shown: wanted table: entries from before this epoch are hidden: a cleaning reset took them from
 *	the device, and no message since made it see them again (kernels before IOTLB_PERSIST behave
 *	so)
 */
struct map_table {
	struct rb_root root;
	unsigned long n;
	u64 nruns;
	u64 epoch;
	u64 shown;
};

static inline bool map_entry_hidden(const struct map_table *t, const struct map_entry *e)
{
	return e->epoch < t->shown;
}

static inline u64 map_entry_pages(const struct map_entry *e)
{
	return e->last - e->first + 1;
}

struct map_entry *map_entry_new(u64 first, u64 last, u32 perm);
struct map_entry *map_entry_clone(const struct map_entry *e, u64 first, u64 last);
u64 map_entry_free(struct map_entry *e);
void map_entry_count(struct map_entry *e);

struct map_entry *map_table_find(const struct map_table *t, u64 first, u64 last);
struct map_entry *map_table_next(const struct map_entry *e);
void map_table_insert(struct map_table *t, struct map_entry *e);
void map_table_remove(struct map_table *t, struct map_entry *e);
u64 map_table_clear(struct map_table *t);
void map_table_mark(struct map_table *t, bool reachable);
int map_table_copy(struct map_table *to, const struct map_table *from);

struct map_entry *map_table_find_visible(const struct map_table *t, u64 first, u64 last);
bool map_table_same(const struct map_table *a, const struct map_table *b, u64 first, u64 last);
bool map_table_within(const struct map_table *a, const struct map_table *b);

/* Hides all entries. */
static inline void map_table_hide(struct map_table *t)
{
	t->shown = ++t->epoch;
}

/* Makes all entries visible. Returns what map_table_unshow() needs to take that back. */
static inline u64 map_table_show(struct map_table *t)
{
	u64 shown = t->shown;

	t->shown = 0;
	return shown;
}

static inline void map_table_unshow(struct map_table *t, u64 shown)
{
	t->shown = shown;
}

#define map_table_for_each(e, t)							\
	for ((e) = map_table_find(t, 0, U64_MAX); (e); (e) = map_table_next(e))

/* @next is taken before the body runs, so that it may remove @e. */
#define map_table_for_each_safe(e, next, t)						\
	for ((e) = map_table_find(t, 0, U64_MAX), (next) = (e) ? map_table_next(e) : NULL;	\
	     (e); (e) = (next), (next) = (e) ? map_table_next(e) : NULL)

#endif /* VHOST_VDPA_TABLE_H */
