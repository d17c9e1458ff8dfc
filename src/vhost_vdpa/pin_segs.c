// SPDX-License-Identifier: GPL-2.0-only
/*
 * pin_segs.c - arrays of segments, and the walk over the physical memory behind them.
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "fault.h"
#include "pin.h"

/**
 * pin_segs_reserve() - make room, so that appending cannot fail
 * @segs: array
 * @more: number of segments that will be appended
 *
 * Return: 0 or -ENOMEM; the array is as before then.
 */
int pin_segs_reserve(struct pin_segs *segs, unsigned int more)
{
	unsigned int cap = segs->n + more;
	struct pin_seg *seg;

	if (cap <= segs->cap)
		return 0;
	cap = max(cap, 2 * segs->cap);
	seg = vhost_vdpa_alloc_fails() ? NULL :
	      kvmalloc_array(cap, sizeof(*seg), GFP_KERNEL_ACCOUNT);
	if (!seg)
		return -ENOMEM;
	if (segs->n)
		memcpy(seg, segs->seg, segs->n * sizeof(*seg));
	kvfree(segs->seg);
	segs->seg = seg;
	segs->cap = cap;
	return 0;
}

/**
 * pin_segs_append() - add a segment at the end
 * @segs: array with room for one more
 * @ext: extent
 * @first: first page
 * @npages: length
 *
 * Takes over the caller's reference. What continues the last segment is merged with it, so that
 * equal memory has equal segments.
 */
void pin_segs_append(struct pin_segs *segs, struct pin_extent *ext, unsigned long first,
		     unsigned long npages)
{
	struct pin_seg *last = segs->n ? &segs->seg[segs->n - 1] : NULL;

	/* In virtual address mode each segment holds one reference to its extent. */
	if (last && ext->pm && last->ext == ext && last->first + last->npages == first) {
		last->npages += npages;
		return;
	}
	segs->seg[segs->n++] = (struct pin_seg){
		.ext = ext, .first = first, .npages = npages,
		.start = last ? last->start + last->npages : 0,
	};
}

/**
 * pin_segs_find() - the segment that holds a page of an array
 * @segs: array
 * @page: page, counted over all segments
 *
 * Return: index of the last segment that does not start after @page.
 */
unsigned int pin_segs_find(const struct pin_segs *segs, unsigned long page)
{
	unsigned int low = 0, high = segs->n - 1;

	while (low < high) {
		unsigned int mid = low + (high - low + 1) / 2;

		if (segs->seg[mid].start <= page)
			low = mid;
		else
			high = mid - 1;
	}
	return low;
}

/* Turns part of a segment, given by value, into a reference of its own. 0 or -ENOMEM. */
static int seg_ref(struct pin_seg *seg)
{
	struct pin_extent *part;

	/* The parent is told where in a file an extent begins, so a part cannot begin inside. */
	if (!seg->ext->pm && seg->first) {
		part = pin_va_part(seg->ext, seg->first, seg->npages);
		if (!part)
			return -ENOMEM;
		seg->ext = part;
		seg->first = 0;
		return 0;
	}
	pin_ref(seg);
	return 0;
}

/**
 * pin_segs_copy() - new references to part of what an array holds
 * @to: empty array
 * @from: array
 * @first: first page, counted over all segments of @from
 * @npages: length, at least 1; @from has that much
 *
 * A table can be made of a great many parts of one array: a part takes memory and time for what is
 * in it, and not for the whole.
 *
 * Return: 0, or -ENOMEM with @to empty.
 */
int pin_segs_copy(struct pin_segs *to, const struct pin_segs *from, unsigned long first,
		  unsigned long npages)
{
	unsigned int i = pin_segs_find(from, first);
	unsigned int last = pin_segs_find(from, first + npages - 1);
	int err;

	err = pin_segs_reserve(to, last - i + 1);
	if (err)
		return err;
	for (first -= from->seg[i].start; i <= last; i++) {
		struct pin_seg seg = from->seg[i];

		seg.first += first;
		seg.npages = min(seg.npages - first, npages);
		first = 0;
		npages -= seg.npages;
		err = seg_ref(&seg);
		if (err) {
			pin_segs_put(to);
			return err;
		}
		pin_segs_append(to, seg.ext, seg.first, seg.npages);
	}
	return 0;
}

/**
 * pin_segs_put() - give all references back and empty the array
 * @segs: array
 *
 * Return: number of pages unpinned.
 */
