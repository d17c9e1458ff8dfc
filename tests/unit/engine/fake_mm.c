// SPDX-License-Identifier: GPL-2.0-only
/* fake_mm.c - a process's memory for tests of the mapping engine; see fake_mm.h. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <linux/bug.h>
#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/wait.h>

#include "fake_mm.h"
#include "pin.h"

struct pte {
	unsigned int frame;		/* index + 1, 0: nothing is mapped */
	bool read_only;
	bool large;			/* part of a large page that is mapped as a whole */
	struct file *file;
	unsigned long pgoff;
};

struct mm_struct fake_mm;
struct task_struct fake_other = { .mm = &fake_mm };
static struct task_struct fake_task = { .mm = &fake_mm };
__thread struct task_struct *current = &fake_task;
unsigned int unit_module_refs;
void (*unit_sleep)(void);
unsigned long fake_memlock = ULONG_MAX;
bool fake_capable;
bool fake_killed;
long fake_fail_pin;
unsigned long fake_pinned;
unsigned long fake_pin_calls;
unsigned long fake_pinned_ever;
void (*fake_unpin_hook)(unsigned long pfn);
void (*fake_pin_hook)(void);
void (*fake_pinned_hook)(void);

static struct pte *ptes;
static unsigned long nptes;
static struct page *frames;
static bool *frame_used;	/* in the process */
static unsigned long nframes, next_frame;
static bool fragmented;
static LIST_HEAD(notifiers);
/* For tests with threads: everything here happens under this lock. */
static pthread_mutex_t big_lock = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static unsigned long changing_first, changing_n;
static u64 random_state = 1;

void fake_seed(u64 seed)
{
	random_state = seed * 2654435769u + 88172645463325252ull;
}

u64 fake_random(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state * 2685821657736338717ull >> 16;
}

static bool frame_free(unsigned long i)
{
	return !frame_used[i] && !frames[i].pins && !frames[i].order;
}

static struct page *head_of(struct page *page)
{
	unsigned long i = page - frames;

	return &frames[i & ~((1UL << page->order) - 1)];
}

/* Frames of a large page: one that was given up, or made of small ones. */
static unsigned long large_get(void)
{
	unsigned long i, j;

	for (i = 0; i + FAKE_LARGE <= nframes; i += FAKE_LARGE) {
		for (j = i; j < i + FAKE_LARGE; j++)
			if (frames[j].order != frames[i].order || frame_used[j] || frames[j].pins)
				break;
		if (j == i + FAKE_LARGE)
			break;
	}
	BUG_ON(i + FAKE_LARGE > nframes);
	for (j = i; j < i + FAKE_LARGE; j++) {
		frames[j].order = FAKE_LARGE_ORDER;
		frame_used[j] = true;
	}
	return i;
}

static unsigned int frame_get(void)
{
	unsigned long i = fragmented ? fake_random() % nframes : next_frame, tries;

	for (tries = 0; !frame_free(i); tries++) {
		BUG_ON(tries > nframes);
		i = (i + 1) % nframes;
	}
	frame_used[i] = true;
	next_frame = (i + 1) % nframes;
	return i + 1;
}

static void frame_leave(struct pte *pte)
{
	if (pte->frame)
		frame_used[pte->frame - 1] = false;
	pte->frame = 0;
}

void fake_mm_init(unsigned long npages, bool frag)
{
	unsigned long i;

	fragmented = frag;
	nptes = npages;
	nframes = npages < 4096 ? 32 * npages : 2 * npages;
	next_frame = 0;
	ptes = calloc(nptes, sizeof(*ptes));
	frames = calloc(nframes, sizeof(*frames));
	frame_used = calloc(nframes, sizeof(*frame_used));
	BUG_ON(!ptes || !frames || !frame_used);
	memset(&fake_mm, 0, sizeof(fake_mm));
	fake_memlock = ULONG_MAX;
	fake_capable = false;
	fake_killed = false;
	fake_fail_pin = 0;
	fake_pin_calls = 0;
	fake_pinned_ever = 0;
	for (i = 0; i < nptes; i++)
		ptes[i].frame = frame_get();
}

void fake_mm_fini(void)
{
	BUG_ON(fake_pinned || atomic64_read(&fake_mm.pinned_vm));
	BUG_ON(fake_mm.refs || fake_mm.readers || !list_empty(&notifiers));
	free(ptes);
	free(frames);
	free(frame_used);
}

unsigned long fake_frame(unsigned long page)
{
	return ptes[page].frame ? ptes[page].frame - 1 + FAKE_PFN : 0;
}

int fake_pins(unsigned long pfn)
{
	return head_of(&frames[pfn - FAKE_PFN])->pins;
}

/*
 * Notifiers
 */

