// SPDX-License-Identifier: GPL-2.0-only
/*
 * pin_gup.c - what the registry asks of the memory manager: charge, pin, unpin.
 */
#include <linux/capability.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "pin.h"

#define PIN_BATCH_PAGES		8192U	/* pages per call of the memory manager */
#define PIN_EXTENT_RUNS		65536U	/* runs per extent: an array of 1 MiB */
#define UNPIN_BATCH_PAGES	32768UL	/* pages given back between two chances to reschedule */

/**
 * pin_charge() - charge pages to a process
 * @mm: process
 * @npages: number of pages
 *
 * Check and charge are one step: two devices of a process cannot pass the limit together.
 *
 * Return: 0, or -ENOMEM if RLIMIT_MEMLOCK of the caller does not allow it and the caller lacks
 * CAP_IPC_LOCK.
 */
int pin_charge(struct mm_struct *mm, unsigned long npages)
{
	unsigned long limit = rlimit(RLIMIT_MEMLOCK);
	s64 old;

	if (!npages)
		return 0;
	if (limit == RLIM_INFINITY)
		goto unlimited;
	limit >>= PAGE_SHIFT;
	old = atomic64_read(&mm->pinned_vm);
	do {
		if (npages > limit || old > limit - npages) {
			if (capable(CAP_IPC_LOCK))
				goto unlimited;
			return -ENOMEM;
		}
	} while (!atomic64_try_cmpxchg(&mm->pinned_vm, &old, old + npages));
	return 0;

unlimited:
	atomic64_add(npages, &mm->pinned_vm);
	return 0;
}

/**
 * pin_uncharge() - take a charge back
 * @mm: process
 * @npages: number of pages, unpinned before or never pinned
 */
void pin_uncharge(struct mm_struct *mm, unsigned long npages)
{
	if (npages)
		atomic64_sub(npages, &mm->pinned_vm);
}

/* Runs under construction. */
struct run_list {
	struct pin_run *run;
	unsigned int n;
	unsigned int cap;
};

static int runs_resize(struct run_list *runs, unsigned int cap)
{
	struct pin_run *run;

	run = kvmalloc_array(cap, sizeof(*run), GFP_KERNEL_ACCOUNT);
	if (!run)
		return -ENOMEM;
	if (runs->n)
		memcpy(run, runs->run, runs->n * sizeof(*run));
	kvfree(runs->run);
	runs->run = run;
	runs->cap = cap;
	return 0;
}

/* Adds pages, the first of which is page @page of the extent. There is room for @n runs. */
static void runs_add(struct run_list *runs, struct page **pages, unsigned int n,
		     unsigned long page, unsigned long *next_pfn)
{
	unsigned long expect = *next_pfn;
	unsigned int i;

	for (i = 0; i < n; i++) {
		unsigned long pfn = page_to_pfn(pages[i]);

		if (pfn != expect)
			runs->run[runs->n++] = (struct pin_run){ .pfn = pfn, .page = page + i };
		expect = pfn + 1;
	}
	*next_pfn = expect;
}

/**
 * pin_pages() - pin the memory of an extent
 * @ext: extent with @va and @npages set, memory of the calling process; receives the runs
 * @write: the device will write
 * @wrote: set if the pages were pinned for writing although @write does not ask for it
 *
 * Memory that cannot be pinned to its end is pinned as far as it goes: the caller asks again for
 * the rest and gets the error then.
 *
 * Context: sleeps, faults pages in; takes mmap_lock for as long as a fault does.
 * Return: number of pages pinned, at least 1; or -errno with nothing pinned.
 */
