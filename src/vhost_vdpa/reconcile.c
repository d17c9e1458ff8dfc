// SPDX-License-Identifier: GPL-2.0-only
/*
 * reconcile.c - making a device's table equal the wanted one.
 *
 * Only what differs is touched. An entry of the device's table holds references to its memory of
 * its own, and gives them back after the translation is gone: no page is unpinned while a
 * device can reach it, whatever happens to the wanted table.
 */
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/sched.h>

#include "space.h"
#include "trace.h"

/* Frees entries that no device knows any more. */
static void free_list(struct vhost_vdpa *v, struct list_head *list)
{
	struct map_entry *e, *next;

	list_for_each_entry_safe(e, next, list, link) {
		atomic64_add(map_entry_free(e), &v->stats.pages_unpinned);
		cond_resched();
	}
}

/*
 * Range by range
 */

/* What a sync is about, in page numbers, and what it has done so far. */
struct sync_log {
	u64 first;
	u64 last;
	struct list_head removed;
	struct list_head added;
	bool touched;
};

static int remove_entry(struct vhost_vdpa *v, struct vhost_vdpa_space *s, struct map_entry *e,
			struct sync_log *log)
{
	int err;

	log->touched = true;
	err = vhost_vdpa_backend(v)->unmap(v, s->asid, e);
	if (err) {
		/* Part of it may be gone. */
		s->undo_failed |= e->broken;
		return err;
	}
	e->reachable = false;
	e->broken = false;
	map_table_remove(&s->device, e);
	list_add(&e->link, &log->removed);
	atomic64_inc(&v->stats.unmaps);
	trace_vhost_vdpa_unmap(v, s->asid, e);
	return 0;
}

/*
 * Gives an entry to the device. What it may have of one that failed half way is pinned by it as
 * long as it does.
 */
static int give(struct vhost_vdpa *v, struct vhost_vdpa_space *s, struct map_entry *e)
{
	int err = vhost_vdpa_backend(v)->map(v, s->asid, e);

	if (err && !e->broken)
		return err;
	e->reachable = true;
	map_table_insert(&s->device, e);
	if (err) {
		s->settled = false;
		s->undo_failed = true;
	}
	return err;
}

/* Maps part of a wanted entry. */
static int add_part(struct vhost_vdpa *v, struct vhost_vdpa_space *s, const struct map_entry *w,
		    u64 first, u64 last, struct sync_log *log)
{
	struct map_entry *e = map_entry_clone(w, first, last);
	int err;

	if (!e)
		return -ENOMEM;
	log->touched = true;
	err = give(v, s, e);
	if (err) {
		if (!e->broken)
			map_entry_free(e);
		return err;
	}
	list_add(&e->link, &log->added);
	atomic64_inc(&v->stats.maps);
	trace_vhost_vdpa_map(v, s->asid, e);
	return 0;
}

static bool may_stay(const struct vhost_vdpa_space *s, const struct map_entry *e,
		     enum vhost_vdpa_sync how)
{
	if (e->broken)
		return false;
	if (!map_table_same(&s->wanted, &s->device, e->first, e->last))
		return how == VHOST_VDPA_SYNC_ADD &&
		       !map_table_find_visible(&s->wanted, e->first, e->last);
	/*
	 * A parent can only take back what it was given as a whole. A client can unmap wanted
	 * ranges one by one while the device runs, and those beside must not be gone for a moment
	 * then.
	 */
	return how != VHOST_VDPA_SYNC_ALL ||
	       map_table_find(&s->wanted, e->first, e->last)->last >= e->last;
}

static int remove_unwanted(struct vhost_vdpa *v, struct vhost_vdpa_space *s,
			   enum vhost_vdpa_sync how, struct sync_log *log)
{
	struct map_entry *e, *next;
	int err;

	for (e = map_table_find(&s->device, log->first, log->last); e && e->first <= log->last;
	     e = next) {
		next = map_table_next(e);
		cond_resched();
		if (may_stay(s, e, how))
			continue;
		err = remove_entry(v, s, e, log);
		if (err)
			return err;
	}
	return 0;
}

/* Adds what is missing of a wanted entry; what is there already is right. */
static int add_missing_of(struct vhost_vdpa *v, struct vhost_vdpa_space *s,
			  const struct map_entry *w, struct sync_log *log)
{
	u64 first = w->first;

	while (first <= w->last) {
		struct map_entry *d = map_table_find(&s->device, first, w->last);
		int err;

		cond_resched();
		if (d && d->first <= first) {
			first = d->last + 1;
			continue;
		}
		err = add_part(v, s, w, first, d ? d->first - 1 : w->last, log);
		if (err)
			return err;
		first = d ? d->last + 1 : w->last + 1;
	}
	return 0;
}