static void tell(unsigned long first, unsigned long n, enum mmu_notifier_event event)
{
	struct mmu_notifier_range range = {
		.start = (FAKE_VA + first) << PAGE_SHIFT,
		.end = (FAKE_VA + first + n) << PAGE_SHIFT,
		.event = event,
	};
	struct task_struct *self = current;
	struct mmu_interval_notifier *notifier;

	current = &fake_other;
	list_for_each_entry(notifier, &notifiers, link)
		if (notifier->start < range.end && range.start < notifier->end)
			notifier->ops->invalidate(notifier, &range, 1);
	current = self;
}

int mmu_interval_notifier_insert(struct mmu_interval_notifier *notifier, struct mm_struct *mm,
				 unsigned long start, unsigned long length,
				 const struct mmu_interval_notifier_ops *ops)
{
	BUG_ON(mm != &fake_mm || !length || start + length < start);
	pthread_mutex_lock(&big_lock);
	notifier->start = start;
	notifier->end = start + length;
	notifier->ops = ops;
	list_add_tail(&notifier->link, &notifiers);
	pthread_mutex_unlock(&big_lock);
	return 0;
}

void mmu_interval_notifier_remove(struct mmu_interval_notifier *notifier)
{
	pthread_mutex_lock(&big_lock);
	list_del(&notifier->link);
	pthread_mutex_unlock(&big_lock);
}

/* Waits until the changes under way when the notifier came are over. */
unsigned long mmu_interval_read_begin(struct mmu_interval_notifier *notifier)
{
	fake_replace_end();
	return 0;
}

/*
 * Changes
 */

/* What remains of a large page is mapped in pieces. */
static void split(unsigned long first, unsigned long n)
{
	unsigned long i, end = (first + n + FAKE_LARGE - 1) & ~(FAKE_LARGE - 1);

	for (i = first & ~(FAKE_LARGE - 1); i < end && i < nptes; i++)
		ptes[i].large = false;
}

void fake_make_large(unsigned long first)
{
	unsigned long i, frame;

	BUG_ON(first % FAKE_LARGE || first + FAKE_LARGE > nptes);
	pthread_mutex_lock(&big_lock);
	tell(first, FAKE_LARGE, MMU_NOTIFY_CLEAR);
	frame = large_get();
	for (i = first; i < first + FAKE_LARGE; i++, frame++) {
		frame_leave(&ptes[i]);
		ptes[i] = (struct pte){ .frame = frame + 1, .large = true };
	}
	pthread_mutex_unlock(&big_lock);
}

static void replace_frames(unsigned long first, unsigned long n)
{
	unsigned long i;

	BUG_ON(first + n > nptes);
	split(first, n);
	for (i = first; i < first + n; i++) {
		unsigned int old = ptes[i].frame;

		/* The new frame is another one even if the old one is free. */
		ptes[i].frame = frame_get();
		if (old)
			frame_used[old - 1] = false;
	}
}

void fake_replace(unsigned long first, unsigned long n)
{
	pthread_mutex_lock(&big_lock);
	tell(first, n, MMU_NOTIFY_CLEAR);
	replace_frames(first, n);
	pthread_mutex_unlock(&big_lock);
}

void fake_replace_begin(unsigned long first, unsigned long n)
{
	tell(first, n, MMU_NOTIFY_CLEAR);
	changing_first = first;
	changing_n = n;
}

void fake_replace_end(void)
{
	if (changing_n)
		replace_frames(changing_first, changing_n);
	changing_n = 0;
}

void fake_unmap(unsigned long first, unsigned long n)
{
	unsigned long i;

	tell(first, n, MMU_NOTIFY_UNMAP);
	split(first, n);
	for (i = first; i < first + n; i++)
		frame_leave(&ptes[i]);
}

void fake_protect(unsigned long first, unsigned long n, bool writable)
{
	unsigned long i;

	tell(first, n, MMU_NOTIFY_PROTECTION_VMA);
	split(first, n);
	for (i = first; i < first + n; i++)
		ptes[i].read_only = !writable;
}

void fake_set_file(unsigned long first, unsigned long n, struct file *file, unsigned long pgoff)
{
	unsigned long i;

	for (i = 0; i < n; i++) {
		ptes[first + i].file = file;
		ptes[first + i].pgoff = pgoff + i;
	}
}

/*
 * What the engine calls
 */

static bool alike(unsigned long a, unsigned long b)
{
	const struct pte *x = &ptes[a], *y = &ptes[b];

	return !x->frame == !y->frame && x->read_only == y->read_only && x->file == y->file &&
	       (!x->file || x->pgoff + b - a == y->pgoff);
}

struct vm_area_struct *find_vma(struct mm_struct *mm, unsigned long addr)
{
	static struct vm_area_struct vma;
	unsigned long page = addr >> PAGE_SHIFT, first, end;

