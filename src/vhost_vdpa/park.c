// SPDX-License-Identifier: GPL-2.0-only
/*
 * park.c - keeping memory pinned for a while, and giving it up.
 *
 * What is parked is given up when DRIVER_OK is written, at close, when it waited longer than
 * vhost_vdpa.pin_reuse_ms, when the process changes it, when memory is short, and when a new pin
 * would not fit RLIMIT_MEMLOCK otherwise. Translations that are in the device's table without
 * being wanted go by the same rules, because their memory is parked too.
 *
 * The shrinker only wakes the work item: it may run inside the very change of page tables that
 * unpinning would have to wait for.
 */
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/shrinker.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "space.h"
#include "trace.h"

/* A guest that reboots is back at its drivers after half a minute, not after ten seconds. */
static unsigned int pin_reuse_ms = 60000;
module_param(pin_reuse_ms, uint, 0644);
MODULE_PARM_DESC(pin_reuse_ms,
		 "How long unmapped memory of an idle device stays pinned, in milliseconds (default: 60000)");

static DEFINE_SPINLOCK(parks_lock);	/* protects the list, nothing in it */
static LIST_HEAD(parks);
static struct shrinker *park_shrinker;

static void park_count(struct park *p, long npages)
{
	atomic_long_add(npages, &p->npages);
}

/* Parks one reference; @e gets what is not parked yet. False if memory is short. */
static bool park_missing(struct park *p, const struct pin_seg *seg)
{
	u64 first = seg->ext->va + seg->first, last = first + seg->npages - 1;

	while (first <= last) {
		struct map_entry *e = map_table_find(&p->table, first, last);
		struct pin_seg part = *seg;
		u64 end;

		if (e && e->first <= first) {
			first = e->last + 1;
			continue;
		}
		end = e ? e->first - 1 : last;
		e = map_entry_new(first, end, 0);
		if (!e || pin_segs_reserve(&e->segs, 1)) {
			kfree(e);
			return false;
		}
		part.first = first - seg->ext->va;
		part.npages = end - first + 1;
		pin_ref(&part);
		pin_segs_append(&e->segs, part.ext, part.first, part.npages);
		map_table_insert(&p->table, e);
		park_count(p, part.npages);
		first = end + 1;
	}
	return true;
}

/* Parks what the process has not changed of a reference. False if that is not all of it. */
static bool park_fresh(struct park *p, const struct pin_seg *seg)
{
	unsigned long left = seg->npages;
	struct pin_seg part = *seg;

	while (pin_seg_fresh(seg, &part.first, &part.npages)) {
		if (!park_missing(p, &part))
			return false;
		left -= part.npages;
		part.first += part.npages;
	}
	return !left;
}

static void parks_update(struct park *p)
{
	bool any = atomic_long_read(&p->npages);

	spin_lock(&parks_lock);
	if (any && list_empty(&p->link))
		list_add_tail(&p->link, &parks);
	else if (!any)
		list_del_init(&p->link);
	spin_unlock(&parks_lock);
}

/* What is held now is given up when the time limit, or @least, is over. map_lock held. */
static void wait_again(struct park *p, unsigned long least)
{
	unsigned long wait = max(least, msecs_to_jiffies(READ_ONCE(pin_reuse_ms)));

	p->waiting = true;
	p->deadline = jiffies + wait;
	/* If it is pending already it comes too early, and goes to sleep again. */
	queue_delayed_work(system_dfl_wq, &p->work, wait);
}

/**
 * vhost_vdpa_park_segs() - park what a client unmapped
 * @v: device
 * @segs: references; taken over. If memory is too short to remember them they are given back
 *
 * Context: sleeps; map_lock held.
 */
void vhost_vdpa_park_segs(struct vhost_vdpa *v, struct pin_segs *segs)
{
	struct park *p = &v->parked;
	unsigned int i;

	for (i = 0; i < segs->n; i++) {
		const struct pin_seg *seg = &segs->seg[i];

		/* Memory that is only named costs nothing to name again. */
		if (!seg->ext->pm)
			continue;
		/* The device may still have translations to what is not worth keeping. */
		if (!park_fresh(p, seg))
			WRITE_ONCE(p->stale, true);
		trace_vhost_vdpa_park(v, seg->ext->va + seg->first, seg->npages);
	}
	atomic64_add(pin_segs_put(segs), &v->stats.pages_unpinned);
	parks_update(p);

	wait_again(p, 0);
	if (READ_ONCE(p->stale))
		mod_delayed_work(system_dfl_wq, &p->work, 0);
}

/**
 * vhost_vdpa_park_drop() - give up what is parked
 * @v: device
 *
 * Context: sleeps; map_lock held.
 */
void vhost_vdpa_park_drop(struct vhost_vdpa *v)
{
	u64 unpinned;

	/* Nothing was parked since the last time. */
	if (!v->parked.waiting)
		return;
	unpinned = map_table_clear(&v->parked.table);
	v->parked.waiting = false;
	atomic_long_set(&v->parked.npages, 0);
	parks_update(&v->parked);
	atomic64_add(unpinned, &v->stats.pages_unpinned);
	if (unpinned)
		trace_vhost_vdpa_unpin(v, unpinned);
}

/*
 * Takes translations away that nobody wants. The device does no DMA. False if some of them stay,
 * and their memory stays pinned.
 */
static bool drop_translations(struct vhost_vdpa *v, bool stale_only);

/**
 * vhost_vdpa_park_shed() - give up all that is held and not wanted
 * @v: device
 *
 * Does nothing while the device may do DMA, because then it holds nothing else. What the parent
 * does not let go of is tried again when the time limit is over once more.
 *
 * Context: sleeps; map_lock held.
 */
