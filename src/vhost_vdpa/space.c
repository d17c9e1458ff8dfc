// SPDX-License-Identifier: GPL-2.0-only
/*
 * space.c - what messages and changes of status do to the address spaces of a device.
 *
 * A device is *live* if its table has to follow every message: it may do DMA, or the client has
 * not been offered reuse (vhost_vdpa.pin_reuse=N). While it is not live, wanting and having drift
 * apart: what is unmapped is parked, what is mapped is pinned (errors belong to the message), and
 * the tables are reconciled when DRIVER_OK is written.
 */
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/nospec.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "space.h"
#include "trace.h"

static unsigned int max_iotlb_entries;
module_param(max_iotlb_entries, uint, 0444);
MODULE_PARM_DESC(max_iotlb_entries,
		 "Most entries in the device's table, per address space; 0 means no limit (default: 0)");

static bool live(const struct vhost_vdpa *v)
{
	return v->driver_ok || !v->pin_reuse;
}

static struct vhost_vdpa_space *space(struct vhost_vdpa *v, u32 asid)
{
	return asid < v->nas ? &v->spaces[array_index_nospec(asid, v->nas)] : NULL;
}

static struct vhost_vdpa_space *used_space(struct vhost_vdpa *v, u32 asid)
{
	struct vhost_vdpa_space *s = space(v, asid);

	return s && s->used ? s : NULL;
}

static struct vhost_vdpa_space *use_space(struct vhost_vdpa *v, u32 asid)
{
	struct vhost_vdpa_space *s = space(v, asid);

	if (s)
		s->used = true;
	return s;
}

/* The first pin of a client. */
static int join_registry(struct vhost_vdpa *v)
{
	if (v->pins)
		return 0;
	v->pins = pin_mm_get(v->mm, v->pin_reuse);
	if (!v->pins)
		return -ENOMEM;
	pin_mm_join(v->pins, &v->pin_user);
	return 0;
}

static void drop(struct vhost_vdpa *v, struct map_entry *e)
{
	atomic64_add(map_entry_free(e), &v->stats.pages_unpinned);
}

/*
 * The device is given what is wanted in a range, although it may not use it yet. What is not wanted
 * stays, for a client that maps it again, but not if it takes up room that the parent has not got,
 * nor without bound: one page can be mapped at any number of places, one after the other.
 */
static int add(struct vhost_vdpa *v, struct vhost_vdpa_space *s, u64 first, u64 last)
{
	int err;

	if (s->device.n >= VHOST_VDPA_MAX_RANGES)
		return vhost_vdpa_sync(v, s, VHOST_VDPA_SYNC_ALL);
	err = vhost_vdpa_sync_part(v, s, VHOST_VDPA_SYNC_ADD, first, last);
	if (err && !map_table_within(&s->device, &s->wanted))
		err = vhost_vdpa_sync(v, s, VHOST_VDPA_SYNC_ALL);
	return err;
}

/*
 * After a change of the wanted table in a range: the device follows, if it has to. What a cleaning
 * reset hid from a parent that takes whole tables is handed over again with the next one.
 */
static int follow(struct vhost_vdpa *v, struct vhost_vdpa_space *s, u64 first, u64 last, bool added)
{
	bool whole = vhost_vdpa_whole_table(v);
	u64 shown;
	int err;

	if (whole && v->in_batch) {
		s->settled = false;
		return 0;
	}
	if (!live(v)) {
		s->settled = false;
		if (whole)
			map_table_show(&s->wanted);
		else if (added)
			/* Cheap now, and not in the way of DRIVER_OK later. */
			return add(v, s, first, last);
		return 0;
	}
	shown = whole ? map_table_show(&s->wanted) : s->wanted.shown;
	if (s->settled)
		err = vhost_vdpa_sync_part(v, s, VHOST_VDPA_SYNC_ALL, first, last);
	else
		err = vhost_vdpa_sync(v, s, VHOST_VDPA_SYNC_ALL);
	if (err)
		map_table_unshow(&s->wanted, shown);
	return err;
}

/* Can a range be added to what is wanted? */
static int may_add(const struct vhost_vdpa_space *s, const struct map_entry *e)
{
	if (map_table_find(&s->wanted, e->first, e->last))
		return -EEXIST;
	return s->wanted.n < VHOST_VDPA_MAX_RANGES ? 0 : -ENOSPC;
}