	BUG_ON(!mm->readers);
	page = page < FAKE_VA ? 0 : page - FAKE_VA;
	while (page < nptes && !ptes[page].frame)
		page++;
	if (page >= nptes)
		return NULL;
	for (first = page; first && alike(first - 1, first); first--)
		;
	for (end = page + 1; end < nptes && alike(end - 1, end); end++)
		;
	vma = (struct vm_area_struct){
		.vm_start = (FAKE_VA + first) << PAGE_SHIFT,
		.vm_end = (FAKE_VA + end) << PAGE_SHIFT,
		.vm_flags = VM_READ | (ptes[page].read_only ? 0 : VM_WRITE) |
			    (ptes[page].file ? VM_SHARED : 0),
		.vm_file = ptes[page].file,
		.vm_pgoff = ptes[first].pgoff,
	};
	return &vma;
}

void mmap_read_lock(struct mm_struct *mm)
{
	pthread_mutex_lock(&big_lock);
	mm->readers++;
}

void mmap_read_unlock(struct mm_struct *mm)
{
	BUG_ON(!mm->readers--);
	pthread_mutex_unlock(&big_lock);
}

static int pin_pages_now(unsigned long start, int n, unsigned int flags, struct page **pages)
{
	unsigned long first = (start >> PAGE_SHIFT) - FAKE_VA;
	int i;

	BUG_ON(start & ~PAGE_MASK || n <= 0 || fake_mm.readers);
	fake_pin_calls++;
	if (fake_fail_pin && !--fake_fail_pin)
		return -ENOMEM;
	for (i = 0; i < n; i++) {
		struct pte *pte = first + i < nptes ? &ptes[first + i] : NULL;

		if (!pte || !pte->frame || (flags & FOLL_WRITE && pte->read_only))
			return i ? i : -EFAULT;
		head_of(&frames[pte->frame - 1])->pins++;
		fake_pinned++;
		fake_pinned_ever++;
		pages[i] = &frames[pte->frame - 1];
	}
	/* Charged first, pinned then. */
	BUG_ON(fake_pinned > (unsigned long)atomic64_read(&fake_mm.pinned_vm));
	return n;
}

int pin_user_pages_fast(unsigned long start, int n, unsigned int flags, struct page **pages)
{
	int got;

	if (fake_pin_hook)
		fake_pin_hook();
	pthread_mutex_lock(&big_lock);
	got = pin_pages_now(start, n, flags, pages);
	pthread_mutex_unlock(&big_lock);
	if (fake_pinned_hook)
		fake_pinned_hook();
	return got;
}

void unpin_user_page_range_dirty_lock(struct page *page, unsigned long n, bool dirty)
{
	unsigned long i;

	pthread_mutex_lock(&big_lock);
	for (i = 0; i < n; i++) {
		struct page *head = head_of(&page[i]);
		unsigned long j;

		BUG_ON(head->pins <= 0);
		if (head->pins == 1 && fake_unpin_hook)
			for (j = 0; j < 1UL << head->order; j++)
				fake_unpin_hook(page_to_pfn(&head[j]));
		head->pins--;
		fake_pinned--;
	}
	pthread_mutex_unlock(&big_lock);
}

void unpin_user_pages(struct page **pages, unsigned long n)
{
	while (n--)
		unpin_user_page_range_dirty_lock(*pages++, 1, false);
}

unsigned long pin_large_pages(struct page *page)
{
	return 1UL << page->order;
}

/* Where the engine looks at page tables without locks. */
unsigned long pin_leaf_rest(struct mm_struct *mm, unsigned long addr, bool write,
			    unsigned long *pfn)
{
	unsigned long page = (addr >> PAGE_SHIFT) - FAKE_VA, rest = 0;

	pthread_mutex_lock(&big_lock);
	if (page < nptes && ptes[page].large && !(write && ptes[page].read_only)) {
		*pfn = fake_frame(page);
		rest = FAKE_LARGE - page % FAKE_LARGE;
	}
	pthread_mutex_unlock(&big_lock);
	return rest;
}

unsigned long page_to_pfn(struct page *page)
{
	return page - frames + FAKE_PFN;
}

struct page *pfn_to_page(unsigned long pfn)
{
	BUG_ON(pfn < FAKE_PFN || pfn >= FAKE_PFN + nframes);
	return &frames[pfn - FAKE_PFN];
}

unsigned long rlimit(unsigned int which)
{
	return fake_memlock == ULONG_MAX ? RLIM_INFINITY : fake_memlock << PAGE_SHIFT;
}

bool capable(int cap)
{
	return cap == CAP_IPC_LOCK && fake_capable;
}

bool fatal_signal_pending(struct task_struct *task)
{
	return fake_killed;
}

void mmgrab(struct mm_struct *mm)
{
	mm->refs++;
}

void mmdrop(struct mm_struct *mm)
{
	BUG_ON(!mm->refs--);
}

void schedule(void)
{
	BUG_ON(!unit_sleep);
	unit_sleep();
}
