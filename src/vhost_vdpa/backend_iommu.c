// SPDX-License-Identifier: GPL-2.0-only
/*
 * backend_iommu.c - parents without a translation of their own: translations in the domain that
 * domain.c attaches the parent's DMA device to.
 */
#include <linux/iommu.h>
#include <linux/mm.h>
#include <linux/sched.h>

#include "fault.h"
#include "space.h"

static int iommu_prot(u32 perm)
{
	int prot = IOMMU_CACHE;

	if (perm & VHOST_MAP_RO)
		prot |= IOMMU_READ;
	if (perm & VHOST_MAP_WO)
		prot |= IOMMU_WRITE;
	return prot;
}

/*
 * Takes the first @size bytes of an entry away; iommu_unmap() flushes the IOMMU's caches before it
 * returns. If that fails, part of it may be gone.
 */
static int unmap_start(struct vhost_vdpa *v, struct map_entry *e, u64 size)
{
	u64 iova = e->first << PAGE_SHIFT;

	atomic64_inc(&v->stats.dma_unmap_calls);
	if (vhost_vdpa_fault(&vhost_vdpa_faults.call))
		return -EIO;
	e->broken = iommu_unmap(v->domain, iova, size) != size;
	return e->broken ? -EIO : 0;
}

static int iommu_map_entry(struct vhost_vdpa *v, u32 asid, struct map_entry *e)
{
	u64 start = e->first << PAGE_SHIFT, iova = start;
	struct pin_chunk chunk;
	struct pin_iter it;
	int err;

	pin_iter_start(&it, &e->segs);
	while (pin_iter_next(&it, &chunk)) {
		u64 size = (u64)chunk.npages << PAGE_SHIFT;

		atomic64_inc(&v->stats.dma_map_calls);
		err = vhost_vdpa_fault(&vhost_vdpa_faults.call) ? -EIO :
		      iommu_map(v->domain, iova, chunk.addr, size, iommu_prot(e->perm),
				GFP_KERNEL_ACCOUNT);
		if (err)
			goto undo;
		iova += size;
		cond_resched();
	}
	return 0;

undo:
	e->broken = iova != start && unmap_start(v, e, iova - start);
	if (e->broken)
		dev_err_ratelimited(&v->vdpa->dev, "cannot take back a partial IOMMU mapping\n");
	return err;
}

static int iommu_unmap_entry(struct vhost_vdpa *v, u32 asid, struct map_entry *e)
{
	return unmap_start(v, e, map_entry_pages(e) << PAGE_SHIFT);
}

const struct vhost_vdpa_backend vhost_vdpa_backend_iommu = {
	.map = iommu_map_entry,
	.unmap = iommu_unmap_entry,
};
