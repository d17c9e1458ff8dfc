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
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "space.h"
#include "trace.h"

static bool pin_reuse = true;
module_param(pin_reuse, bool, 0644);
MODULE_PARM_DESC(pin_reuse,
		 "Keep pins and translations over a reset and share pins between devices of a process; read at open (default: Y)");

static unsigned int max_iotlb_entries;
module_param(max_iotlb_entries, uint, 0444);
MODULE_PARM_DESC(max_iotlb_entries,
		 "Most entries in the device's table, per address space; 0 means no limit (default: 0)");

static bool live(const struct vhost_vdpa *v)
{
	return v->driver_ok || !v->pin_reuse;
}

static struct vhost_vdpa_space *used_space(struct vhost_vdpa *v, u32 asid)
{
	return asid < v->nas && v->spaces[asid].used ? &v->spaces[asid] : NULL;
}

static struct vhost_vdpa_space *use_space(struct vhost_vdpa *v, u32 asid)
{
	if (asid >= v->nas)
		return NULL;
	v->spaces[asid].used = true;
	return &v->spaces[asid];
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

static int get_memory(struct vhost_vdpa *v, struct map_entry *e, u64 uaddr)
{
	unsigned long va = uaddr >> PAGE_SHIFT, npages = map_entry_pages(e);
	struct pin_count count = { };
	int err;

	if (v->vdpa->use_va)
		return pin_va_get(v->mm, va, npages, v->vdpa->config->bind_mm, &e->segs);

	err = join_registry(v);
	if (err)
		return err;
	err = pin_get(v->pins, &v->pin_user, va, npages, e->perm & VHOST_MAP_WO, &e->segs, &count);
	trace_vhost_vdpa_pin(v, va, npages, &count, err);
	atomic64_add(count.pinned, &v->stats.pages_pinned);
	atomic64_add(count.reused, &v->stats.pages_reused);
	if (err) {
		atomic64_add(count.pinned, &v->stats.pages_unpinned);
		return err;
	}
	if (count.reused && !count.pinned) {
		atomic64_inc(&v->stats.revives);
		trace_vhost_vdpa_revive(v, va, npages);
	}
	return 0;
}

static void drop(struct vhost_vdpa *v, struct map_entry *e)
{
	atomic64_add(map_entry_free(e), &v->stats.pages_unpinned);
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
			return vhost_vdpa_sync_part(v, s, VHOST_VDPA_SYNC_ADD, first, last);
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

/**
 * vhost_vdpa_map() - VHOST_IOTLB_UPDATE
 * @v: device
 * @asid: address space
 * @msg: message; iova, size, uaddr and perm count. Sizes and addresses in bytes; the range is
 *	widened to whole pages
 *
 * Context: sleeps; map_lock held; the caller is the owner.
 * Return: 0; -EINVAL for an address space, range or permission that cannot be; -EEXIST if part of
 * the range is mapped; -ENOSPC if there are too many ranges; or what pinning or the device
 * returned. On error nothing changed.
 */
int vhost_vdpa_map(struct vhost_vdpa *v, u32 asid, const struct vhost_iotlb_msg *msg)
{
	u64 offset = msg->iova & ~PAGE_MASK;
	struct vhost_vdpa_space *s;
	struct map_entry *e;
	int err;

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
	err = -EEXIST;
	if (map_table_find(&s->wanted, e->first, e->last))
		goto out;
	err = -ENOSPC;
	if (s->wanted.n >= VHOST_VDPA_MAX_RANGES)
		goto out;
	err = get_memory(v, e, msg->uaddr);
	if (err)
		goto out;
	/* Counting takes time in proportion to the memory, so only for those who want a limit. */
	err = -ENOSPC;
	if (max_iotlb_entries) {
		map_entry_count(e);
		if (s->wanted.nruns + e->nruns > max_iotlb_entries)
			goto out;
	}

	e->epoch = s->wanted.epoch;
	map_table_insert(&s->wanted, e);
	err = follow(v, s, e->first, e->last, true);
	if (err)
		map_table_remove(&s->wanted, e);
out:
	if (err)
		drop(v, e);
	return err;
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
	err = vhost_vdpa_sync(v, s, live(v) ? VHOST_VDPA_SYNC_ALL : VHOST_VDPA_SYNC_ADD);
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
			dev_warn_ratelimited(&v->dev, "asid %u: cannot map before DRIVER_OK: %d\n",
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

static void forget(struct vhost_vdpa *v, struct vhost_vdpa_space *s)
{
	atomic64_add(s->device.n, &v->stats.unmaps);
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
 * are gone. A whole table is replaced by the next one, until then its memory stays pinned.
 */
static void lost(struct vhost_vdpa *v, struct vhost_vdpa_space *s)
{
	const struct vhost_vdpa_backend *backend = vhost_vdpa_backend(v);
	struct map_entry *e;

	s->initial = true;
	if (!backend || !s->device.n)
		return;
	map_table_for_each(e, &s->device)
		backend->unmap(v, s->asid, e);
	forget(v, s);
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

static void user_changed(struct pin_user *user)
{
	struct vhost_vdpa *v = container_of(user, struct vhost_vdpa, pin_user);

	WRITE_ONCE(v->parked.stale, true);
	mod_delayed_work(system_dfl_wq, &v->parked.work, 0);
}

static void user_shed(struct pin_user *user, bool locked)
{
	struct vhost_vdpa *v = container_of(user, struct vhost_vdpa, pin_user);

	if (!locked && !mutex_trylock(&v->map_lock))
		return;
	vhost_vdpa_park_shed(v);
	if (!locked)
		mutex_unlock(&v->map_lock);
}

/**
 * vhost_vdpa_spaces_open() - empty address spaces for a new client
 * @v: device, just reset
 *
 * Context: sleeps; map_lock held.
 * Return: 0 or -errno.
 */
int vhost_vdpa_spaces_open(struct vhost_vdpa *v)
{
	struct vhost_vdpa_space *spaces;
	bool own = v->vdpa->config->set_map || v->vdpa->config->dma_map;
	u32 asid;
	int err;

	spaces = kvcalloc(v->nas, sizeof(*spaces), GFP_KERNEL_ACCOUNT);
	if (!spaces)
		return -ENOMEM;
	for (asid = 0; asid < v->nas; asid++) {
		spaces[asid].asid = asid;
		/* A fresh IOMMU domain is empty; what a parent starts with is its own business. */
		spaces[asid].initial = own;
		spaces[asid].changed = !own;
	}
	err = vhost_vdpa_domain_open(v);
	if (err) {
		kvfree(spaces);
		return err;
	}
	if (v->vdpa->config->get_iova_range)
		v->range = v->vdpa->config->get_iova_range(v->vdpa);
	else
		v->range = vhost_vdpa_domain_range(v);
	v->spaces = spaces;
	v->in_batch = false;
	v->pin_reuse = READ_ONCE(pin_reuse);
	v->pin_user.changed = user_changed;
	v->pin_user.shed = user_shed;
	vhost_vdpa_park_init(v);
	return 0;
}

/* Takes all translations of a space away. Returns 0 if nothing of it is reachable any more. */
static int disconnect(struct vhost_vdpa *v, struct vhost_vdpa_space *s)
{
	const struct vhost_vdpa_backend *backend = vhost_vdpa_backend(v);
	const struct vdpa_config_ops *ops = v->vdpa->config;
	struct map_table none = { .root = RB_ROOT };
	struct map_entry *e;
	int err = 0, reset_err;

	if (!s->changed)
		return 0;
	if (backend) {
		map_table_for_each(e, &s->device) {
			int ret = backend->unmap(v, s->asid, e);

			err = err ? err : ret;
		}
	}
	if (ops->reset_map) {
		reset_err = ops->reset_map(v->vdpa, s->asid);
		if (reset_err)
			dev_err(&v->dev, "asid %u: cannot restore the initial mapping: %d\n",
				s->asid, reset_err);
		else if (!backend)
			return 0;
	}
	if (!backend)
		err = vhost_vdpa_set_map(v, s->asid, &none);
	return err;
}

/**
 * vhost_vdpa_spaces_close() - give everything back
 * @v: device, just reset
 * @reset_err: what the reset returned
 *
 * If the device could neither be reset nor be cut off from its memory, that memory stays pinned
 * for good: lost memory is better than memory that changes under its next owner.
 *
 * Context: sleeps; map_lock held.
 */
void vhost_vdpa_spaces_close(struct vhost_vdpa *v, int reset_err)
{
	bool reachable = false;
	u64 unpinned = 0;
	u32 asid;

	if (!v->spaces)
		return;
	vhost_vdpa_park_drop(v);
	for (asid = 0; asid < v->nas; asid++) {
		struct vhost_vdpa_space *s = &v->spaces[asid];

		if (disconnect(v, s) && reset_err) {
			dev_err(&v->dev, "asid %u: device does not let go of memory; it stays pinned\n",
				asid);
			reachable = true;
			continue;
		}
		atomic64_add(s->device.n, &v->stats.unmaps);
		unpinned += map_table_clear(&s->device);
		unpinned += map_table_clear(&s->wanted);
	}
	trace_vhost_vdpa_unpin(v, unpinned);
	atomic64_add(unpinned, &v->stats.pages_unpinned);
	vhost_vdpa_domain_close(v);
	kvfree(v->spaces);
	v->spaces = NULL;
	if (v->pins) {
		pin_mm_leave(v->pins, &v->pin_user);
		/* What stays pinned is still watched, by this module. */
		if (reachable)
			__module_get(THIS_MODULE);
		else
			pin_mm_put(v->pins);
		v->pins = NULL;
	}
	v->in_batch = false;
	vhost_vdpa_park_exit(v);
}

/**
 * vhost_vdpa_check() - assert what must hold while the device does DMA
 * @v: device
 *
 * Debug builds only (VDPA_DEBUG): the device's tables equal the wanted ones, and nothing is
 * parked. Context: map_lock held.
 */
void vhost_vdpa_check(struct vhost_vdpa *v)
{
	u32 asid;

	if (!IS_ENABLED(VDPA_DEBUG) || !v->driver_ok)
		return;
	for (asid = 0; asid < v->nas; asid++) {
		struct vhost_vdpa_space *s = &v->spaces[asid];

		WARN_ON(s->initial);
		WARN_ON(!map_table_same(&s->wanted, &s->device, 0, U64_MAX >> PAGE_SHIFT));
	}
	WARN_ON(atomic_long_read(&v->parked.npages));
}
