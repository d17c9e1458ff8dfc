// SPDX-License-Identifier: GPL-2.0-only
/*
 * iotlb.c - translation tables as two-level sorted arrays.
 *
 * A table is a directory of chunks. A chunk is one page: a short header, then entries in ascending
 * order without overlap. Since a chunk is page-aligned, an entry's address leads to its chunk, and
 * the chunk to the next one, so iteration needs no cursor but the entry itself.
 *
 * Opaque pointers are rare, so they live in an array beside a chunk, which exists only if one of
 * the chunk's entries was ever given one.
 *
 * Nothing here deletes by allocating: removal cannot fail. Adding allocates first and changes the
 * table afterwards: a failed add leaves it as it was.
 */
#include <linux/bug.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vhost_iotlb.h>

struct iotlb_chunk {
	struct iotlb_chunk *next;	/* of the same table, ascending; NULL for the last */
	void **opaque;			/* CHUNK_MAPS pointers, or NULL if none was ever set */
	unsigned int nr;
	struct vhost_iotlb_map map[];
};

/* The first IOVA is kept beside the pointer so that a search touches the directory only. */
struct vhost_iotlb_slot {
	u64 first;
	struct iotlb_chunk *chunk;
};

#define CHUNK_MAPS \
	((unsigned int)((PAGE_SIZE - sizeof(struct iotlb_chunk)) / sizeof(struct vhost_iotlb_map)))
#define DIR_MIN_SIZE 8u

static struct iotlb_chunk *chunk_of(const struct vhost_iotlb_map *map)
{
	return (struct iotlb_chunk *)((unsigned long)map & PAGE_MASK);
}

static void chunk_free(struct iotlb_chunk *chunk)
{
	kfree(chunk->opaque);
	free_page((unsigned long)chunk);
}

static int chunk_need_opaque(struct iotlb_chunk *chunk, gfp_t gfp)
{
	if (!chunk->opaque)
		chunk->opaque = kcalloc(CHUNK_MAPS, sizeof(*chunk->opaque), gfp);
	return chunk->opaque ? 0 : -ENOMEM;
}

static struct iotlb_chunk *chunk_alloc(bool opaque, gfp_t gfp)
{
	struct iotlb_chunk *chunk = (struct iotlb_chunk *)__get_free_page(gfp);

	if (!chunk)
		return NULL;
	chunk->next = NULL;
	chunk->opaque = NULL;
	chunk->nr = 0;
	if (opaque && chunk_need_opaque(chunk, gfp)) {
		chunk_free(chunk);
		return NULL;
	}
	return chunk;
}

/*
 * Copy @n entries, opaque pointers included; source and target may overlap. Does not touch @nr.
 * A target without room for opaque pointers must only be given entries of a like source.
 */
static void chunk_copy(struct iotlb_chunk *dst, unsigned int to, const struct iotlb_chunk *src,
		       unsigned int from, unsigned int n)
{
	memmove(&dst->map[to], &src->map[from], n * sizeof(*dst->map));
	if (src->opaque)
		memmove(&dst->opaque[to], &src->opaque[from], n * sizeof(*dst->opaque));
	else if (dst->opaque)
		memset(&dst->opaque[to], 0, n * sizeof(*dst->opaque));
}

static void chunk_erase(struct iotlb_chunk *chunk, unsigned int from, unsigned int to)
{
	chunk_copy(chunk, from, chunk, to, chunk->nr - to);
	chunk->nr -= to - from;
}

