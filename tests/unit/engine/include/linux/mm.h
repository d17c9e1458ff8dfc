/* SPDX-License-Identifier: GPL-2.0-only */
/* mm.h: userspace stand-in for tests of the mapping engine. */
#ifndef UNIT_ENGINE_MM_H
#define UNIT_ENGINE_MM_H

#include_next <linux/mm.h>
#include <linux/atomic.h>
#include <linux/fs.h>
#include <linux/sched.h>

/* Implemented by ../../fake_mm.c. */
typedef unsigned long vm_flags_t;

struct page {
	int pins;		/* of a large page: only in its first */
	unsigned char order;	/* of the large page that it is part of */
};

struct vm_area_struct {
	unsigned long vm_start;
	unsigned long vm_end;
	unsigned long vm_flags;
	unsigned long vm_pgoff;
	struct file *vm_file;
};

struct mm_struct {
	atomic64_t pinned_vm;
	int refs;
	int readers;
};

#define VM_READ 1UL
#define VM_WRITE 2UL
#define VM_SHARED 8UL
#define VM_PFNMAP 0x400UL
#define VM_IO 0x4000UL
#define FOLL_WRITE 1u
#define FOLL_LONGTERM 0x100u
#define RLIMIT_MEMLOCK 8
#define RLIM_INFINITY (~0UL)

unsigned long rlimit(unsigned int which);
struct vm_area_struct *find_vma(struct mm_struct *mm, unsigned long addr);
void mmap_read_lock(struct mm_struct *mm);
void mmap_read_unlock(struct mm_struct *mm);
int pin_user_pages_fast(unsigned long start, int n, unsigned int flags, struct page **pages);
void unpin_user_page_range_dirty_lock(struct page *page, unsigned long n, bool dirty);
void unpin_user_pages(struct page **pages, unsigned long n);
unsigned long page_to_pfn(struct page *page);
struct page *pfn_to_page(unsigned long pfn);

#endif