/**
 * vhost_vdpa_map_begin() - VHOST_IOTLB_UPDATE: is it possible?
 * @v: device
 * @asid: address space
 * @msg: message; iova, size, uaddr and perm count. Sizes and addresses in bytes; the range is
 *	widened to whole pages
 * @m: receives what the other steps need
 *
 * An UPDATE takes three steps: vhost_vdpa_map_begin(), vhost_vdpa_map_pin() and, if that is
 * successful, vhost_vdpa_map_commit(). After the first one vhost_vdpa_map_end() is due in any case.
 * The lock is free in the middle, so that nobody waits for the client's page faults; the last step
 * checks again what may have changed since.
 *
 * Context: sleeps; map_lock held; the caller is the owner.
 * Return: 0; -EINVAL for an address space, range or permission that cannot be; -EEXIST if part of
 * the range is mapped; -ENOSPC if there are too many ranges; -ENOMEM.
 */
int vhost_vdpa_map_begin(struct vhost_vdpa *v, u32 asid, const struct vhost_iotlb_msg *msg,
			 struct vhost_vdpa_mapping *m)
{
	u64 offset = msg->iova & ~PAGE_MASK;
	struct vhost_vdpa_space *s;
	struct map_entry *e;
	int err;

	*m = (struct vhost_vdpa_mapping){ .asid = asid };
	s = use_space(v, asid);
	if (!s)
		return -EINVAL;
	if (msg->perm == 0 || msg->perm & ~VHOST_MAP_RW)
		return -EINVAL;
	if (offset != (msg->uaddr & ~PAGE_MASK) || msg->uaddr > ULONG_MAX - msg->size ||
	    msg->uaddr + msg->size > ULONG_MAX - PAGE_SIZE)
		return -EINVAL;

	if (vhost_vdpa_domain_reserved(v, msg->iova & PAGE_MASK,
				       (msg->iova + msg->size - 1) | ~PAGE_MASK))
		return -EINVAL;

	e = map_entry_new(msg->iova >> PAGE_SHIFT, (msg->iova + msg->size - 1) >> PAGE_SHIFT,
			  msg->perm);
	if (!e)
		return -ENOMEM;
	m->e = e;
	m->va = msg->uaddr >> PAGE_SHIFT;
	err = may_add(s, e);
	if (err)
		return err;

	if (v->vdpa->use_va) {
		m->any_memory = v->vdpa->config->bind_mm;
		return 0;
	}
	err = join_registry(v);
	if (err)
		return err;
	m->pins = v->pins;
	pin_mm_hold(m->pins);
	return 0;
}

/**
 * vhost_vdpa_map_pin() - VHOST_IOTLB_UPDATE: the memory
 * @v: device; may be removed meanwhile
 * @m: mapping that was begun
 *
 * Context: sleeps, for as long as the client needs to serve its page faults; no lock held.
 * Return: 0, or what pinning returned.
 */
int vhost_vdpa_map_pin(struct vhost_vdpa *v, struct vhost_vdpa_mapping *m)
{
	unsigned long npages = map_entry_pages(m->e);
	struct pin_count count = { };
	int err;

	if (m->pins) {
		err = pin_get(m->pins, m->va, npages, m->e->perm & VHOST_MAP_WO, &m->e->segs,
			      &count);
		trace_vhost_vdpa_pin(v, m->va, npages, &count, err);
		atomic64_add(count.pinned, &v->stats.pages_pinned);
		atomic64_add(count.reused, &v->stats.pages_reused);
		if (err)
			atomic64_add(count.pinned, &v->stats.pages_unpinned);
	} else {
		err = pin_va_get(current->mm, m->va, npages, m->any_memory, &m->e->segs);
	}
	if (err)
		return err;
	if (count.reused && !count.pinned) {
		atomic64_inc(&v->stats.revives);
		trace_vhost_vdpa_revive(v, m->va, npages);
	}
	/* Counting takes time in proportion to the memory, so only for those who want a limit. */
	if (max_iotlb_entries)
		map_entry_count(m->e);
	return 0;
}

