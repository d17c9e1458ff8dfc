// SPDX-License-Identifier: GPL-2.0-only
/*
 * pin.c - the registry of a process's pinned memory: finding, taking and giving back.
 *
 * See pin.h for the terms. Three rules hold whenever pm->lock is free:
 *
 *   - every pinned page lies in exactly one piece, with at least one user, of its extent, and is
 *     charged to the process once;
 *   - fresh pieces of one tree do not overlap, so a user address leads to at most one page for
 *     writing and one for reading;
 *   - pieces of an extent that border on each other and are used alike are one piece.
 *
 * Pinning takes long and happens outside the lock: the extent is entered as pending first, and
 * whoever needs the same memory waits for it instead of pinning it twice. Nobody waits while it
 * has a pending extent of its own, so waiting cannot go in circles.
 */
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "pin.h"

#define PIN_EXTENT_PAGES	(1UL << PIN_PAGE_BITS)

static DEFINE_MUTEX(pin_mms_lock);	/* the list, and refs of those in it */
static LIST_HEAD(pin_mms);

static unsigned long piece_va(const struct pin_piece *piece)
{
	return piece->ext->va + piece->first;
}

static unsigned long piece_end(const struct pin_piece *piece)
{
	return piece_va(piece) + piece->npages;
}

static struct rb_root *piece_root(struct pin_extent *ext)
{
	return &ext->pm->fresh[ext->write];
}

/* In a private registry nothing is ever found again, so nothing is fresh. */
static void piece_insert(struct pin_piece *piece)
{
	struct rb_root *root = piece_root(piece->ext);
	struct rb_node **link = &root->rb_node;
	struct rb_node *parent = NULL;
	unsigned long va = piece_va(piece);

	if (!piece->ext->pm->shared)
		return;
	while (*link) {
		parent = *link;
		if (va < piece_va(rb_entry(parent, struct pin_piece, node)))
			link = &parent->rb_left;
		else
			link = &parent->rb_right;
	}
	rb_link_node(&piece->node, parent, link);
	rb_insert_color(&piece->node, root);
	piece->fresh = true;
}

static void piece_retire(struct pin_piece *piece)
{
	if (piece->fresh)
		rb_erase(&piece->node, piece_root(piece->ext));
	piece->fresh = false;
}

/* First fresh piece that ends after @va. */
static struct pin_piece *piece_from(struct rb_root *root, unsigned long va)
{
	struct rb_node *node = root->rb_node;
	struct pin_piece *best = NULL;

