// SPDX-License-Identifier: GPL-2.0-only
/*
 * pin.c - the registry of a process's pinned memory: finding, taking and giving back.
 *
 * See pin.h for the terms. Two rules hold whenever pm->lock is free:
 *
 *   - every pinned page lies in exactly one piece, with at least one user, of its extent, and is
 *     charged to the process once;
 *   - fresh pieces of one tree do not overlap, so a user address leads to at most one page for
 *     writing and one for reading.
 *
 * Pinning takes long, for as long as the process likes if it serves the page faults itself. So it
 * happens outside the lock, and without any lock of a device: the extent is entered as pending
 * first, and whoever needs the same memory waits for it instead of pinning it twice. Nobody waits
 * while it has a pending extent of its own, so waiting cannot go in circles.
 */
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "fault.h"
#include "pin_piece.h"

#define PIN_EXTENT_PAGES	(1UL << PIN_PAGE_BITS)

/*
 * Frees an extent without pieces. pm->lock not held: this may have to wait for the end of a change
 * of page tables, and nobody needs to wait with us.
 */
static void extent_free(struct pin_extent *ext)
{
	struct pin_mm *pm = ext->pm;

	pin_watch_del(ext);
	/* No more notifications. pin_settle() may be looking at the last one. */
	mutex_lock(&pm->lock);
	spin_lock(&pm->stale_lock);
	list_del_init(&ext->stale_link);
	spin_unlock(&pm->stale_lock);
	mutex_unlock(&pm->lock);
	kvfree(ext->runs);
	kfree(ext);
}

/* Pages of [@va, @end) that would have to be pinned. */
static unsigned long pin_missing(struct pin_mm *pm, unsigned long va, unsigned long end,
				 bool write)
{
	unsigned long gap, missing = 0;
	struct pin_piece *piece;

	while (va < end) {
		cond_resched();
		piece = pin_piece_at(pm, va, end, write, &gap);
		if (piece) {
			va = pin_piece_end(piece);
			continue;
		}
		missing += gap - va;
		va = gap;
	}
	return missing;
}

/* Uses part of a fresh piece, which serves @va, up to @end. Returns pages or -ENOMEM. */
static long pin_take(struct pin_piece *piece, unsigned long va, unsigned long end, bool write,
		     struct pin_segs *segs)
{
	struct pin_extent *ext = piece->ext;
	unsigned long first = va - ext->va;
	unsigned long npages = min(end, pin_piece_end(piece)) - va;
	struct pin_piece *next;
	bool allowed;
	int err;

	err = pin_segs_reserve(segs, 1);
	if (!err)
		err = pin_pieces_cut(ext, first, npages, GFP_KERNEL_ACCOUNT);
	if (err) {
		pin_pieces_join(ext, first, npages);
		return err;
	}

	allowed = pin_vma_allows(ext->pm->mm, va, npages, write);
	for_each_piece_in(piece, next, ext, first, first + npages - 1) {
		/*
		 * The same page, but a new pin would be refused: let it be refused by the one
		 * who knows how.
		 */
		if (allowed)
			piece->users++;
		else
			pin_piece_retire(piece);
	}
	pin_pieces_join(ext, first, npages);
	if (!allowed)
		return 0;
	if (write)
		ext->device_writes = true;
	pin_segs_append(segs, ext, first, npages);
	return npages;
}

/* Pages charged in advance for the gaps of a request. */
struct pin_credit {
	struct pin_mm *pm;
	unsigned long npages;
};

static int credit_need(struct pin_credit *credit, unsigned long npages)
{
	int err;

	if (credit->npages >= npages)
		return 0;
	/* Only if memory that was there when the request began has gone since. */
	err = pin_charge(credit->pm, npages - credit->npages);
	if (!err)
		credit->npages = npages;
	return err;
}

static struct pin_extent *extent_alloc(struct pin_mm *pm, unsigned long va, unsigned long npages,
				       bool write)
{
	struct pin_extent *ext = vhost_vdpa_alloc_fails() ? NULL :
				 kzalloc(sizeof(*ext), GFP_KERNEL_ACCOUNT);

	if (!ext)
		return NULL;
	ext->pm = pm;
	ext->va = va;
	ext->npages = npages;
	/* Until the pin says otherwise: whoever wants to read or write here waits. */
	ext->write = true;
	ext->device_writes = write;
	ext->pending = true;
	ext->pinner = current;
	ext->stale_first = ULONG_MAX;
	INIT_LIST_HEAD(&ext->stale_link);
	ext->pieces = RB_ROOT;
	return ext;
}

