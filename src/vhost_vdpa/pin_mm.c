// SPDX-License-Identifier: GPL-2.0-only
/*
 * pin_mm.c - registries of pinned memory: one per process, who uses it, and what it is told of
 * changes.
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "pin_piece.h"

static DEFINE_MUTEX(pin_mms_lock);	/* the list, and refs of those in it */
static LIST_HEAD(pin_mms);

/**
 * pin_settle() - hand out no more what the process changed
 * @pm: registry
 *
 * Context: sleeps; pm->lock held.
 */
void pin_settle(struct pin_mm *pm)
{
	struct pin_piece *piece, *next;
	struct pin_extent *ext;
	unsigned long first, last;
	LIST_HEAD(now);

	spin_lock(&pm->stale_lock);
	/* What changes from now on is for the next time: a process can go on and on changing. */
	list_splice_init(&pm->stale, &now);
	while (!list_empty(&now)) {
		ext = list_first_entry(&now, struct pin_extent, stale_link);
		if (ext->pending) {
			/* Its length is not known yet; whoever pins it settles again. */
			list_move(&ext->stale_link, &pm->stale);
			continue;
		}
		list_del_init(&ext->stale_link);
		first = ext->stale_first;
		last = ext->stale_last;
		ext->stale_first = ULONG_MAX;
		ext->stale_last = 0;
		spin_unlock(&pm->stale_lock);

		if (first < ext->npages) {
			last = min(last, ext->npages - 1);
			pin_pieces_cut(ext, first, last - first + 1,
				       GFP_KERNEL_ACCOUNT | __GFP_NOFAIL);
			for_each_piece_in(piece, next, ext, first, last)
				pin_piece_retire(piece);
			pin_pieces_join(ext, first, last - first + 1);
		}
		cond_resched();
		spin_lock(&pm->stale_lock);
	}
	spin_unlock(&pm->stale_lock);
}

static void pin_stale_work(struct work_struct *work)
{
	struct pin_mm *pm = container_of(work, struct pin_mm, stale_work);
	struct pin_user *user;

	mutex_lock(&pm->lock);
	pin_settle(pm);
	list_for_each_entry(user, &pm->users, link)
		user->changed(user);
	mutex_unlock(&pm->lock);
}

/**
 * pin_note_change() - the process changes what lies at some of an extent's addresses
 * @ext: extent
 * @first: first page within the extent
 * @last: last page within the extent
 *
 * Context: any; called by the notifier, possibly where sleeping is not allowed.
 */
void pin_note_change(struct pin_extent *ext, unsigned long first, unsigned long last)
{
	struct pin_mm *pm = ext->pm;

	spin_lock(&pm->stale_lock);
	ext->stale_first = min(ext->stale_first, first);
	ext->stale_last = max(ext->stale_last, last);
	if (list_empty(&ext->stale_link))
		list_add_tail(&ext->stale_link, &pm->stale);
	spin_unlock(&pm->stale_lock);
	schedule_work(&pm->stale_work);
}

/**
 * pin_mm_get() - the registry of a process
 * @mm: the process
 * @shared: join the registry that its other files use; else get a private one, where nothing is
 *	found that another file pinned
 *
 * Context: sleeps.
 * Return: registry, or NULL if memory is short.
 */
struct pin_mm *pin_mm_get(struct mm_struct *mm, bool shared)
{
	struct pin_mm *pm;

	mutex_lock(&pin_mms_lock);
	list_for_each_entry(pm, &pin_mms, link) {
		if (shared && pm->mm == mm) {
			pm->refs++;
			goto out;
		}
	}
	pm = kzalloc(sizeof(*pm), GFP_KERNEL_ACCOUNT);
	if (!pm)
		goto out;
	pm->mm = mm;
	pm->shared = shared;
	mmgrab(mm);
	pm->refs = 1;
	mutex_init(&pm->lock);
	INIT_LIST_HEAD(&pm->users);
	init_waitqueue_head(&pm->waitq);
	spin_lock_init(&pm->stale_lock);
	INIT_LIST_HEAD(&pm->stale);
	INIT_WORK(&pm->stale_work, pin_stale_work);
	INIT_LIST_HEAD(&pm->link);
	if (shared)
		list_add(&pm->link, &pin_mms);
out:
	mutex_unlock(&pin_mms_lock);
	return pm;
}

/**
 * pin_mm_hold() - one more reference to a registry
 * @pm: registry of which the caller knows that somebody uses it
 */
void pin_mm_hold(struct pin_mm *pm)
{
	mutex_lock(&pin_mms_lock);
	pm->refs++;
	mutex_unlock(&pin_mms_lock);
}

/**
 * pin_mm_put() - leave a registry
 * @pm: registry in which the caller holds no segment any more
 *
 * Context: sleeps.
 */
void pin_mm_put(struct pin_mm *pm)
{
	bool last;

	mutex_lock(&pin_mms_lock);
	last = !--pm->refs;
	if (last)
		list_del(&pm->link);
	mutex_unlock(&pin_mms_lock);
	if (!last)
		return;
	/* No extent is left, so no notification comes in any more. */
	cancel_work_sync(&pm->stale_work);
	WARN_ON_ONCE(!RB_EMPTY_ROOT(&pm->fresh[0]) || !RB_EMPTY_ROOT(&pm->fresh[1]));
	WARN_ON_ONCE(atomic_long_read(&pm->pinned) || atomic_long_read(&pm->charged));
	mmdrop(pm->mm);
	kfree(pm);
}

/**
 * pin_mm_join() - become a user of a registry
 * @pm: registry
 * @user: with its functions set
 *
 * Context: sleeps.
 */
void pin_mm_join(struct pin_mm *pm, struct pin_user *user)
{
	mutex_lock(&pm->lock);
	user->round = pm->round;
	list_add_tail(&user->link, &pm->users);
	mutex_unlock(&pm->lock);
}

/**
 * pin_mm_leave() - stop being a user of a registry
 * @pm: registry
 * @user: not told of changes any more when this returns; a shed() may still be under way
 *
 * Context: sleeps.
 */
void pin_mm_leave(struct pin_mm *pm, struct pin_user *user)
{
	mutex_lock(&pm->lock);
	list_del(&user->link);
	mutex_unlock(&pm->lock);
}