/**
 * vhost_vdpa_map_commit() - VHOST_IOTLB_UPDATE: the tables
 * @v: device
 * @m: mapping whose memory is there; its entry goes into the wanted table
 *
 * Context: sleeps; map_lock held; the caller is the owner.
 * Return: 0; -EEXIST and -ENOSPC as vhost_vdpa_map_begin(), the latter also if the memory is in
 * more pieces than vhost_vdpa.max_iotlb_entries allows; or what the device returned. On error
 * nothing changed.
 */
int vhost_vdpa_map_commit(struct vhost_vdpa *v, struct vhost_vdpa_mapping *m)
{
	struct vhost_vdpa_space *s = &v->spaces[m->asid];
	struct map_entry *e = m->e;
	int err;

	/* Another thread of the client may have been faster. */
	err = may_add(s, e);
	if (err)
		return err;
	if (max_iotlb_entries && s->wanted.nruns + e->nruns > max_iotlb_entries)
		return -ENOSPC;
	e->epoch = s->wanted.epoch;
	map_table_insert(&s->wanted, e);
	m->e = NULL;
	err = follow(v, s, e->first, e->last, true);
	if (err) {
		/* Not later: the device may have kept part of it, and then shares its memory. */
		map_table_remove(&s->wanted, e);
		drop(v, e);
	}
	return err;
}

/**
 * vhost_vdpa_map_end() - gives back what an UPDATE took and did not use
 * @v: device
 * @m: mapping
 *
 * Context: sleeps; no lock held.
 */
void vhost_vdpa_map_end(struct vhost_vdpa *v, struct vhost_vdpa_mapping *m)
{
	if (m->e)
		drop(v, m->e);
	if (m->pins)
		pin_mm_put(m->pins);
}

/**
 * vhost_vdpa_unmap() - VHOST_IOTLB_INVALIDATE
 * @v: device
 * @asid: address space
 * @msg: message; iova and size count
 *
 * Every range that overlaps is unmapped as a whole, as it was mapped.
 *
 * Context: sleeps; map_lock held; the caller is the owner.
 * Return: 0, also if nothing was mapped there; -EINVAL for an address space that was never used;
 * or what the device returned. On error nothing changed.
 */
int vhost_vdpa_unmap(struct vhost_vdpa *v, u32 asid, const struct vhost_iotlb_msg *msg)
{
	u64 first = msg->iova >> PAGE_SHIFT, last = (msg->iova + msg->size - 1) >> PAGE_SHIFT;
	struct map_entry *e, *next;
	struct vhost_vdpa_space *s;
	LIST_HEAD(gone);
	int err;

	s = used_space(v, asid);
	if (!s)
		return -EINVAL;

	while ((e = map_table_find(&s->wanted, first, last))) {
		first = min(first, e->first);
		last = max(last, e->last);
		map_table_remove(&s->wanted, e);
		list_add_tail(&e->link, &gone);
		cond_resched();
	}
	err = follow(v, s, first, last, false);
	list_for_each_entry_safe(e, next, &gone, link) {
		cond_resched();
		if (err) {
			map_table_insert(&s->wanted, e);
			continue;
		}
		if (live(v)) {
			drop(v, e);
		} else {
			atomic64_inc(&v->stats.parks);
			vhost_vdpa_park_segs(v, &e->segs);
			kfree(e);
		}
	}
	return err;
}

/**
 * vhost_vdpa_batch_begin() - VHOST_IOTLB_BATCH_BEGIN
 * @v: device
 * @asid: address space of the batch
 *
 * Return: 0, or -EINVAL if there is no such address space.
 */
int vhost_vdpa_batch_begin(struct vhost_vdpa *v, u32 asid)
{
	if (!use_space(v, asid))
		return -EINVAL;
	v->batch_asid = asid;
	v->in_batch = true;
	return 0;
}

/**
 * vhost_vdpa_batch_end() - VHOST_IOTLB_BATCH_END
 * @v: device
 * @asid: address space of the batch
 *
 * While the device is not live, its table gets what is missing and nothing is removed, so that a
 * client that unmaps in one batch and maps in the next changes nothing.
 *
 * Return: 0; -EINVAL for an address space that was never used; or what the device returned: the
 * batch is over then, the client's ranges are as it wanted them, and the device has its former
 * table until the next message.
 */