/*
 * Pins memory at @va, at most up to @end. pm->lock held, released meanwhile. Returns the number
 * of pages, or -errno.
 */
static long pin_gap(struct pin_mm *pm, unsigned long va, unsigned long end, bool write,
		    struct pin_credit *credit, struct pin_segs *segs)
{
	unsigned long npages = min(end - va, PIN_EXTENT_PAGES);
	struct pin_extent *ext;
	struct pin_piece *piece;
	bool wrote = false;
	long pinned;
	int err;

	err = pin_segs_reserve(segs, 1);
	if (err)
		return err;
	err = credit_need(credit, npages);
	if (err)
		return err;
	ext = extent_alloc(pm, va, npages, write);
	if (!ext)
		return -ENOMEM;
	piece = pin_piece_new(ext);
	if (!piece) {
		kfree(ext);
		return -ENOMEM;
	}
	pin_piece_publish(piece);
	mutex_unlock(&pm->lock);

	err = pm->shared ? pin_watch_add(ext) : 0;
	pinned = err ? err : pin_pages(ext, write, &wrote);

	mutex_lock(&pm->lock);
	/* The tree depends on ext->write, which is final only now. */
	pin_piece_retire(piece);
	ext->write = write || wrote;
	ext->pending = false;
	ext->pinner = NULL;
	wake_up_all(&pm->waitq);
	if (pinned <= 0) {
		pin_piece_remove(piece);
		kfree(piece);
		mutex_unlock(&pm->lock);
		extent_free(ext);
		mutex_lock(&pm->lock);
		return pinned ? pinned : -EFAULT;
	}
	ext->npages = pinned;
	piece->npages = pinned;
	pin_piece_publish(piece);
	credit->npages -= pinned;
	atomic_long_add(pinned, &pm->pinned);
	pin_segs_append(segs, ext, 0, pinned);
	return pinned;
}

/* Waits for the end of a pin, or of the caller. pm->lock held, released meanwhile. */
static void pin_wait(struct pin_mm *pm)
{
	DEFINE_WAIT(wait);

	prepare_to_wait(&pm->waitq, &wait, TASK_KILLABLE);
	mutex_unlock(&pm->lock);
	schedule();
	finish_wait(&pm->waitq, &wait);
	mutex_lock(&pm->lock);
}

/*
 * Has everybody give up what he holds and does not want. pm->lock held, released meanwhile.
 *
 * Rounds are numbered so that several of these end although each changes the marks.
 */
static void pin_shed_all(struct pin_mm *pm)
{
	u64 round = ++pm->round;
	struct pin_user *user;
	bool again;

	do {
		again = false;
		list_for_each_entry(user, &pm->users, link) {
			if (user->round >= round)
				continue;
			user->round = round;
			user->hold(user);
			mutex_unlock(&pm->lock);
			user->shed(user);
			mutex_lock(&pm->lock);
			/* The list may have changed while the lock was free. */
			again = true;
			break;
		}
	} while (again);
}

/**
 * pin_get() - use memory of the process, pinning what is not pinned yet
 * @pm: registry
 * @va: page number of the first page; memory of the calling process
 * @npages: length, at least 1; @va + @npages does not overflow
 * @write: the device may write
 * @segs: where the references go; empty
 * @count: receives what it cost, also on error
 *
 * Memory that is pinned for writing serves readers too, not the other way round. Memory that is
 * read only is pinned for writing all the same where the process may write to it, so that
 * copy-on-write happens before the pin and not after it.
 *
 * Context: sleeps, for as long as the process needs to serve its page faults; no mmap_lock, no
 * map_lock of any device and no lock of the registry held by the caller.
 * Return: 0; -ENOMEM if RLIMIT_MEMLOCK does not allow it (unless CAP_IPC_LOCK) or memory is
 * short; -EFAULT where the process has no such memory; -EINTR if the caller is killed; else what
 * pinning returned. On error nothing is held.
 */
int pin_get(struct pin_mm *pm, unsigned long va, unsigned long npages, bool write,
	    struct pin_segs *segs, struct pin_count *count)
{
	struct pin_credit credit = { .pm = pm };
	unsigned long end = va + npages, gap;
	struct pin_piece *piece;
	long done;
	int err;

	mutex_lock(&pm->lock);
	pin_settle(pm);

	/* The whole request fits the limit, or nothing is touched. */
	err = credit_need(&credit, pin_missing(pm, va, end, write));
	if (err) {
		pin_shed_all(pm);
		pin_settle(pm);
		err = credit_need(&credit, pin_missing(pm, va, end, write));
	}

