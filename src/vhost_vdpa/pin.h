/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pin.h - pinned memory of a process, shared by its vhost-vdpa files.
 *
 * An *extent* is memory that was pinned in one go: an interval of user addresses and the physical
 * runs behind it, which never change. Who uses which part of it does change, page by page, so an
 * extent is divided into *pieces* (pin_piece.h), each with a use count. A piece that nobody uses is
 * unpinned at once; to keep memory pinned for later means to keep a reference (see park.c).
 *
 * A *segment* is such a reference: (extent, first page, number of pages). Tables of address spaces
 * hold arrays of segments; two table entries map the same memory exactly if their segments are
 * equal.
 *
 * The registry (struct pin_mm) of a process finds fresh pieces by user address. A piece is fresh
 * until the process changes what lies at its address; from then on it serves those who hold it
 * and nobody else.
 *
 * Everything here counts in pages of PAGE_SIZE; "page number" of a user address is
 * address >> PAGE_SHIFT.
 */
#ifndef VHOST_VDPA_PIN_H
#define VHOST_VDPA_PIN_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/rbtree.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/vdpa.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

struct mm_struct;
struct page;
struct pin_watch;
struct task_struct;

/* Longest extent, as a power of two of its number of pages: 16 GiB in pages of 4 KiB. */
#define PIN_PAGE_BITS		22
#define PIN_PFN_BITS		(63 - PIN_PAGE_BITS)

/**
 * struct pin_run - physically contiguous pages of an extent
 * @pfn: page frame of the first page
 * @whole: large pages that the process had mapped as a whole. Each has one pin, which keeps all of
 *	it in place; what of it lies in the run is its *unit*. Else each page has a pin of its own
 * @page: number of the first page within the extent; the run ends where the next one starts
 *
 * There may be one for each page, so all share a word: PIN_PAGE_BITS are enough for any page of an
 * extent, and the rest for any page frame.
 */
struct pin_run {
	u64 pfn : PIN_PFN_BITS;
	u64 whole : 1;
	u64 page : PIN_PAGE_BITS;
};

/**
 * struct pin_extent - memory that was pinned in one go, or (virtual address mode) only named
 * @pm: registry; NULL in virtual address mode
 * @va: page number of the first page in the process
 * @npages: length
 * @write: pinned for writing
 * @device_writes: some mapping let a device write; pages are then dirtied when unpinned. pm->lock
 * @pending: being pinned outside pm->lock by @pinner; not usable yet. pm->lock
 * @pinner: task that pins; what it does to its own page tables meanwhile is not a change
 * @nruns: entries of @runs
 * @runs: physical runs in order of @page; NULL in virtual address mode
 * @pieces: struct pin_piece by page number; see pin_piece.h. pm->lock
 * @watch: notification of changes at these addresses (pin_watch.c); NULL if there is none
 * @stale_first: first page changed since pin_settle() looked. pm->stale_lock
 * @stale_last: last page changed since. pm->stale_lock
 * @stale_link: in pm->stale if there are such pages. pm->stale_lock
 * @hole: virtual address mode: the parent cannot use this memory, it stays unmapped
 * @users: pinned memory: calls that still read @runs. pm->lock. Virtual address mode: number of
 *	segments, all of one file. Its map_lock
 * @file: virtual address mode: the file behind the addresses, for the parent
 */
struct pin_extent {
	struct pin_mm *pm;
	unsigned long va;
	unsigned long npages;
	bool write;
	bool device_writes;
	bool pending;
	struct task_struct *pinner;
	unsigned int nruns;
	struct pin_run *runs;
	struct rb_root pieces;
	struct pin_watch *watch;
	unsigned long stale_first;
	unsigned long stale_last;
	struct list_head stale_link;
	bool hole;
	unsigned int users;
	struct vdpa_map_file file;
};

/**
 * struct pin_seg - reference to part of an extent
 * @ext: extent
 * @first: first page within the extent
 * @npages: length
 * @start: pages of the array's segments before this one; set by pin_segs_append()
 */
struct pin_seg {
	struct pin_extent *ext;
	unsigned long first;
	unsigned long npages;
	unsigned long start;
};

/**
 * struct pin_segs - growing array of segments
 * @seg: segments in order of address, neighbours in one extent merged
 * @n: used entries
 * @cap: allocated entries
 */
struct pin_segs {
	struct pin_seg *seg;
	unsigned int n;
	unsigned int cap;
};

/**
 * struct pin_user - a vhost-vdpa file that takes part in a registry
 * @link: in pm->users
 * @changed: memory that this user may hold without wanting it has changed; called under pm->lock
 *	from a work item, must not sleep for long
 * @hold: keep this structure alive until shed() has run; called under pm->lock, must not sleep
 * @shed: give up what is held but not wanted, if that is possible now, and what hold() took. Called
 *	without locks, also after pin_mm_leave()
 * @round: last round of shedding that called it. pm->lock
 */
struct pin_user {
	struct list_head link;
	void (*changed)(struct pin_user *user);
	void (*hold)(struct pin_user *user);
	void (*shed)(struct pin_user *user);
	u64 round;
};