	while (node) {
		struct pin_piece *piece = rb_entry(node, struct pin_piece, node);

		if (va < piece_end(piece)) {
			best = piece;
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	return best;
}

/*
 * The piece that serves @va, or NULL with *@gap set to the first page number after @va that some
 * piece serves, at most @end.
 */
static struct pin_piece *piece_at(struct pin_mm *pm, unsigned long va, unsigned long end,
				  bool write, unsigned long *gap)
{
	int tree;

	*gap = end;
	for (tree = 1; tree >= (write ? 1 : 0); tree--) {
		struct pin_piece *piece = piece_from(&pm->fresh[tree], va);

		if (!piece)
			continue;
		if (piece_va(piece) <= va)
			return piece;
		*gap = min(*gap, piece_va(piece));
	}
	return NULL;
}

/* Makes two pieces of one, the second starting @at pages into it. 0 or -ENOMEM. */
static int piece_split(struct pin_piece *piece, unsigned long at, gfp_t gfp)
{
	struct pin_piece *tail;

	tail = kmalloc(sizeof(*tail), gfp);
	if (!tail)
		return -ENOMEM;
	*tail = *piece;
	tail->first += at;
	tail->npages -= at;
	piece->npages = at;
	list_add(&tail->link, &piece->link);
	if (piece->fresh)
		piece_insert(tail);
	return 0;
}

/* Splits so that no piece of @ext reaches over page @at. */
static int extent_cut(struct pin_extent *ext, unsigned long at, gfp_t gfp)
{
	struct pin_piece *piece;

	list_for_each_entry(piece, &ext->pieces, link) {
		if (at <= piece->first)
			break;
		if (at < piece->first + piece->npages)
			return piece_split(piece, at - piece->first, gfp);
	}
	return 0;
}

/* Joins neighbours that have become alike. */
static void extent_join(struct pin_extent *ext)
{
	struct pin_piece *piece, *next;

	if (list_empty(&ext->pieces))
		return;
	piece = list_first_entry(&ext->pieces, struct pin_piece, link);
	while (!list_is_last(&piece->link, &ext->pieces)) {
		next = list_next_entry(piece, link);
		if (piece->first + piece->npages != next->first ||
		    piece->users != next->users || piece->fresh != next->fresh) {
			piece = next;
			continue;
		}
		piece_retire(next);
		piece->npages += next->npages;
		list_del(&next->link);
		kfree(next);
	}
}

/* Pieces of @ext that lie in [@first, @last], once it was cut there. */
#define for_each_piece_in(piece, tmp, ext, f, l)					\
	list_for_each_entry_safe(piece, tmp, &(ext)->pieces, link)			\
		if ((piece)->first > (l))						\
			break;								\
		else if ((piece)->first >= (f))

/*
 * Cuts @ext at both ends of a range. Giving memory back must not fail, so its callers pass
 * __GFP_NOFAIL: two objects of less than a hundred bytes, from a context that may sleep.
 */
static int extent_cut_range(struct pin_extent *ext, unsigned long first, unsigned long npages,
			    gfp_t gfp)
{
	int err = extent_cut(ext, first, gfp);

	return err ? err : extent_cut(ext, first + npages, gfp);
}

/* Frees an extent without pieces. pm->lock held, so that pin_settle() does not meet it. */
static void extent_free(struct pin_extent *ext)
{
	struct pin_mm *pm = ext->pm;

	pin_watch_del(ext);
	/* No more notifications: once out of the list, it stays out. */
	spin_lock(&pm->stale_lock);
	list_del_init(&ext->stale_link);
	spin_unlock(&pm->stale_lock);
	kvfree(ext->runs);
	kfree(ext);
}

/* Takes what the process changed out of the trees. pm->lock held. */
static void pin_settle(struct pin_mm *pm)
{
	struct pin_piece *piece, *tmp;
	struct pin_extent *ext;
	unsigned long first, last;
	LIST_HEAD(later);

	spin_lock(&pm->stale_lock);
	while (!list_empty(&pm->stale)) {
		ext = list_first_entry(&pm->stale, struct pin_extent, stale_link);
		if (ext->pending) {
			/* Its length is not known yet; whoever pins it settles again. */
			list_move(&ext->stale_link, &later);
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
			extent_cut_range(ext, first, last - first + 1,
					 GFP_KERNEL_ACCOUNT | __GFP_NOFAIL);
			for_each_piece_in(piece, tmp, ext, first, last)
				piece_retire(piece);
			extent_join(ext);
		}
		spin_lock(&pm->stale_lock);
	}
	list_splice(&later, &pm->stale);
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

/* Pages of [@va, @end) that would have to be pinned. */
static unsigned long pin_missing(struct pin_mm *pm, unsigned long va, unsigned long end,
				 bool write)
{
	unsigned long gap, missing = 0;
	struct pin_piece *piece;

	while (va < end) {
		piece = piece_at(pm, va, end, write, &gap);
		if (piece) {
			va = piece_end(piece);
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
	unsigned long npages = min(end, piece_end(piece)) - va;
	struct pin_piece *tmp;
	int err;

	err = pin_segs_reserve(segs, 1);
	if (err)
		return err;
	err = extent_cut_range(ext, first, npages, GFP_KERNEL_ACCOUNT);
	if (err) {
		extent_join(ext);
		return err;
	}

	if (!pin_vma_allows(ext->pm->mm, va, npages, write)) {
		/*
		 * The same page, but a new pin would be refused: let it be refused by the one
		 * who knows how.
		 */
		for_each_piece_in(piece, tmp, ext, first, first + npages - 1)
			piece_retire(piece);
		extent_join(ext);
		return 0;
	}
	for_each_piece_in(piece, tmp, ext, first, first + npages - 1)
		piece->users++;
	if (write)
		ext->device_writes = true;
	extent_join(ext);
	pin_segs_append(segs, ext, first, npages);
	return npages;
}

/* Pages charged in advance for the gaps of a request. */
struct pin_credit {
	struct mm_struct *mm;
	unsigned long npages;
};

static int credit_need(struct pin_credit *credit, unsigned long npages)
{
	int err;

	if (credit->npages >= npages)
		return 0;
	/* Only if memory that was there when the request began has gone since. */
	err = pin_charge(credit->mm, npages - credit->npages);
	if (!err)
		credit->npages = npages;
	return err;
}

static struct pin_extent *extent_alloc(struct pin_mm *pm, unsigned long va, unsigned long npages,
				       bool write)
{
	struct pin_extent *ext;
	struct pin_piece *piece;

	ext = kzalloc(sizeof(*ext), GFP_KERNEL_ACCOUNT);
	piece = kzalloc(sizeof(*piece), GFP_KERNEL_ACCOUNT);
	if (!ext || !piece) {
		kfree(ext);
		kfree(piece);
		return NULL;
	}
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
	INIT_LIST_HEAD(&ext->pieces);
	piece->ext = ext;
	piece->npages = npages;
	piece->users = 1;
	list_add(&piece->link, &ext->pieces);
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
	piece = list_first_entry(&ext->pieces, struct pin_piece, link);
	piece_insert(piece);
	mutex_unlock(&pm->lock);

	err = pm->shared ? pin_watch_add(ext) : 0;
	pinned = err ? err : pin_pages(ext, write, &wrote);

	mutex_lock(&pm->lock);
	/* The tree depends on ext->write, which is final only now. */
	piece_retire(piece);
	ext->write = write || wrote;
	ext->pending = false;
	ext->pinner = NULL;
	wake_up_all(&pm->waitq);
	if (pinned <= 0) {
		kfree(piece);
		INIT_LIST_HEAD(&ext->pieces);
		extent_free(ext);
		return pinned ? pinned : -EFAULT;
	}
	ext->npages = pinned;
	piece->npages = pinned;
	piece_insert(piece);
	credit->npages -= pinned;
	pin_segs_append(segs, ext, 0, pinned);
	return pinned;
}

/* Waits for the next event of the registry. pm->lock held, released meanwhile. */
static void pin_wait(struct pin_mm *pm)
{
	DEFINE_WAIT(wait);

	prepare_to_wait(&pm->waitq, &wait, TASK_IDLE);
	mutex_unlock(&pm->lock);
	schedule();
	finish_wait(&pm->waitq, &wait);
	mutex_lock(&pm->lock);
}

/*
 * Has everybody give up what he holds and does not want. pm->lock held, released meanwhile.
 *
 * The requester comes first: his own can always be had, while the others may be busy. Rounds are
 * numbered so that several of these end although each changes the marks.
 */
static void pin_shed_all(struct pin_mm *pm, struct pin_user *requester)
{
	u64 round = ++pm->round;
	struct pin_user *user;
	bool again;

	mutex_unlock(&pm->lock);
	requester->shed(requester, true);
	mutex_lock(&pm->lock);

	do {
		again = false;
		list_for_each_entry(user, &pm->users, link) {
			if (user == requester || user->round >= round)
				continue;
			user->round = round;
			user->busy++;
			mutex_unlock(&pm->lock);
			user->shed(user, false);
			mutex_lock(&pm->lock);
			user->busy--;
			wake_up_all(&pm->waitq);
			/* The list may have changed while the lock was free. */
			again = true;
			break;
		}
	} while (again);
}

/**
 * pin_get() - use memory of the process, pinning what is not pinned yet
 * @pm: registry
 * @user: who asks; a member of @pm, its map_lock is held
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
 * Context: sleeps; no lock of the registry, no mmap_lock held by the caller.
 * Return: 0; -ENOMEM if RLIMIT_MEMLOCK does not allow it (unless CAP_IPC_LOCK) or memory is
 * short; -EFAULT where the process has no such memory; -EINTR if the caller is killed; else what
 * pinning returned. On error
 * nothing is held.
 */
int pin_get(struct pin_mm *pm, struct pin_user *user, unsigned long va, unsigned long npages,
	    bool write, struct pin_segs *segs, struct pin_count *count)
{
	struct pin_credit credit = { .mm = pm->mm };
	unsigned long end = va + npages, gap;
	struct pin_piece *piece;
	long done;
	int err;

	mutex_lock(&pm->lock);
	pin_settle(pm);

	/* The whole request fits the limit, or nothing is touched. */
	err = credit_need(&credit, pin_missing(pm, va, end, write));
	if (err) {
		pin_shed_all(pm, user);
		pin_settle(pm);
		err = credit_need(&credit, pin_missing(pm, va, end, write));
	}

	while (!err && va < end) {
		/* Killed: whoever waits for the process to go shall not wait for its pins. */
		if (fatal_signal_pending(current)) {
			err = -EINTR;
			break;
		}
		/* The last step may have taken long. */
		pin_settle(pm);
		piece = piece_at(pm, va, end, write, &gap);
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

	pin_uncharge(pm->mm, credit.npages);
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
	struct pin_piece *piece, *tmp;

	if (!ext->pm) {
		ext->users++;
		return;
	}
	mutex_lock(&ext->pm->lock);
	extent_cut_range(ext, seg->first, seg->npages, GFP_KERNEL_ACCOUNT | __GFP_NOFAIL);
	for_each_piece_in(piece, tmp, ext, seg->first, seg->first + seg->npages - 1)
		piece->users++;
	extent_join(ext);
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
	struct pin_piece *piece, *tmp;
	LIST_HEAD(unused);
	u64 npages = 0;

	if (!pm) {
		if (!--ext->users)
			pin_va_free(ext);
		return 0;
	}

	mutex_lock(&pm->lock);
	extent_cut_range(ext, seg->first, seg->npages, GFP_KERNEL_ACCOUNT | __GFP_NOFAIL);
	for_each_piece_in(piece, tmp, ext, seg->first, seg->first + seg->npages - 1) {
		if (--piece->users)
			continue;
		piece_retire(piece);
		list_move_tail(&piece->link, &unused);
	}
	extent_join(ext);
	/* The extent must last until its runs were read below. */
	if (!list_empty(&unused))
		ext->users++;
	mutex_unlock(&pm->lock);

	if (list_empty(&unused))
		return 0;
	list_for_each_entry_safe(piece, tmp, &unused, link) {
		pin_unpin(ext, piece->first, piece->npages);
		pin_uncharge(pm->mm, piece->npages);
		npages += piece->npages;
		kfree(piece);
	}

	mutex_lock(&pm->lock);
	if (!--ext->users && list_empty(&ext->pieces))
		extent_free(ext);
	mutex_unlock(&pm->lock);
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
	list_for_each_entry(piece, &ext->pieces, link) {
		if (piece->first >= end)
			break;
		if (piece->first + piece->npages <= to)
			continue;
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
	mmdrop(pm->mm);
	kfree(pm);
}

/**
 * pin_mm_join() - become a user of a registry
 * @pm: registry
 * @user: with @changed and @shed set
 *
 * Context: sleeps.
 */
void pin_mm_join(struct pin_mm *pm, struct pin_user *user)
{
	mutex_lock(&pm->lock);
	user->busy = 0;
	user->round = pm->round;
	list_add_tail(&user->link, &pm->users);
	mutex_unlock(&pm->lock);
}

/**
 * pin_mm_leave() - stop being a user of a registry
 * @pm: registry
 * @user: whose callbacks are not called any more when this returns
 *
 * Context: sleeps; the user's shed() may be trying to get the caller's locks meanwhile.
 */
void pin_mm_leave(struct pin_mm *pm, struct pin_user *user)
{
	mutex_lock(&pm->lock);
	list_del(&user->link);
	while (user->busy)
		pin_wait(pm);
	mutex_unlock(&pm->lock);
}
