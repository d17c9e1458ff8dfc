// SPDX-License-Identifier: GPL-2.0-only
/*
 * check.c - what must always hold, asserted in debug builds: make DEBUG=1, and builds for tests.
 *
 *   1  A translation exists only to memory that is pinned, and memory is unpinned only after its
 *      translation is gone: map_entry_free() refuses an entry that is still @reachable.
 *   2  While the device may do DMA its table equals the wanted one: vhost_vdpa_check().
 *   3  What is charged to a process is what is pinned: pin_mm_put(), and at every pin the charge
 *      comes first.
 *   4  A message that fails changes no table: vhost_vdpa_check_unchanged().
 */
#include <linux/bug.h>
#include <linux/mm.h>

#include "space.h"

/* Tables with more entries are not looked at after every message. */
#define CHECK_ENTRIES	256

/**
 * vhost_vdpa_check() - assert what must hold while the device does DMA
 * @v: device
 *
 * Outside batches, the device's tables equal the wanted ones, and nothing is parked. Parents that
 * failed to take a change back are let off.
 *
 * Context: sleeps; map_lock held.
 */
void vhost_vdpa_check(const struct vhost_vdpa *v)
{
	u32 asid;

	if (!IS_ENABLED(VDPA_DEBUG) || !v->driver_ok || v->in_batch)
		return;
	for (asid = 0; asid < v->nas; asid++) {
		const struct vhost_vdpa_space *s = &v->spaces[asid];

		if (!s->settled || s->wanted.n + s->device.n > CHECK_ENTRIES)
			continue;
		WARN_ON(s->initial);
		WARN_ON(!map_table_same(&s->wanted, &s->device, 0, U64_MAX >> PAGE_SHIFT));
	}
	WARN_ON(atomic_long_read(&v->parked.npages));
}

static u64 table_digest(const struct map_table *t)
{
	struct map_entry *e;
	u64 sum = t->n;
	unsigned int i;

	map_table_for_each(e, t) {
		u64 one = e->first * 0x9e3779b97f4a7c15ULL ^ e->last;

		one = one * 31 + e->perm + map_entry_hidden(t, e);
		for (i = 0; i < e->segs.n; i++)
			one = one * 31 + (uintptr_t)e->segs.seg[i].ext + e->segs.seg[i].first;
		sum += one * 0x9e3779b97f4a7c15ULL;
	}
	return sum;
}

static bool digestible(const struct vhost_vdpa *v)
{
	unsigned long n = 0;
	u32 asid;

	if (!IS_ENABLED(VDPA_DEBUG))
		return false;
	for (asid = 0; asid < v->nas; asid++) {
		n += v->spaces[asid].wanted.n + v->spaces[asid].device.n;
		if (v->spaces[asid].undo_failed)
			return false;
	}
	return n <= CHECK_ENTRIES;
}

/**
 * vhost_vdpa_digest() - remember what the tables look like
 * @v: device
 * @digest: receives it
 *
 * Context: map_lock held.
 */
void vhost_vdpa_digest(const struct vhost_vdpa *v, struct vhost_vdpa_digest *digest)
{
	u32 asid;

	*digest = (struct vhost_vdpa_digest){ };
	if (!digestible(v))
		return;
	for (asid = 0; asid < v->nas; asid++) {
		digest->wanted = digest->wanted * 31 + table_digest(&v->spaces[asid].wanted);
		digest->device = digest->device * 31 + table_digest(&v->spaces[asid].device);
	}
}

/**
 * vhost_vdpa_check_unchanged() - assert that a message that failed changed no table
 * @v: device
 * @before: what vhost_vdpa_digest() said before the message
 *
 * Context: map_lock held since then.
 */
void vhost_vdpa_check_unchanged(const struct vhost_vdpa *v, const struct vhost_vdpa_digest *before)
{
	struct vhost_vdpa_digest now;

	vhost_vdpa_digest(v, &now);
	if (!digestible(v))
		return;
	WARN_ON(now.wanted != before->wanted);
	WARN_ON(now.device != before->device);
}