	while (!err && va < end) {
		/* Killed: whoever waits for the process to go shall not wait for its pins. */
		if (fatal_signal_pending(current)) {
			err = -EINTR;
			break;
		}
		cond_resched();
		/* The last step may have taken long. */
		pin_settle(pm);
		piece = pin_piece_at(pm, va, end, write, &gap);
		if (piece && piece->ext->pending) {
			pin_wait(pm);
			continue;
		}
		if (piece) {
			done = pin_take(piece, va, end, write, segs);
			if (done > 0)
				count->reused += done;
		} else {
			done = pin_gap(pm, va, gap, write, &credit, segs);
			if (done > 0)
				count->pinned += done;
		}
		if (done < 0)
			err = done;
		else
			va += done;
	}
	mutex_unlock(&pm->lock);

	pin_uncharge(pm, credit.npages);
	if (err)
		pin_segs_put(segs);
	return err;
}

/**
 * pin_ref() - one more reference to a segment that the caller holds
 * @seg: segment, or part of one
 *
 * Context: sleeps.
 */
void pin_ref(const struct pin_seg *seg)
{
	struct pin_extent *ext = seg->ext;
	struct pin_piece *piece, *next;

	if (!ext->pm) {
		ext->users++;
		return;
	}
	mutex_lock(&ext->pm->lock);
	pin_pieces_cut(ext, seg->first, seg->npages, GFP_KERNEL_ACCOUNT | __GFP_NOFAIL);
	for_each_piece_in(piece, next, ext, seg->first, seg->first + seg->npages - 1)
		piece->users++;
	pin_pieces_join(ext, seg->first, seg->npages);
	mutex_unlock(&ext->pm->lock);
}

/**
 * pin_put() - give a reference back
 * @seg: segment, or part of one; no translation of the caller's leads there any more
 *
 * Context: sleeps.
 * Return: number of pages that nobody used any more and that were unpinned.
 */
u64 pin_put(const struct pin_seg *seg)
{
	struct pin_extent *ext = seg->ext;
	struct pin_mm *pm = ext->pm;
	struct pin_piece *piece, *next;
	LIST_HEAD(unused);
	u64 npages = 0;
	bool last;

	if (!pm) {
		if (!--ext->users)
			pin_va_free(ext);
		return 0;
	}

	mutex_lock(&pm->lock);
	pin_pieces_cut(ext, seg->first, seg->npages, GFP_KERNEL_ACCOUNT | __GFP_NOFAIL);
	for_each_piece_in(piece, next, ext, seg->first, seg->first + seg->npages - 1) {
		cond_resched();
		if (--piece->users)
			continue;
		npages += piece->npages;
		pin_piece_remove(piece);
		pin_piece_to_units(piece);
		list_add_tail(&piece->link, &unused);
	}
	pin_pieces_join(ext, seg->first, seg->npages);
	/* The extent must last until its runs were read below. */
	if (npages)
		ext->users++;
	mutex_unlock(&pm->lock);

	if (!npages)
		return 0;
	list_for_each_entry_safe(piece, next, &unused, link) {
		pin_unpin(ext, piece->first, piece->npages);
		kfree(piece);
	}
	atomic_long_sub(npages, &pm->pinned);
	pin_uncharge(pm, npages);

	mutex_lock(&pm->lock);
	last = !--ext->users && RB_EMPTY_ROOT(&ext->pieces);
	mutex_unlock(&pm->lock);
	if (last)
		extent_free(ext);
	return npages;
}

/**
 * pin_seg_fresh() - the next part of a segment that the process has not changed
 * @seg: segment that the caller holds
 * @first: page to start at, within the extent; receives where the part starts
 * @npages: receives its length
 *
 * Context: sleeps.
 * Return: false if there is no more.
 */
bool pin_seg_fresh(const struct pin_seg *seg, unsigned long *first, unsigned long *npages)
{
	unsigned long end = seg->first + seg->npages, from = *first, to = from;
	struct pin_extent *ext = seg->ext;
	struct pin_piece *piece;

	if (!ext->pm) {
		*npages = end - from;
		return from < end;
	}
	mutex_lock(&ext->pm->lock);
	pin_settle(ext->pm);
	for (piece = pin_piece_find(ext, to, end - 1); piece && piece->first < end;
	     piece = pin_piece_next(piece)) {
		if (piece->fresh) {
			to = min(end, piece->first + piece->npages);
		} else if (to > from) {
			break;
		} else {
			from = piece->first + piece->npages;
			to = from;
		}
	}
	mutex_unlock(&ext->pm->lock);
	*first = from;
	*npages = to - from;
	return to > from && from < end;
}
