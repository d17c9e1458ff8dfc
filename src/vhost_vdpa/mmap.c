// SPDX-License-Identifier: GPL-2.0-only
/*
 * mmap.c - doorbells: a page of the device that a client may write to notify a virtqueue.
 *
 * Everything here runs with the mm's mmap_lock held, so that the two mutexes, under which other
 * locks of a client's memory are taken, are out of the question. doorbell_lock is enough: removal
 * sets v->dead under it and takes the page out of all page tables afterwards, so that a fault
 * either comes before, and what it maps is taken out, or sees the device dead.
 */
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/nospec.h>

#include "vhost_vdpa.h"

/*
 * The doorbell of virtqueue @index. It must fill a page: userspace shall not reach the registers
 * next to it. doorbell_lock held.
 */
static int doorbell_pfn(struct vhost_vdpa *v, unsigned long index, unsigned long *pfn)
{
	struct vdpa_notification_area area;

	if (v->dead)
		return -ENODEV;
	/* Not a number for userspace, but what mainline's clients get to see. */
	if (!v->vdpa->config->get_vq_notification)
		return -ENOTSUPP;
	if (index >= v->nvqs)
		return -EINVAL;

	index = array_index_nospec(index, v->nvqs);
	area = v->vdpa->config->get_vq_notification(v->vdpa, index);
	if (!area.addr || !PAGE_ALIGNED(area.addr))
		return -EINVAL;
	if (area.size != PAGE_SIZE)
		return -ENOTSUPP;

	*pfn = PHYS_PFN(area.addr);
	return 0;
}

static vm_fault_t doorbell_fault(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	struct vhost_vdpa *v = vma->vm_file->private_data;
	vm_fault_t ret = VM_FAULT_SIGBUS;
	unsigned long pfn;

	mutex_lock(&v->doorbell_lock);
	if (!doorbell_pfn(v, vma->vm_pgoff, &pfn))
		ret = vmf_insert_pfn(vma, vmf->address & PAGE_MASK, pfn);
	mutex_unlock(&v->doorbell_lock);
	return ret;
}

static const struct vm_operations_struct doorbell_ops = {
	.fault = doorbell_fault,
};

/**
 * vhost_vdpa_mmap() - file_operations.mmap
 * @file: open node
 * @vma: one shared page at page offset N, write only: the doorbell of virtqueue N
 *
 * Reading a doorbell may have side effects, so that it can never be mapped readable, neither now
 * nor by mprotect().
 *
 * Context: process, mmap_lock held; takes doorbell_lock.
 * Return: 0; -EINVAL: not one shared, write-only page, no such virtqueue, or a doorbell that is not
 * page aligned; -ENOTSUPP: no doorbell that fills a page; -ENODEV: the device is gone.
 */
int vhost_vdpa_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct vhost_vdpa *v = file->private_data;
	unsigned long pfn;
	int r;

	if (vma->vm_end - vma->vm_start != PAGE_SIZE || !(vma->vm_flags & VM_SHARED) ||
	    (vma->vm_flags & (VM_READ | VM_EXEC)))
		return -EINVAL;

	mutex_lock(&v->doorbell_lock);
	r = doorbell_pfn(v, vma->vm_pgoff, &pfn);
	mutex_unlock(&v->doorbell_lock);
	if (r)
		return r;

	vma->vm_page_prot = pgprot_noncached(vma->vm_page_prot);
	vm_flags_mod(vma, VM_IO | VM_PFNMAP | VM_DONTEXPAND | VM_DONTDUMP,
		     VM_MAYREAD | VM_MAYEXEC);
	vma->vm_ops = &doorbell_ops;
	return 0;
}