/**
 * struct pin_mm - the pin registry of a process
 * @mm: the process (mmgrab reference)
 * @shared: found by the other files of the process, and memory in it by user address
 * @refs: files that use it. pin_mms_lock
 * @link: in the list of registries, if @shared
 * @lock: protects the trees, the extents' pieces and @users; sleeps, taken inside map_lock
 * @fresh: fresh pieces by user page number, never overlapping: [1] pinned for writing, [0] not
 * @users: files that use it
 * @round: number of the last round of shedding. @lock
 * @waitq: woken when a pending extent is done
 * @stale_lock: protects @stale and the extents' stale ranges; taken by the notifier
 * @stale: extents with changes that pin_settle() has not seen
 * @stale_work: settles, and tells @users
 * @charged: pages charged to the process
 * @pinned: pages pinned; never more than @charged, and the same when no request is under way
 */
struct pin_mm {
	struct mm_struct *mm;
	bool shared;
	unsigned int refs;
	struct list_head link;
	struct mutex lock;
	struct rb_root fresh[2];
	struct list_head users;
	u64 round;
	wait_queue_head_t waitq;
	spinlock_t stale_lock;
	struct list_head stale;
	struct work_struct stale_work;
	atomic_long_t charged;
	atomic_long_t pinned;
};

/**
 * struct pin_count - what a request cost, in pages
 * @pinned: pages newly pinned
 * @reused: pages that were pinned already
 */
struct pin_count {
	u64 pinned;
	u64 reused;
};

/* Registries (pin_mm.c). */
struct pin_mm *pin_mm_get(struct mm_struct *mm, bool shared);
void pin_mm_hold(struct pin_mm *pm);
void pin_mm_put(struct pin_mm *pm);
void pin_mm_join(struct pin_mm *pm, struct pin_user *user);
void pin_mm_leave(struct pin_mm *pm, struct pin_user *user);
void pin_settle(struct pin_mm *pm);
void pin_note_change(struct pin_extent *ext, unsigned long first, unsigned long last);

/* Segments (pin.c, pin_segs.c). */
int pin_get(struct pin_mm *pm, unsigned long va, unsigned long npages, bool write,
	    struct pin_segs *segs, struct pin_count *count);
void pin_ref(const struct pin_seg *seg);
u64 pin_put(const struct pin_seg *seg);
bool pin_seg_fresh(const struct pin_seg *seg, unsigned long *first, unsigned long *npages);
bool pin_seg_same(const struct pin_seg *a, unsigned long page_a, const struct pin_seg *b,
		  unsigned long page_b);

int pin_segs_reserve(struct pin_segs *segs, unsigned int more);
void pin_segs_append(struct pin_segs *segs, struct pin_extent *ext, unsigned long first,
		     unsigned long npages);
unsigned int pin_segs_find(const struct pin_segs *segs, unsigned long page);
int pin_segs_copy(struct pin_segs *to, const struct pin_segs *from, unsigned long first,
		  unsigned long npages);
u64 pin_segs_put(struct pin_segs *segs);

/**
 * struct pin_iter - walk over the physical runs of segments
 * @segs: what is walked
 * @seg: index of the current segment
 * @page: next page, within that segment
 * @run: index of the run that holds it
 */
struct pin_iter {
	const struct pin_segs *segs;
	unsigned int seg;
	unsigned long page;
	unsigned int run;
};

/**
 * struct pin_chunk - what a step of the walk yields
 * @addr: physical address, or user address in virtual address mode
 * @npages: length
 * @file: virtual address mode: the file behind, if any; else NULL
 * @hole: virtual address mode: nothing to map here
 */
struct pin_chunk {
	u64 addr;
	unsigned long npages;
	struct vdpa_map_file *file;
	bool hole;
};

unsigned int pin_find_run(const struct pin_extent *ext, unsigned long page);
void pin_unit(const struct pin_extent *ext, unsigned long page, unsigned long *first,
	      unsigned long *last);
void pin_iter_start(struct pin_iter *it, const struct pin_segs *segs);
bool pin_iter_next(struct pin_iter *it, struct pin_chunk *chunk);

/* Virtual address mode (pin_va.c). */
int pin_va_get(struct mm_struct *mm, unsigned long va, unsigned long npages, bool any_memory,
	       struct pin_segs *segs);
struct pin_extent *pin_va_part(const struct pin_extent *ext, unsigned long first,
			       unsigned long npages);
void pin_va_free(struct pin_extent *ext);

/* The memory manager's side (pin_gup.c, pin_leaf.c). */
int pin_charge(struct pin_mm *pm, unsigned long npages);
void pin_uncharge(struct pin_mm *pm, unsigned long npages);
long pin_pages(struct pin_extent *ext, bool write, bool *wrote);
void pin_unpin(struct pin_extent *ext, unsigned long first, unsigned long npages);
bool pin_vma_allows(struct mm_struct *mm, unsigned long va, unsigned long npages, bool write);
unsigned long pin_large_pages(struct page *page);
unsigned long pin_leaf_rest(struct mm_struct *mm, unsigned long addr, bool write,
			    unsigned long *pfn);

/* Changes of the process's memory (pin_watch.c). */
int pin_watch_add(struct pin_extent *ext);
void pin_watch_del(struct pin_extent *ext);

#endif /* VHOST_VDPA_PIN_H */
