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

#include "fault.h"
#include "pin.h"

/* Pages per call of the memory manager: as many as one page of pointers names. */
#define PIN_BATCH_PAGES		((unsigned int)(PAGE_SIZE / sizeof(struct page *)))
#define PIN_EXTENT_RUNS		65536U	/* runs per extent: an array of 512 KiB */
#define PIN_FIRST_RUNS		32U	/* enough for most memory that is in large pages */
#define UNPIN_BATCH_PAGES	4096UL	/* pages given back between two chances to reschedule */

/**
 * pin_charge() - charge pages to a process
 * @pm: its registry
 * @npages: number of pages
 *
 * Check and charge are one step: two devices of a process cannot pass the limit together.
 *
 * Return: 0, or -ENOMEM if RLIMIT_MEMLOCK of the caller does not allow it and the caller lacks
 * CAP_IPC_LOCK.
 */
int pin_charge(struct pin_mm *pm, unsigned long npages)
{
	unsigned long limit = rlimit(RLIMIT_MEMLOCK);
	struct mm_struct *mm = pm->mm;
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
	atomic_long_add(npages, &pm->charged);
	return 0;

unlimited:
	atomic64_add(npages, &mm->pinned_vm);
	atomic_long_add(npages, &pm->charged);
	return 0;
}

/**
 * pin_uncharge() - take a charge back
 * @pm: registry
 * @npages: number of pages, unpinned before or never pinned
 */
void pin_uncharge(struct pin_mm *pm, unsigned long npages)
{
	if (!npages)
		return;
	atomic_long_sub(npages, &pm->charged);
	atomic64_sub(npages, &pm->mm->pinned_vm);
}

/* Runs under construction. */
struct run_list {
	struct pin_run *run;
	unsigned int n;
	unsigned int cap;
	unsigned long next_pfn;
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

/* Memory comes in few runs or in very many: grow fast, give back at the end. */
static int runs_grow(struct run_list *runs)
{
	unsigned int cap = runs->cap ? 4 * runs->cap : PIN_FIRST_RUNS;

	if (runs->cap == PIN_EXTENT_RUNS)
		return -ENOSPC;
	if (vhost_vdpa_alloc_fails())
		return -ENOMEM;
	return runs_resize(runs, min(cap, PIN_EXTENT_RUNS));
}

/*
 * How many of @n pages, at least one, follow each other in physical memory. Where a large page is
 * mapped in part this is where our time goes, so it takes four steps at a time.
 */
static unsigned int contiguous(struct page **pages, unsigned int n)
{
	struct page **p = pages, **end = pages + n, *want = pages[0];

	if (!IS_ENABLED(CONFIG_SPARSEMEM_VMEMMAP)) {
		unsigned long pfn = page_to_pfn(want);

		/* Neighbours in memory may be far apart as struct page, and the other way round. */
		while (p < end && page_to_pfn(*p) == pfn + (p - pages))
			p++;
		return p - pages;
	}
	while (end - p >= 4 && p[0] == want && p[1] == want + 1 && p[2] == want + 2 &&
	       p[3] == want + 3) {
		p += 4;
		want += 4;
	}
	while (p < end && *p == want) {
		p++;
		want++;
	}
	return p - pages;
}

/* Adds contiguous pages, the first of which is page @page of the extent. False: no room. */
static bool runs_add_one(struct run_list *runs, unsigned long pfn, unsigned long npages, bool whole,
			 unsigned long page)
{
	if (!runs->n || pfn != runs->next_pfn || whole != runs->run[runs->n - 1].whole) {
		if (runs->n == runs->cap && runs_grow(runs))
			return false;
		runs->run[runs->n++] = (struct pin_run){
			.pfn = pfn, .whole = whole, .page = page,
		};
	}
	runs->next_pfn = pfn + npages;
	return true;
}

/*
 * Adds pages with a pin each, the first of which is page @page of the extent. Returns how many
 * could be added, less than @n if the list is full or memory is short.
 */
static unsigned int runs_add(struct run_list *runs, struct page **pages, unsigned int n,
			     unsigned long page)
{
	unsigned int i = 0;

	while (i < n) {
		unsigned int len = contiguous(pages + i, n - i);

		if (!runs_add_one(runs, page_to_pfn(pages[i]), len, false, page + i))
			break;
		i += len;
	}
	return i;
}

/*
 * Pages of an extent up to the end of the memory area in which it begins. What is beyond may be
 * writable though the beginning is not.
 */
static unsigned long vma_rest(const struct pin_extent *ext)
{
	unsigned long addr = ext->va << PAGE_SHIFT, npages = 1;
	struct mm_struct *mm = ext->pm->mm;
	struct vm_area_struct *vma;

	mmap_read_lock(mm);
	vma = find_vma(mm, addr);
	if (vma && vma->vm_start <= addr)
		npages = min((vma->vm_end - addr) >> PAGE_SHIFT, ext->npages);
	mmap_read_unlock(mm);
	return npages;
}

/* A large page that the process has mapped at @addr as a whole, as far as its first page tells. */
static bool large_here(struct mm_struct *mm, unsigned long addr, unsigned int flags)
{
	unsigned long pfn;

	return pin_leaf_rest(mm, addr, flags & FOLL_WRITE, &pfn) > 1;
}

/*
 * Pages from @addr on, at most @most, of the large page that @page belongs to, if the process has
 * all of them mapped there in one piece; else 1. @page was pinned at @addr.
 *
 * The pin keeps the large page as it is. What is read here is what is mapped after that, and
 * whatever changes later is told to the extent's watch. So one look is as good as to pin each page.
 */
static unsigned long mapped_whole(struct mm_struct *mm, unsigned long addr, unsigned int flags,
				  struct page *page, unsigned long most)
{
	unsigned long nr = pin_large_pages(page), first = page_to_pfn(page), pfn, rest;