long pin_pages(struct pin_extent *ext, bool write, bool *wrote)
{
	unsigned int batch = min_t(unsigned long, ext->npages, PIN_BATCH_PAGES);
	unsigned int flags = FOLL_LONGTERM | FOLL_WRITE;
	unsigned long next_pfn = ULONG_MAX;
	struct run_list runs = { };
	unsigned long done = 0;
	struct page **pages;
	long got = 0;

	pages = kvmalloc_array(batch, sizeof(*pages), GFP_KERNEL);
	if (!pages)
		return -ENOMEM;

	while (done < ext->npages && runs.n < PIN_EXTENT_RUNS) {
		/* Every page may turn out to be a run of its own. */
		unsigned int n = min_t(unsigned long, min(batch, PIN_EXTENT_RUNS - runs.n),
				       ext->npages - done);

		if (runs.n + n > runs.cap) {
			unsigned int cap = max(runs.n + n, min(2 * runs.cap, PIN_EXTENT_RUNS));

			got = runs_resize(&runs, cap);
			if (got)
				break;
		}
		got = pin_user_pages_fast((ext->va + done) << PAGE_SHIFT, n, flags, pages);
		if (got < 0 && !done && !write && (flags & FOLL_WRITE)) {
			flags &= ~FOLL_WRITE;
			continue;
		}
		if (got <= 0)
			break;
		runs_add(&runs, pages, got, done, &next_pfn);
		done += got;
		if (fatal_signal_pending(current)) {
			got = -EINTR;
			break;
		}
		cond_resched();
	}
	kvfree(pages);

	if (!done) {
		kvfree(runs.run);
		return got ? got : -EFAULT;
	}
	/* Keep what is needed; if memory is that short, keep all. */
	if (runs.n < runs.cap)
		runs_resize(&runs, runs.n);
	ext->runs = runs.run;
	ext->nruns = runs.n;
	*wrote = flags & FOLL_WRITE;
	return done;
}

/**
 * pin_unpin() - unpin part of an extent
 * @ext: extent
 * @first: first page
 * @npages: length
 *
 * Whole runs at a time: a large folio is one operation. Pages that a device could write are
 * marked dirty.
 *
 * Context: sleeps.
 */
void pin_unpin(struct pin_extent *ext, unsigned long first, unsigned long npages)
{
	struct pin_seg seg = { .ext = ext, .first = first, .npages = npages };
	struct pin_segs segs = { .seg = &seg, .n = 1, .cap = 1 };
	bool dirty = ext->device_writes;
	struct pin_chunk chunk;
	struct pin_iter it;

	pin_iter_start(&it, &segs);
	while (pin_iter_next(&it, &chunk)) {
		unsigned long pfn = chunk.addr >> PAGE_SHIFT;

		while (chunk.npages) {
			unsigned long n = min(chunk.npages, UNPIN_BATCH_PAGES);

			unpin_user_page_range_dirty_lock(pfn_to_page(pfn), n, dirty);
			pfn += n;
			chunk.npages -= n;
			cond_resched();
		}
	}
}

/**
 * pin_vma_allows() - could the process pin this memory now?
 * @mm: the calling process
 * @va: page number of the first page
 * @npages: length
 * @write: for writing
 *
 * Asked before memory is used that was pinned earlier: the pages are the same, but the process
 * may have taken rights away from itself since, and a new pin would fail.
 *
 * Context: takes mmap_lock for reading.
 */
bool pin_vma_allows(struct mm_struct *mm, unsigned long va, unsigned long npages, bool write)
{
	unsigned long need = write ? VM_WRITE : VM_READ | VM_WRITE;
	unsigned long addr = va << PAGE_SHIFT;
	unsigned long last = ((va + npages) << PAGE_SHIFT) - 1;
	struct vm_area_struct *vma;
	bool allowed = true;

	mmap_read_lock(mm);
	for (;;) {
		vma = find_vma(mm, addr);
		if (!vma || vma->vm_start > addr || !(vma->vm_flags & need) ||
		    (vma->vm_flags & (VM_IO | VM_PFNMAP))) {
			allowed = false;
			break;
		}
		if (vma->vm_end - 1 >= last)
			break;
		addr = vma->vm_end;
	}
	mmap_read_unlock(mm);
	return allowed;
}
