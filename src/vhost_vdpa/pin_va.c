// SPDX-License-Identifier: GPL-2.0-only
/*
 * pin_va.c - virtual address mode: memory that is named to the parent and not pinned.
 *
 * A parent with vdpa_device.use_va gets user addresses, with the file behind them where there is
 * one (struct vdpa_map_file). What the process changes there the parent sees as well, so nothing
 * needs to be watched.
 */
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "pin.h"

static struct pin_extent *va_extent(struct vm_area_struct *vma, unsigned long va,
				    unsigned long npages, bool any_memory)
{
	bool plain = !(vma->vm_flags & (VM_IO | VM_PFNMAP));
	struct pin_extent *ext;

	ext = kzalloc(sizeof(*ext), GFP_KERNEL_ACCOUNT);
	if (!ext)
		return NULL;
	ext->va = va;
	ext->npages = npages;
	ext->users = 1;
	if (plain && vma->vm_file && (vma->vm_flags & VM_SHARED)) {
		ext->file.file = get_file(vma->vm_file);
		ext->file.offset = ((u64)vma->vm_pgoff << PAGE_SHIFT) +
				   ((u64)va << PAGE_SHIFT) - vma->vm_start;
	} else {
		ext->hole = !plain || !any_memory;
	}
	return ext;
}

/**
 * pin_va_get() - name memory of the process
 * @mm: the calling process
 * @va: page number of the first page
 * @npages: length, at least 1
 * @any_memory: the parent works in the process's address space (vdpa_config_ops.bind_mm), so any
 *	memory will do; else only shared mappings of files, the rest stays unmapped
 * @segs: where the references go; empty
 *
 * Context: sleeps, takes mmap_lock for reading.
 * Return: 0; -EINVAL if part of the range is not mapped in the process; -ENOMEM. On error nothing
 * is held.
 */
int pin_va_get(struct mm_struct *mm, unsigned long va, unsigned long npages, bool any_memory,
	       struct pin_segs *segs)
{
	unsigned long end = va + npages;
	struct vm_area_struct *vma;
	struct pin_extent *ext;
	int err = 0;

	mmap_read_lock(mm);
	while (va < end) {
		unsigned long n;

		vma = find_vma(mm, va << PAGE_SHIFT);
		if (!vma || vma->vm_start > va << PAGE_SHIFT) {
			err = -EINVAL;
			break;
		}
		n = min(end, vma->vm_end >> PAGE_SHIFT) - va;
		err = pin_segs_reserve(segs, 1);
		if (err)
			break;
		ext = va_extent(vma, va, n, any_memory);
		if (!ext) {
			err = -ENOMEM;
			break;
		}
		pin_segs_append(segs, ext, 0, n);
		va += n;
	}
	mmap_read_unlock(mm);
	/* May be the last reference to a file: not under mmap_lock. */
	if (err)
		pin_segs_put(segs);
	return err;
}

/**
 * pin_va_part() - name part of named memory by itself
 * @ext: extent
 * @first: first page of the part, within @ext
 * @npages: length
 *
 * Context: sleeps.
 * Return: extent with one user, or NULL if memory is short.
 */
struct pin_extent *pin_va_part(const struct pin_extent *ext, unsigned long first,
			       unsigned long npages)
{
	struct pin_extent *part = kzalloc(sizeof(*part), GFP_KERNEL_ACCOUNT);

	if (!part)
		return NULL;
	part->va = ext->va + first;
	part->npages = npages;
	part->users = 1;
	part->hole = ext->hole;
	if (ext->file.file) {
		part->file.file = get_file(ext->file.file);
		part->file.offset = ext->file.offset + ((u64)first << PAGE_SHIFT);
	}
	return part;
}

/**
 * pin_va_free() - forget named memory
 * @ext: extent without users; the parent does not use it any more
 */
void pin_va_free(struct pin_extent *ext)
{
	if (ext->file.file)
		fput(ext->file.file);
	kfree(ext);
}