static int add_missing(struct vhost_vdpa *v, struct vhost_vdpa_space *s, struct sync_log *log)
{
	struct map_entry *w;
	int err;

	for (w = map_table_find(&s->wanted, log->first, log->last); w && w->first <= log->last;
	     w = map_table_next(w)) {
		cond_resched();
		if (map_entry_hidden(&s->wanted, w))
			continue;
		err = add_missing_of(v, s, w, log);
		if (err)
			return err;
	}
	return 0;
}

/*
 * A parent drops its initial mapping at the first change, even if that fails. Gives it back if the
 * parent lets us, else the table is empty and known to be.
 */
static void return_initial(struct vhost_vdpa *v, struct vhost_vdpa_space *s,
			   const struct sync_log *log)
{
	const struct vdpa_config_ops *ops = v->vdpa->config;

	if (!s->initial || !log->touched)
		return;
	s->initial = !s->device.n && ops->reset_map && !ops->reset_map(v->vdpa, s->asid);
	s->changed = !s->initial;
}

/* Back to where the sync began, as far as the parent lets us. */
static void undo(struct vhost_vdpa *v, struct vhost_vdpa_space *s, struct sync_log *log)
{
	const struct vhost_vdpa_backend *backend = vhost_vdpa_backend(v);
	struct map_entry *e, *next;

	list_for_each_entry_safe(e, next, &log->added, link) {
		cond_resched();
		if (backend->unmap(v, s->asid, e)) {
			/* Still reachable, so still pinned; the next sync tries again. */
			dev_err_ratelimited(&v->vdpa->dev, "asid %u: cannot unmap iova 0x%llx\n",
					    s->asid, e->first << PAGE_SHIFT);
			list_del(&e->link);
			s->settled = false;
			s->undo_failed = true;
			continue;
		}
		e->reachable = false;
		map_table_remove(&s->device, e);
	}
	free_list(v, &log->added);

	list_for_each_entry_safe(e, next, &log->removed, link) {
		cond_resched();
		if (map_table_find(&s->device, e->first, e->last) || give(v, s, e)) {
			dev_err_ratelimited(&v->vdpa->dev, "asid %u: cannot map iova 0x%llx again\n",
					    s->asid, e->first << PAGE_SHIFT);
			s->settled = false;
			s->undo_failed = true;
			if (e->broken)
				list_del(&e->link);
			continue;
		}
		list_del(&e->link);
	}
	free_list(v, &log->removed);
	return_initial(v, s, log);
}

/*
 * A parent with dma_map() drops its initial mapping at the first change. If nothing is wanted,
 * there is none: unmapping a page that is not mapped is a change as well.
 */
static int leave_initial(struct vhost_vdpa *v, struct vhost_vdpa_space *s, struct sync_log *log)
{
	struct map_entry none = { .first = v->range.first >> PAGE_SHIFT };
	int err = 0;

	none.last = none.first;
	if (!s->device.n) {
		log->touched = true;
		err = vhost_vdpa_backend(v)->unmap(v, s->asid, &none);
	}
	if (!err)
		s->initial = false;
	return err;
}

static int sync_ranges(struct vhost_vdpa *v, struct vhost_vdpa_space *s, enum vhost_vdpa_sync how,
		       u64 first, u64 last)
{
	struct sync_log log = {
		.first = first,
		.last = last,
		.removed = LIST_HEAD_INIT(log.removed),
		.added = LIST_HEAD_INIT(log.added),
	};
	int err;

	err = remove_unwanted(v, s, how, &log);
	if (!err && how != VHOST_VDPA_SYNC_REMOVE)
		err = add_missing(v, s, &log);
	if (!err && s->initial && (how == VHOST_VDPA_SYNC_ALL || s->device.n))
		err = leave_initial(v, s, &log);
	s->changed |= log.touched;
	if (err)
		undo(v, s, &log);
	else
		free_list(v, &log.removed);
	return err;
}

/*
 * The whole table at once
 */

static u64 count_changed(const struct map_table *in, const struct map_table *other)
{
	struct map_entry *e;
	u64 n = 0;

	map_table_for_each(e, in) {
		n += !map_table_same(in, other, e->first, e->last);
		cond_resched();
	}
	return n;
}

