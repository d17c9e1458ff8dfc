// SPDX-License-Identifier: GPL-2.0-only
/*
 * pin_leaf.c - large pages: how long they are, and whether a process has one mapped in one piece.
 *
 * pin_user_pages_fast() names every page of a large one. Where one entry of the page tables maps
 * all of it, the first page is enough, and that is asked here: by a look at the page tables without
 * locks, as the memory manager's own fast path and KVM do it. They are not freed while interrupts
 * are off.
 */
#include <linux/irqflags.h>
#include <linux/mm.h>

#include "pin.h"

/**
 * pin_large_pages() - how many pages the memory manager keeps together
 * @page: pinned page
 *
 * Return: number of pages, a power of two; they begin at a page frame that is a multiple of it.
 */
unsigned long pin_large_pages(struct page *page)
{
	return PageCompound(page) ? 1UL << compound_order(compound_head(page)) : 1;
}

/* Pages from @addr to the end of a mapping of 1 << @shift bytes at page frame @pfn. */
static unsigned long rest_of(unsigned long addr, unsigned int shift, unsigned long *pfn)
{
	unsigned long offset = (addr & ((1UL << shift) - 1)) >> PAGE_SHIFT;

	*pfn += offset;
	return (1UL << (shift - PAGE_SHIFT)) - offset;
}

static unsigned long walk(struct mm_struct *mm, unsigned long addr, bool write, unsigned long *pfn)
{
	pgd_t *pgdp = pgd_offset(mm, addr), pgd = READ_ONCE(*pgdp);
	p4d_t *p4dp, p4d;
	pud_t *pudp, pud;
	pmd_t pmd;

	/* Each entry is read once: the next level is where that copy says. */
	if (pgd_none(pgd))
		return 0;
	p4dp = p4d_offset_lockless(pgdp, pgd, addr);
	p4d = READ_ONCE(*p4dp);
	if (p4d_none(p4d) || !p4d_present(p4d))
		return 0;
	pudp = pud_offset_lockless(p4dp, p4d, addr);
	pud = READ_ONCE(*pudp);
	if (pud_none(pud) || !pud_present(pud))
		return 0;
	if (pud_leaf(pud)) {
		if (write && !pud_write(pud))
			return 0;
		*pfn = pud_pfn(pud);
		return rest_of(addr, PUD_SHIFT, pfn);
	}
	pmd = READ_ONCE(*pmd_offset_lockless(pudp, pud, addr));
	if (pmd_none(pmd) || !pmd_present(pmd) || !pmd_leaf(pmd) || (write && !pmd_write(pmd)))
		return 0;
	*pfn = pmd_pfn(pmd);
	return rest_of(addr, PMD_SHIFT, pfn);
}

/**
 * pin_leaf_rest() - is an address mapped by an entry for many pages?
 * @mm: the calling process
 * @addr: address in it, a multiple of PAGE_SIZE
 * @write: for writing
 * @pfn: receives the page frame that is mapped at @addr
 *
 * An answer of the moment: it may be wrong when the caller reads it.
 *
 * Context: any with interrupts enabled.
 * Return: number of pages from @addr to the end of what that entry maps; 0 if there is no such
 * entry, or it does not allow that, or page tables cannot be looked at without locks here.
 */
unsigned long pin_leaf_rest(struct mm_struct *mm, unsigned long addr, bool write,
			    unsigned long *pfn)
{
	unsigned long rest;

	/* Older and newer name of: page tables can be walked with interrupts off. */
	if (!IS_ENABLED(CONFIG_64BIT) ||
	    !(IS_ENABLED(CONFIG_HAVE_FAST_GUP) || IS_ENABLED(CONFIG_HAVE_GUP_FAST)))
		return 0;
	/* A client can ask for any address; the kernel's page tables are not ours to look at. */
	if (addr >= mm->task_size)
		return 0;
	local_irq_disable();
	rest = walk(mm, addr, write, pfn);
	local_irq_enable();
	return rest;
}
