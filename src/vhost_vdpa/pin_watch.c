// SPDX-License-Identifier: GPL-2.0-only
/*
 * pin_watch.c - learning that a process changes what lies at its addresses.
 *
 * A pin keeps a page, not its place in the process: after munmap(), mremap(), MADV_DONTNEED or
 * fork() the address may lead to another page. Whoever asks for that address then must get the
 * other page, so an extent is watched for as long as it exists.
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "fault.h"
#include "pin.h"

struct pin_watch {
	struct mmu_interval_notifier notifier;
	struct pin_extent *ext;
};

/* Events that change rights or bookkeeping, but not which page is there. */
static bool keeps_pages(enum mmu_notifier_event event)
{
	switch (event) {
	case MMU_NOTIFY_PROTECTION_VMA:	/* mprotect(); also NUMA balancing, all the time */
	case MMU_NOTIFY_SOFT_DIRTY:
		return true;
	default:
		return false;
	}
}

static bool pin_watch_invalidate(struct mmu_interval_notifier *notifier,
				 const struct mmu_notifier_range *range, unsigned long seq)
{
	struct pin_watch *watch = container_of(notifier, struct pin_watch, notifier);
	struct pin_extent *ext = watch->ext;
	unsigned long first, last;

	mmu_interval_set_seq(notifier, seq);
	if (keeps_pages(range->event))
		return true;
	/*
	 * A fault taken by the pin itself, such as copy-on-write, comes before the page that is
	 * pinned then.
	 */
	if (READ_ONCE(ext->pinner) == current)
		return true;

	first = max(range->start >> PAGE_SHIFT, ext->va);
	last = (range->end - 1) >> PAGE_SHIFT;
	if (last < ext->va)
		return true;
	pin_note_change(ext, first - ext->va, last - ext->va);
	return true;
}

static const struct mmu_interval_notifier_ops pin_watch_ops = {
	.invalidate = pin_watch_invalidate,
};

/**
 * pin_watch_add() - begin to watch an extent
 * @ext: extent of the calling process; pin_note_change() is called from now on
 *
 * Context: sleeps, may take mmap_lock for writing; waits until changes under way are over.
 * Return: 0 or -errno.
 */
int pin_watch_add(struct pin_extent *ext)
{
	struct pin_watch *watch;
	int err;

	watch = vhost_vdpa_alloc_fails() ? NULL : kzalloc(sizeof(*watch), GFP_KERNEL_ACCOUNT);
	if (!watch)
		return -ENOMEM;
	watch->ext = ext;
	err = mmu_interval_notifier_insert(&watch->notifier, ext->pm->mm, ext->va << PAGE_SHIFT,
					   ext->npages << PAGE_SHIFT, &pin_watch_ops);
	if (err) {
		kfree(watch);
		return err;
	}
	ext->watch = watch;
	/*
	 * Changes that were under way already are not told to a new notifier, and not all of them
	 * hold mmap_lock. Wait for their end, so that no page is pinned that they are about to
	 * replace.
	 */
	mmu_interval_read_begin(&watch->notifier);
	return 0;
}

/**
 * pin_watch_del() - stop watching an extent
 * @ext: extent; pin_note_change() is not called any more when this returns
 *
 * Context: sleeps until changes under way are over; not from memory reclaim, which may be part
 * of such a change.
 */
void pin_watch_del(struct pin_extent *ext)
{
	if (!ext->watch)
		return;
	mmu_interval_notifier_remove(&ext->watch->notifier);
	kfree(ext->watch);
	ext->watch = NULL;
}