int vhost_vdpa_batch_end(struct vhost_vdpa *v, u32 asid)
{
	struct vhost_vdpa_space *s = used_space(v, asid);
	u64 shown;
	int err;

	if (!s)
		return -EINVAL;
	if (!v->in_batch)
		return 0;
	v->in_batch = false;
	if (!vhost_vdpa_whole_table(v))
		return 0;
	shown = map_table_show(&s->wanted);
	if (shown)
		s->settled = false;
	if (live(v))
		err = vhost_vdpa_sync(v, s, VHOST_VDPA_SYNC_ALL);
	else
		err = add(v, s, 0, U64_MAX >> PAGE_SHIFT);
	if (err)
		map_table_unshow(&s->wanted, shown);
	return err;
}

/**
 * vhost_vdpa_spaces_driver_ok() - the device is about to do DMA
 * @v: device
 *
 * Context: sleeps; both mutexes held.
 * Return: 0 with all tables equal; or -errno, DRIVER_OK must not be written then.
 */
int vhost_vdpa_spaces_driver_ok(struct vhost_vdpa *v)
{
	u32 asid;
	int err;

	for (asid = 0; asid < v->nas; asid++) {
		err = vhost_vdpa_sync(v, &v->spaces[asid], VHOST_VDPA_SYNC_ALL);
		if (err) {
			dev_warn_ratelimited(&v->vdpa->dev, "asid %u: cannot map before DRIVER_OK: %d\n",
					     asid, err);
			return err;
		}
	}
	return 0;
}

/**
 * vhost_vdpa_spaces_running() - the device does DMA now
 * @v: device
 *
 * Context: sleeps; both mutexes held.
 */
void vhost_vdpa_spaces_running(struct vhost_vdpa *v)
{
	vhost_vdpa_park_drop(v);
	vhost_vdpa_check(v);
}

/* The device has nothing of its table any more. */
static void forget(struct vhost_vdpa *v, struct vhost_vdpa_space *s)
{
	atomic64_add(s->device.n, &v->stats.unmaps);
	map_table_mark(&s->device, false);
	atomic64_add(map_table_clear(&s->device), &v->stats.pages_unpinned);
}

/* The parent has its initial mapping again. */
static void cleaned(struct vhost_vdpa *v, struct vhost_vdpa_space *s)
{
	forget(v, s);
	s->initial = true;
	s->changed = false;
}

/*
 * Nobody knows what the parent has. Ranges are taken away one by one, which is no error if they
 * are gone; what the parent does not let go of stays pinned, and is tried again. A whole table is
 * replaced by the next one, until then its memory stays pinned.
 */
static void lost(struct vhost_vdpa *v, struct vhost_vdpa_space *s)
{
	const struct vhost_vdpa_backend *backend = vhost_vdpa_backend(v);
	struct map_entry *e, *next;

	s->initial = true;
	if (!backend || !s->device.n)
		return;
	map_table_for_each_safe(e, next, &s->device) {
		atomic64_inc(&v->stats.unmaps);
		e->broken = backend->unmap(v, s->asid, e);
		cond_resched();
		if (e->broken)
			continue;
		e->reachable = false;
		map_table_remove(&s->device, e);
		drop(v, e);
	}
	/* If it was the initial mapping, the first of these took it away. */
	s->initial = false;
}

/**
 * vhost_vdpa_spaces_reset() - the device was reset
 * @v: device
 * @fate: what that did, or owes, to the device's table
 *
 * The wanted tables stay, as they do in every kernel; the client unmaps or keeps them.
 *
 * Context: sleeps; both mutexes held.
 */
void vhost_vdpa_spaces_reset(struct vhost_vdpa *v, enum vhost_vdpa_map_fate fate)
{
	u32 asid;

	if (fate == VHOST_VDPA_MAP_KEPT)
		return;
	for (asid = 0; asid < v->nas; asid++) {
		struct vhost_vdpa_space *s = &v->spaces[asid];

		map_table_hide(&s->wanted);
		s->settled = false;
		if (fate == VHOST_VDPA_MAP_CLEANED)
			cleaned(v, s);
		else if (fate == VHOST_VDPA_MAP_LOST)
			lost(v, s);
	}
}