u64 pin_segs_put(struct pin_segs *segs)
{
	u64 npages = 0;
	unsigned int i;

	for (i = 0; i < segs->n; i++) {
		npages += pin_put(&segs->seg[i]);
		cond_resched();
	}
	kvfree(segs->seg);
	*segs = (struct pin_segs){ };
	return npages;
}

/**
 * pin_seg_same() - do two references lead to the same page?
 * @a: segment
 * @page_a: page within @a
 * @b: segment
 * @page_b: page within @b
 *
 * Pinned memory is the same if it is the same page of the same pin: equal page frames of two
 * pins are not enough, one of the pins may be about to go. In virtual address mode it is what
 * the parent is told that counts.
 *
 * Return: true if they do.
 */
bool pin_seg_same(const struct pin_seg *a, unsigned long page_a, const struct pin_seg *b,
		  unsigned long page_b)
{
	const struct pin_extent *x = a->ext, *y = b->ext;

	page_a += a->first;
	page_b += b->first;
	if (x == y)
		return page_a == page_b;
	if (x->pm || y->pm)
		return false;
	return x->va + page_a == y->va + page_b && x->hole == y->hole &&
	       x->file.file == y->file.file &&
	       (!x->file.file || x->file.offset + ((u64)page_a << PAGE_SHIFT) ==
				 y->file.offset + ((u64)page_b << PAGE_SHIFT));
}

/**
 * pin_iter_start() - begin a walk over physical memory
 * @it: iterator
 * @segs: what to walk; must not change meanwhile
 */
void pin_iter_start(struct pin_iter *it, const struct pin_segs *segs)
{
	*it = (struct pin_iter){ .segs = segs };
}

/**
 * pin_find_run() - the run that holds a page of pinned memory
 * @ext: extent with runs
 * @page: page within the extent
 *
 * Return: index of the last run that does not start after @page.
 */
unsigned int pin_find_run(const struct pin_extent *ext, unsigned long page)
{
	unsigned int low = 0, high = ext->nruns - 1;

	while (low < high) {
		unsigned int mid = low + (high - low + 1) / 2;

		if (ext->runs[mid].page <= page)
			low = mid;
		else
			high = mid - 1;
	}
	return low;
}

/**
 * pin_unit() - pages that share a pin
 * @ext: extent with runs
 * @page: page within the extent
 * @first: receives the first page
 * @last: receives the last page
 *
 * That is one page, or what the extent has of a large page that was pinned as a whole.
 */
void pin_unit(const struct pin_extent *ext, unsigned long page, unsigned long *first,
	      unsigned long *last)
{
	unsigned int i = pin_find_run(ext, page);
	const struct pin_run *run = &ext->runs[i];
	unsigned long end, pfn, nr, before;

	*first = page;
	*last = page;
	if (!run->whole)
		return;
	end = i + 1 < ext->nruns ? run[1].page : ext->npages;
	pfn = run->pfn + page - run->page;
	nr = pin_large_pages(pfn_to_page(pfn));
	before = min_t(unsigned long, pfn & (nr - 1), page - run->page);
	*first = page - before;
	*last = min(end, page + nr - (pfn & (nr - 1))) - 1;
}

/**
 * pin_iter_next() - the next physically contiguous memory
 * @it: iterator
 * @chunk: receives it
 *
 * Return: false if there is no more.
 */
bool pin_iter_next(struct pin_iter *it, struct pin_chunk *chunk)
{
	const struct pin_extent *ext;
	const struct pin_seg *seg;
	unsigned long page, end;
	u64 pfn;

	if (it->seg == it->segs->n)
		return false;
	seg = &it->segs->seg[it->seg];
	ext = seg->ext;
	page = seg->first + it->page;
	end = seg->first + seg->npages;

	if (!ext->pm) {
		*chunk = (struct pin_chunk){
			.addr = (u64)(ext->va + page) << PAGE_SHIFT,
			.npages = end - page,
			.file = ext->file.file ? (struct vdpa_map_file *)&ext->file : NULL,
			.hole = ext->hole,
		};
		it->seg++;
		return true;
	}

	if (!it->page)
		it->run = pin_find_run(ext, page);
	if (it->run + 1 < ext->nruns)
		end = min_t(unsigned long, end, ext->runs[it->run + 1].page);
	pfn = ext->runs[it->run].pfn;
	*chunk = (struct pin_chunk){
		.addr = (pfn + page - ext->runs[it->run].page) << PAGE_SHIFT,
		.npages = end - page,
	};
	if (end == seg->first + seg->npages) {
		it->seg++;
		it->page = 0;
	} else {
		it->page = end - seg->first;
		it->run++;
	}
	return true;
}