void vhost_vdpa_park_shed(struct vhost_vdpa *v)
{
	struct park *p = &v->parked;
	bool all;

	if (!v->spaces || v->driver_ok)
		return;
	all = drop_translations(v, false);
	vhost_vdpa_park_drop(v);
	if (!all)
		wait_again(p, HZ);
}

static bool entry_stale(const struct map_entry *e)
{
	unsigned int i;

	for (i = 0; i < e->segs.n; i++) {
		const struct pin_seg *seg = &e->segs.seg[i];
		unsigned long first = seg->first, npages;

		if (!pin_seg_fresh(seg, &first, &npages) || npages != seg->npages)
			return true;
	}
	return false;
}

static bool space_stale(const struct vhost_vdpa_space *s)
{
	struct map_entry *e;

	map_table_for_each(e, &s->device)
		if (!map_table_same(&s->wanted, &s->device, e->first, e->last) && entry_stale(e))
			return true;
	return false;
}

static bool drop_translations(struct vhost_vdpa *v, bool stale_only)
{
	bool all = true;
	u32 asid;

	for (asid = 0; asid < v->nas; asid++) {
		struct vhost_vdpa_space *s = &v->spaces[asid];

		/* An initial mapping is none of ours; what a lost table may still reach is. */
		if ((s->initial && !s->device.n) || (stale_only && !space_stale(s)))
			continue;
		if (vhost_vdpa_sync(v, s, VHOST_VDPA_SYNC_REMOVE))
			all = false;
	}
	return all;
}

static void drop_stale(struct vhost_vdpa *v)
{
	struct park *p = &v->parked;
	struct map_entry *e;
	u64 first = 0;

	if (!drop_translations(v, true))
		wait_again(p, HZ);
	while ((e = map_table_find(&p->table, first, U64_MAX))) {
		first = e->last + 1;
		cond_resched();
		if (!entry_stale(e))
			continue;
		map_table_remove(&p->table, e);
		park_count(p, -(long)map_entry_pages(e));
		park_fresh(p, &e->segs.seg[0]);
		atomic64_add(map_entry_free(e), &v->stats.pages_unpinned);
	}
	parks_update(p);
}

static void park_work(struct work_struct *work)
{
	struct park *p = container_of(to_delayed_work(work), struct park, work);
	struct vhost_vdpa *v = container_of(p, struct vhost_vdpa, parked);
	bool stale, pressure;

	mutex_lock(&v->map_lock);
	stale = xchg(&p->stale, false);
	pressure = xchg(&p->pressure, false);
	if (!v->spaces || v->driver_ok)
		goto out;
	if (pressure || (p->waiting && time_after_eq(jiffies, p->deadline)))
		vhost_vdpa_park_shed(v);
	else if (stale)
		drop_stale(v);
	/* What was too early for the rest. If the work was queued again since, that comes first. */
	if (p->waiting)
		queue_delayed_work(system_dfl_wq, &p->work,
				   time_before(jiffies, p->deadline) ? p->deadline - jiffies : 0);
out:
	mutex_unlock(&v->map_lock);
}

/**
 * vhost_vdpa_park_init() - nothing is parked
 * @v: device
 *
 * Context: map_lock held.
 */
void vhost_vdpa_park_init(struct vhost_vdpa *v)
{
	struct park *p = &v->parked;

	p->table = (struct map_table){ .root = RB_ROOT };
	atomic_long_set(&p->npages, 0);
	p->stale = false;
	p->pressure = false;
	p->waiting = false;
}

/**
 * vhost_vdpa_park_exit() - nothing will be parked any more
 * @v: device; nothing is parked
 *
 * Context: map_lock held, so the work item may be waiting; it finds no address spaces then.
 */
void vhost_vdpa_park_exit(struct vhost_vdpa *v)
{
	parks_update(&v->parked);
	cancel_delayed_work(&v->parked.work);
}

/**
 * vhost_vdpa_park_setup() - once per device, before its node exists
 * @v: device
 */
void vhost_vdpa_park_setup(struct vhost_vdpa *v)
{
	INIT_DELAYED_WORK(&v->parked.work, park_work);
	INIT_LIST_HEAD(&v->parked.link);
}

/**
 * vhost_vdpa_park_finish() - once per device, when nobody has its node open any more
 * @v: device
 *
 * Context: sleeps; no lock of @v held.
 */
void vhost_vdpa_park_finish(struct vhost_vdpa *v)
{
	cancel_delayed_work_sync(&v->parked.work);
}

static unsigned long park_shrink_count(struct shrinker *shrinker, struct shrink_control *sc)
{
	unsigned long npages = 0;
	struct park *p;

	spin_lock(&parks_lock);
	list_for_each_entry(p, &parks, link)
		npages += atomic_long_read(&p->npages);
	spin_unlock(&parks_lock);
	return npages ? npages : SHRINK_EMPTY;
}

static unsigned long park_shrink_scan(struct shrinker *shrinker, struct shrink_control *sc)
{
	struct park *p;

	spin_lock(&parks_lock);
	list_for_each_entry(p, &parks, link) {
		WRITE_ONCE(p->pressure, true);
		mod_delayed_work(system_dfl_wq, &p->work, 0);
	}
	spin_unlock(&parks_lock);
	/* Nothing is free yet when this returns. */
	return SHRINK_STOP;
}

int vhost_vdpa_park_module_init(void)
{
	park_shrinker = shrinker_alloc(0, "vhost-vdpa-park");
	if (!park_shrinker)
		return -ENOMEM;
	park_shrinker->count_objects = park_shrink_count;
	park_shrinker->scan_objects = park_shrink_scan;
	shrinker_register(park_shrinker);
	return 0;
}

void vhost_vdpa_park_module_exit(void)
{
	shrinker_free(park_shrinker);
}