/* Index of the first entry that ends at or after @pos, chunk->nr if there is none. */
static unsigned int chunk_find(const struct iotlb_chunk *chunk, u64 pos)
{
	unsigned int lo = 0, hi = chunk->nr;

	while (lo < hi) {
		unsigned int mid = lo + (hi - lo) / 2;

		if (chunk->map[mid].last < pos)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* Index of the first entry that starts after @pos, chunk->nr if there is none. */
static unsigned int chunk_find_after(const struct iotlb_chunk *chunk, u64 pos)
{
	unsigned int i = chunk_find(chunk, pos);

	if (i < chunk->nr && chunk->map[i].start <= pos)
		i++;
	return i;
}

/*
 * Index of the chunk in which @pos belongs: the last one that starts at or before it, or the first
 * one. The table must not be empty. The last chunk is tried first, which makes appending cheap.
 */
static unsigned int dir_find(const struct vhost_iotlb *iotlb, u64 pos)
{
	unsigned int lo = 0, hi = iotlb->nr_chunks - 1;

	if (iotlb->dir[hi].first <= pos)
		return hi;
	while (lo < hi) {
		unsigned int mid = lo + (hi - lo + 1) / 2;

		if (iotlb->dir[mid].first <= pos)
			lo = mid;
		else
			hi = mid - 1;
	}
	return lo;
}

/* Make room for @n more chunks. */
static int dir_reserve(struct vhost_iotlb *iotlb, unsigned int n, gfp_t gfp)
{
	unsigned int size = iotlb->nr_chunks + n;
	struct vhost_iotlb_slot *dir;

	if (size <= iotlb->dir_size)
		return 0;
	size = max3(size, iotlb->dir_size * 2, DIR_MIN_SIZE);
	dir = kvmalloc_array(size, sizeof(*dir), gfp);
	if (!dir)
		return -ENOMEM;
	if (iotlb->nr_chunks)
		memcpy(dir, iotlb->dir, iotlb->nr_chunks * sizeof(*dir));
	kvfree(iotlb->dir);
	iotlb->dir = dir;
	iotlb->dir_size = size;
	return 0;
}

/* Slots @from to @to were replaced: set the links that lead to, between and out of them. */
static void dir_relink(struct vhost_iotlb *iotlb, unsigned int from, unsigned int to)
{
	unsigned int i;

	for (i = from ? from - 1 : 0; i <= to && i < iotlb->nr_chunks; i++)
		iotlb->dir[i].chunk->next =
			i + 1 < iotlb->nr_chunks ? iotlb->dir[i + 1].chunk : NULL;
}

/* Put @chunk into slot @i; room was reserved. */
static void dir_insert(struct vhost_iotlb *iotlb, unsigned int i, struct iotlb_chunk *chunk)
{
	memmove(&iotlb->dir[i + 1], &iotlb->dir[i],
		(iotlb->nr_chunks - i) * sizeof(*iotlb->dir));
	iotlb->dir[i].chunk = chunk;
	iotlb->dir[i].first = chunk->nr ? chunk->map[0].start : 0;
	iotlb->nr_chunks++;
	dir_relink(iotlb, i, i);
}

/* Join chunk @i with its successor if together they fill no more than half a chunk. */
static bool dir_merge(struct vhost_iotlb *iotlb, unsigned int i)
{
	struct iotlb_chunk *chunk, *next;

	if (i + 1 >= iotlb->nr_chunks)
		return false;
	chunk = iotlb->dir[i].chunk;
	next = chunk->next;
	if (chunk->nr + next->nr > CHUNK_MAPS / 2 || (next->opaque && !chunk->opaque))
		return false;
	chunk_copy(chunk, chunk->nr, next, 0, next->nr);
	chunk->nr += next->nr;
	chunk_free(next);
	iotlb->nr_chunks--;
	memmove(&iotlb->dir[i + 1], &iotlb->dir[i + 2],
		(iotlb->nr_chunks - i - 1) * sizeof(*iotlb->dir));
	dir_relink(iotlb, i, i);
	return true;
}

/*
 * Chunk @i is full and an entry is to be inserted at its position @k: move a part of it into a new
 * chunk behind it. An insertion at either end moves nothing or everything, so that runs of
 * ascending or of descending insertions, wherever in the table, leave full chunks behind.
 */
static int chunk_split(struct vhost_iotlb *iotlb, unsigned int i, unsigned int k, gfp_t gfp)
{
	struct iotlb_chunk *chunk = iotlb->dir[i].chunk, *new;
	unsigned int at = k == 0 || k == chunk->nr ? k : chunk->nr / 2;

	if (dir_reserve(iotlb, 1, gfp))
		return -ENOMEM;
	new = chunk_alloc(chunk->opaque, gfp);
	if (!new)
		return -ENOMEM;
	chunk_copy(new, 0, chunk, at, chunk->nr - at);
	new->nr = chunk->nr - at;
	chunk->nr = at;
	dir_insert(iotlb, i + 1, new);
	return 0;
}

static int iotlb_insert(struct vhost_iotlb *iotlb, const struct vhost_iotlb_map *map, void *opaque,
			gfp_t gfp)
{
	struct iotlb_chunk *chunk;
	unsigned int i, k;

	if (!iotlb->nr_chunks) {
		if (dir_reserve(iotlb, 1, gfp))
			return -ENOMEM;
		chunk = chunk_alloc(opaque, gfp);
		if (!chunk)
			return -ENOMEM;
		dir_insert(iotlb, 0, chunk);
		i = 0;
		k = 0;
	} else {
		i = dir_find(iotlb, map->start);
		chunk = iotlb->dir[i].chunk;
		k = chunk_find(chunk, map->start);
		if (k < chunk->nr) {
			if (chunk->map[k].start <= map->last)
				return -EEXIST;
		} else if (chunk->next && chunk->next->map[0].start <= map->last) {
			return -EEXIST;
		}
		/* At the border of two chunks the second is as good a place, if it has room. */
		if (k == CHUNK_MAPS && chunk->next && chunk->next->nr < CHUNK_MAPS) {
			chunk = chunk->next;
			i++;
			k = 0;
		}
		if (opaque && chunk_need_opaque(chunk, gfp))
			return -ENOMEM;
		if (chunk->nr == CHUNK_MAPS) {
			if (chunk_split(iotlb, i, k, gfp))
				return -ENOMEM;
			if (k > chunk->nr || chunk->nr == CHUNK_MAPS) {
				k -= chunk->nr;
				chunk = chunk->next;
				i++;
			}
		}
	}

	chunk_copy(chunk, k + 1, chunk, k, chunk->nr - k);
	chunk->map[k] = *map;
	if (chunk->opaque)
		chunk->opaque[k] = opaque;
	chunk->nr++;
	iotlb->nmaps++;
	iotlb->dir[i].first = chunk->map[0].start;
	return 0;
}

/**
 * vhost_iotlb_init - prepare an embedded table
 * @iotlb: the table, uninitialised memory
 * @limit: most entries it may hold; 0 and UINT_MAX for no limit
 * @flags: reserved, 0. The kernel's VHOST_IOTLB_FLAG_RETIRE is not offered
 *
 * Allocates nothing. vhost_iotlb_reset() releases what later calls allocate.
 */
void vhost_iotlb_init(struct vhost_iotlb *iotlb, unsigned int limit, unsigned int flags)
{
	memset(iotlb, 0, sizeof(*iotlb));
	iotlb->limit = limit ? limit : UINT_MAX;
	WARN_ON_ONCE(flags);
}
EXPORT_SYMBOL_GPL(vhost_iotlb_init);

/**
 * vhost_iotlb_alloc - allocate an empty table
 * @limit: as for vhost_iotlb_init()
 * @flags: as for vhost_iotlb_init()
 *
 * Context: may sleep. The memory is charged to the current task's cgroup.
 * Return: the table, or NULL if there is no memory.
 */
struct vhost_iotlb *vhost_iotlb_alloc(unsigned int limit, unsigned int flags)
{
	struct vhost_iotlb *iotlb = kmalloc(sizeof(*iotlb), GFP_KERNEL_ACCOUNT);

	if (iotlb)
		vhost_iotlb_init(iotlb, limit, flags);
	return iotlb;
}
EXPORT_SYMBOL_GPL(vhost_iotlb_alloc);

/**
 * vhost_iotlb_reset - remove all entries and release their memory
 * @iotlb: the table; it stays usable
 *
 * Context: may sleep.
 */
void vhost_iotlb_reset(struct vhost_iotlb *iotlb)
{
	unsigned int i;

	for (i = 0; i < iotlb->nr_chunks; i++) {
		chunk_free(iotlb->dir[i].chunk);
		cond_resched();
	}
	kvfree(iotlb->dir);
	iotlb->dir = NULL;
	iotlb->dir_size = 0;
	iotlb->nr_chunks = 0;
	iotlb->nmaps = 0;
}
EXPORT_SYMBOL_GPL(vhost_iotlb_reset);

/**
 * vhost_iotlb_free - release a table made by vhost_iotlb_alloc()
 * @iotlb: the table, or NULL
 *
 * Context: may sleep.
 */
void vhost_iotlb_free(struct vhost_iotlb *iotlb)
{
	if (!iotlb)
		return;
	vhost_iotlb_reset(iotlb);
	kfree(iotlb);
}
EXPORT_SYMBOL_GPL(vhost_iotlb_free);

/**
 * vhost_iotlb_add_range_ctx - add a translation that carries a pointer
 * @iotlb: the table
 * @start: first IOVA
 * @last: last IOVA, inclusive
 * @addr: what @start translates to
 * @perm: VHOST_MAP_RO, VHOST_MAP_WO or VHOST_MAP_RW
 * @opaque: handed back by vhost_iotlb_map_opaque(); NULL for none
 *
 * The range of all 2^64 addresses, whose size no u64 holds, becomes two entries.
 *
 * Context: may sleep. Memory is charged to the current task's cgroup.
 * Return: 0; -EFAULT if @last is below @start; -EEXIST if the range overlaps an entry (the
 * kernel's own table would take it, and lookups would then find either); -ENOSPC if the limit is
 * reached; -ENOMEM. The table is unchanged after an error.
 */
int vhost_iotlb_add_range_ctx(struct vhost_iotlb *iotlb, u64 start, u64 last, u64 addr,
			      unsigned int perm, void *opaque)
{
	struct vhost_iotlb_map map = { .start = start, .last = last, .addr = addr, .perm = perm };
	bool whole = start == 0 && last == U64_MAX;
	int err;

	if (last < start)
		return -EFAULT;
	if ((u64)iotlb->nmaps + (whole ? 2 : 1) > iotlb->limit)
		return -ENOSPC;
	if (!whole)
		return iotlb_insert(iotlb, &map, opaque, GFP_KERNEL_ACCOUNT);

	map.last = U64_MAX / 2;
	err = iotlb_insert(iotlb, &map, opaque, GFP_KERNEL_ACCOUNT);
	if (err)
		return err;
	map.start = map.last + 1;
	map.last = U64_MAX;
	map.addr += map.start;
	err = iotlb_insert(iotlb, &map, opaque, GFP_KERNEL_ACCOUNT);
	if (err)
		vhost_iotlb_del_range(iotlb, 0, U64_MAX / 2);
	return err;
}
EXPORT_SYMBOL_GPL(vhost_iotlb_add_range_ctx);

/**
 * vhost_iotlb_add_range - add a translation
 * @iotlb: the table
 * @start: first IOVA
 * @last: last IOVA, inclusive
 * @addr: what @start translates to
 * @perm: VHOST_MAP_RO, VHOST_MAP_WO or VHOST_MAP_RW
 *
 * Context: as vhost_iotlb_add_range_ctx(), which this is without a pointer.
 *
 * Return: as vhost_iotlb_add_range_ctx().
 */
int vhost_iotlb_add_range(struct vhost_iotlb *iotlb, u64 start, u64 last, u64 addr,
			  unsigned int perm)
{
	return vhost_iotlb_add_range_ctx(iotlb, start, last, addr, perm, NULL);
}
EXPORT_SYMBOL_GPL(vhost_iotlb_add_range);

/**
 * vhost_iotlb_del_range - remove every entry that overlaps a range
 * @iotlb: the table
 * @start: first IOVA
 * @last: last IOVA, inclusive
 *
 * An entry that overlaps in part goes as a whole.
 *
 * Context: may sleep. Cannot fail.
 */
void vhost_iotlb_del_range(struct vhost_iotlb *iotlb, u64 start, u64 last)
{
	unsigned int from, kept, i, k;

	if (!iotlb->nr_chunks || last < start)
		return;
	from = dir_find(iotlb, start);
	k = chunk_find(iotlb->dir[from].chunk, start);

	/* Slots from..kept-1 were visited and stay; the rest up to i goes. */
	for (i = from, kept = from; i < iotlb->nr_chunks; i++, k = 0) {
		struct iotlb_chunk *chunk = iotlb->dir[i].chunk;
		unsigned int end = chunk_find_after(chunk, last);
		bool done = end < chunk->nr;

		if (end > k) {
			iotlb->nmaps -= end - k;
			chunk_erase(chunk, k, end);
		}
		if (chunk->nr) {
			iotlb->dir[kept].chunk = chunk;
			iotlb->dir[kept++].first = chunk->map[0].start;
		} else {
			chunk_free(chunk);
		}
		cond_resched();
		if (done) {
			i++;
			break;
		}
	}
	memmove(&iotlb->dir[kept], &iotlb->dir[i], (iotlb->nr_chunks - i) * sizeof(*iotlb->dir));
	iotlb->nr_chunks -= i - kept;
	if (!iotlb->nr_chunks) {
		vhost_iotlb_reset(iotlb);
		return;
	}
	dir_relink(iotlb, from, kept);

	/* What remained at the two edges may be little: do not let sparse chunks pile up. */
	for (i = from ? from - 1 : 0; i <= kept; )
		if (!dir_merge(iotlb, i))
			i++;
}
EXPORT_SYMBOL_GPL(vhost_iotlb_del_range);

/**
 * vhost_iotlb_map_free - remove one entry
 * @iotlb: the table
 * @map: the entry, as found by vhost_iotlb_itree_first() or vhost_iotlb_itree_next()
 *
 * Context: may sleep. Invalidates all pointers to entries.
 */
void vhost_iotlb_map_free(struct vhost_iotlb *iotlb, struct vhost_iotlb_map *map)
{
	vhost_iotlb_del_range(iotlb, map->start, map->last);
}
EXPORT_SYMBOL_GPL(vhost_iotlb_map_free);

/**
 * vhost_iotlb_map_opaque - the pointer an entry was added with
 * @map: the entry
 *
 * Return: the pointer, NULL if there is none.
 */
void *vhost_iotlb_map_opaque(const struct vhost_iotlb_map *map)
{
	const struct iotlb_chunk *chunk = chunk_of(map);

	return chunk->opaque ? chunk->opaque[map - chunk->map] : NULL;
}
EXPORT_SYMBOL_GPL(vhost_iotlb_map_opaque);

/**
 * vhost_iotlb_itree_first - the lowest entry that overlaps a range
 * @iotlb: the table
 * @start: first IOVA
 * @last: last IOVA, inclusive
 *
 * Context: any; the table must not change meanwhile.
 * Return: the entry, or NULL.
 */
struct vhost_iotlb_map *vhost_iotlb_itree_first(struct vhost_iotlb *iotlb, u64 start, u64 last)
{
	struct iotlb_chunk *chunk;
	unsigned int k;

	if (!iotlb->nr_chunks || last < start)
		return NULL;
	chunk = iotlb->dir[dir_find(iotlb, start)].chunk;
	k = chunk_find(chunk, start);
	if (k == chunk->nr) {
		chunk = chunk->next;
		k = 0;
	}
	return chunk && chunk->map[k].start <= last ? &chunk->map[k] : NULL;
}
EXPORT_SYMBOL_GPL(vhost_iotlb_itree_first);

/**
 * vhost_iotlb_itree_next - the next higher entry that overlaps a range
 * @map: the entry after which to look
 * @start: first IOVA
 * @last: last IOVA, inclusive
 *
 * Context: any; the table must not change meanwhile.
 * Return: the entry, or NULL.
 */
struct vhost_iotlb_map *vhost_iotlb_itree_next(struct vhost_iotlb_map *map, u64 start, u64 last)
{
	struct iotlb_chunk *chunk = chunk_of(map);

	do {
		if (++map == &chunk->map[chunk->nr]) {
			chunk = chunk->next;
			if (!chunk)
				return NULL;
			map = chunk->map;
		}
	} while (map->last < start);
	return map->start <= last ? map : NULL;
}
EXPORT_SYMBOL_GPL(vhost_iotlb_itree_next);

/**
 * vhost_iotlb_dup - fill an empty table with a copy of another
 * @dst: the target, initialised and empty; it keeps its own limit
 * @src: the source; must not change meanwhile
 * @gfp: GFP_KERNEL_ACCOUNT, or GFP_KERNEL
 *
 * Entries are packed densely. Opaque pointers are copied as they are.
 *
 * Context: may sleep.
 * Return: 0; -EBUSY if @dst is not empty; -ENOSPC if it may not hold that many; -ENOMEM. @dst is
 * empty after an error.
 */
int vhost_iotlb_dup(struct vhost_iotlb *dst, const struct vhost_iotlb *src, gfp_t gfp)
{
	struct iotlb_chunk *to = NULL;
	unsigned int i, k, n;

	if (dst->nmaps)
		return -EBUSY;
	if (src->nmaps > dst->limit)
		return -ENOSPC;
	if (!src->nmaps)
		return 0;
	if (dir_reserve(dst, DIV_ROUND_UP(src->nmaps, CHUNK_MAPS), gfp))
		return -ENOMEM;

	for (i = 0; i < src->nr_chunks; i++) {
		const struct iotlb_chunk *from = src->dir[i].chunk;

		for (k = 0; k < from->nr; k += n) {
			if (!to || to->nr == CHUNK_MAPS) {
				to = chunk_alloc(from->opaque, gfp);
				if (!to)
					goto nomem;
				dst->dir[dst->nr_chunks].first = from->map[k].start;
				dst->dir[dst->nr_chunks++].chunk = to;
			}
			if (from->opaque && chunk_need_opaque(to, gfp))
				goto nomem;
			n = min(CHUNK_MAPS - to->nr, from->nr - k);
			chunk_copy(to, to->nr, from, k, n);
			to->nr += n;
		}
		cond_resched();
	}
	dst->nmaps = src->nmaps;
	dir_relink(dst, 0, dst->nr_chunks);
	return 0;

nomem:
	vhost_iotlb_reset(dst);
	return -ENOMEM;
}
EXPORT_SYMBOL_GPL(vhost_iotlb_dup);

/**
 * vhost_iotlb_swap - exchange the entries of two tables
 * @a: one table
 * @b: the other; both keep their limits
 *
 * For owners who prepare a new table outside a lock and put it in place inside it.
 *
 * Context: any. Cannot fail.
 */
void vhost_iotlb_swap(struct vhost_iotlb *a, struct vhost_iotlb *b)
{
	swap(a->dir, b->dir);
	swap(a->nr_chunks, b->nr_chunks);
	swap(a->dir_size, b->dir_size);
	swap(a->nmaps, b->nmaps);
}
EXPORT_SYMBOL_GPL(vhost_iotlb_swap);