/* True if the table that the device has will do. */
static bool whole_fits(const struct vhost_vdpa_space *s, enum vhost_vdpa_sync how)
{
	switch (how) {
	case VHOST_VDPA_SYNC_ADD:
		return s->initial ? !map_table_find_visible(&s->wanted, 0, U64_MAX) :
				    map_table_within(&s->wanted, &s->device);
	case VHOST_VDPA_SYNC_REMOVE:
		return !s->initial && map_table_within(&s->device, &s->wanted);
	default:
		return !s->initial &&
		       map_table_same(&s->wanted, &s->device, 0, U64_MAX >> PAGE_SHIFT);
	}
}

/* Adds to @next what may stay of the device's table though it is not, or not as such, wanted. */
static int copy_leftover(struct map_table *next, const struct vhost_vdpa_space *s,
			 enum vhost_vdpa_sync how)
{
	struct map_entry *e, *clone;

	map_table_for_each(e, &s->device) {
		if (how == VHOST_VDPA_SYNC_ADD ?
		    !!map_table_find(next, e->first, e->last) :
		    !map_table_same(&s->wanted, &s->device, e->first, e->last))
			continue;
		clone = map_entry_clone(e, e->first, e->last);
		if (!clone)
			return -ENOMEM;
		map_table_insert(next, clone);
		cond_resched();
	}
	return 0;
}

static int sync_whole(struct vhost_vdpa *v, struct vhost_vdpa_space *s, enum vhost_vdpa_sync how)
{
	struct map_table next = { .root = RB_ROOT };
	int err = 0;

	if (whole_fits(s, how))
		return 0;
	if (how != VHOST_VDPA_SYNC_REMOVE)
		err = map_table_copy(&next, &s->wanted);
	/* If the device's table was lost, there is nothing that could stay. */
	if (!err && how != VHOST_VDPA_SYNC_ALL && !s->initial)
		err = copy_leftover(&next, s, how);
	if (err)
		goto out;
	err = vhost_vdpa_set_map(v, s->asid, &next);
	if (err)
		goto out;

	s->initial = false;
	s->changed = true;
	atomic64_add(count_changed(&next, &s->device), &v->stats.maps);
	atomic64_add(count_changed(&s->device, &next), &v->stats.unmaps);
	swap(s->device, next);
	map_table_mark(&next, false);
	map_table_mark(&s->device, true);
out:
	/* The table that the device does not have: the new one after an error, else the old. */
	atomic64_add(map_table_clear(&next), &v->stats.pages_unpinned);
	return err;
}

/**
 * vhost_vdpa_sync_part() - make the device's table follow the wanted one in a range
 * @v: device
 * @s: address space
 * @how: whether what is not wanted may stay, or what is wanted may be missing
 * @first: first page number
 * @last: last page number
 *
 * Outside the range nothing changes, unless the parent takes whole tables only.
 *
 * Context: sleeps; map_lock held.
 * Return: 0; or -errno, with the device's table as before as far as the parent allows. What the
 * device can reach is pinned in every case.
 */
int vhost_vdpa_sync_part(struct vhost_vdpa *v, struct vhost_vdpa_space *s,
			 enum vhost_vdpa_sync how, u64 first, u64 last)
{
	int err;

	if (vhost_vdpa_whole_table(v))
		err = sync_whole(v, s, how);
	else
		err = sync_ranges(v, s, how, first, last);
	trace_vhost_vdpa_reconcile(v, s->asid, how, err);
	return err;
}

/**
 * vhost_vdpa_sync() - make the device's table follow the wanted one
 * @v: device
 * @s: address space
 * @how: as for vhost_vdpa_sync_part()
 *
 * Context: sleeps; map_lock held.
 * Return: as vhost_vdpa_sync_part().
 */
int vhost_vdpa_sync(struct vhost_vdpa *v, struct vhost_vdpa_space *s, enum vhost_vdpa_sync how)
{
	int err;

	/* The client changed nothing since: a reset that keeps the mapping costs no comparison. */
	if (how == VHOST_VDPA_SYNC_ALL && s->settled && !s->undo_failed)
		return 0;
	err = vhost_vdpa_sync_part(v, s, how, 0, U64_MAX >> PAGE_SHIFT);
	if (!err && how == VHOST_VDPA_SYNC_ALL)
		s->settled = true;
	return err;
}
