/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fake_mm.h - a process's memory for tests of the mapping engine.
 *
 * One process with an arena of pages that begins at page number FAKE_VA. Each page that is mapped
 * has a frame. A large page has several, which share their pins. Frames count their pins; a frame
 * that leaves the process is used again only when nobody has it pinned. Whoever changes the arena
 * tells the interval notifiers, as the kernel does.
 */
#ifndef FAKE_MM_H
#define FAKE_MM_H

#include <linux/mm.h>
#include <linux/mmu_notifier.h>

#define FAKE_VA		0x100000UL	/* page number of the arena's first page */
#define FAKE_PFN	0x10000UL	/* number of the first frame */
#define FAKE_LARGE	8UL		/* pages of a large one */
#define FAKE_LARGE_ORDER	3

extern struct mm_struct fake_mm;
extern struct task_struct fake_other;	/* another thread of the process */
extern unsigned long fake_memlock;	/* RLIMIT_MEMLOCK in pages, ULONG_MAX: no limit */
extern bool fake_capable;		/* CAP_IPC_LOCK */
extern bool fake_killed;		/* a fatal signal is pending */
extern long fake_fail_pin;		/* the n-th call that pins fails; 0: none */
extern unsigned long fake_pinned;	/* pins of all frames; one of a large page counts once */
extern unsigned long fake_pin_calls;
extern unsigned long fake_pinned_ever;	/* pages ever pinned */

/* Called before a frame loses its last pin. */
extern void (*fake_unpin_hook)(unsigned long pfn);
/* Called at the beginning of each call that pins, outside all locks. */
extern void (*fake_pin_hook)(void);
/* The same at the end. */
extern void (*fake_pinned_hook)(void);

void fake_mm_init(unsigned long npages, bool fragmented);
void fake_mm_fini(void);

unsigned long fake_frame(unsigned long page);	/* page of the arena to frame; 0 if not mapped */
int fake_pins(unsigned long pfn);
void fake_replace(unsigned long first, unsigned long n);
void fake_unmap(unsigned long first, unsigned long n);
void fake_protect(unsigned long first, unsigned long n, bool writable);
/* Replaces pages by a large one, mapped as a whole until part of it changes. */
void fake_make_large(unsigned long first);
void fake_set_file(unsigned long first, unsigned long n, struct file *file, unsigned long pgoff);
/* Begins to replace pages; that ends when somebody waits for it, or with fake_replace_end(). */
void fake_replace_begin(unsigned long first, unsigned long n);
void fake_replace_end(void);

u64 fake_random(void);
void fake_seed(u64 seed);

#endif