	most = min(most, nr - (first & (nr - 1)));
	rest = pin_leaf_rest(mm, addr, flags & FOLL_WRITE, &pfn);
	return rest >= most && pfn == first ? most : 1;
}

/*
 * Pins what comes next of an extent, at most @most pages. Returns how many that are, or -errno;
 * *@whole says that one pin, of pages[0], stands for all of them.
 */
static long pin_some(struct mm_struct *mm, unsigned long addr, unsigned long most,
		     unsigned int flags, struct page **pages, bool *whole)
{
	unsigned int batch = min_t(unsigned long, most, PIN_BATCH_PAGES);
	unsigned long npages;
	long got, more;

	*whole = false;
	if (vhost_vdpa_fault(&vhost_vdpa_faults.pin))
		return -EFAULT;
	if (most == 1 || !large_here(mm, addr, flags))
		return pin_user_pages_fast(addr, batch, flags, pages);

	got = pin_user_pages_fast(addr, 1, flags, pages);
	if (got != 1)
		return got;
	npages = mapped_whole(mm, addr, flags, pages[0], most);
	if (npages > 1) {
		*whole = true;
		return npages;
	}
	/* It has changed since, or is only part of what the memory manager keeps together. */
	if (batch == 1)
		return 1;
	more = pin_user_pages_fast(addr + PAGE_SIZE, batch - 1, flags, pages + 1);
	return more > 0 ? 1 + more : 1;
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
	unsigned int flags = FOLL_LONGTERM | FOLL_WRITE;
	unsigned long npages = ext->npages;
	struct run_list runs = { };
	unsigned long done = 0;
	struct page **pages;
	long got = 0;

	pages = (struct page **)__get_free_page(GFP_KERNEL);
	if (!pages)
		return -ENOMEM;

	while (done < npages) {
		unsigned long added;
		bool whole;

		got = pin_some(ext->pm->mm, (ext->va + done) << PAGE_SHIFT, npages - done, flags,
			       pages, &whole);
		if (got < 0 && !done && !write && (flags & FOLL_WRITE)) {
			flags &= ~FOLL_WRITE;
			npages = vma_rest(ext);
			continue;
		}
		if (got <= 0)
			break;
		if (!whole)
			added = runs_add(&runs, pages, got, done);
		else if (runs_add_one(&runs, page_to_pfn(pages[0]), got, true, done))
			added = got;
		else
			added = 0;
		done += added;
		if (added < got) {
			unpin_user_pages(pages + added, whole ? 1 : got - added);
			got = -ENOMEM;
			break;
		}
		if (fatal_signal_pending(current)) {
			got = -EINTR;
			break;
		}
		cond_resched();
	}
	free_page((unsigned long)pages);

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

/* Unpins pages of a run of large pages, which have one pin each. */
static void unpin_whole(unsigned long pfn, unsigned long npages, bool dirty)
{
	while (npages) {
		struct page *page = pfn_to_page(pfn);
		unsigned long nr = pin_large_pages(page);

		nr = min(npages, nr - (pfn & (nr - 1)));
		unpin_user_page_range_dirty_lock(page, 1, dirty);
		pfn += nr;
		npages -= nr;
	}
}

/**
 * pin_unpin() - unpin part of an extent
 * @ext: extent
 * @first: first page
 * @npages: length; consists of whole units, see pin_unit()
 *
 * Pages that a device could write are marked dirty.
 *
 * Context: sleeps.
 */
void pin_unpin(struct pin_extent *ext, unsigned long first, unsigned long npages)
{
	unsigned long end = first + npages, since = 0, stop, n, pfn;
	const struct pin_run *run;
	unsigned int i;

	if (!npages)
		return;
	for (i = pin_find_run(ext, first); first < end; i++) {
		run = &ext->runs[i];
		stop = end;
		if (i + 1 < ext->nruns && run[1].page < end)
			stop = run[1].page;
		while (first < stop) {
			pfn = run->pfn + first - run->page;
			n = stop - first;
			/* Large pages go fast, and must not be cut. */
			if (run->whole) {
				unpin_whole(pfn, n, ext->device_writes);
			} else {
				n = min(n, UNPIN_BATCH_PAGES);
				unpin_user_page_range_dirty_lock(pfn_to_page(pfn), n,
								 ext->device_writes);
			}
			first += n;
			since += n;
			if (since >= UNPIN_BATCH_PAGES) {
				since = 0;
				cond_resched();
			}
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
 * Return: true if it could.
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
