// SPDX-License-Identifier: GPL-2.0-only
/*
 * backend_iommu.c - parents without a translation of their own: translations in the domain that
 * domain.c attaches the parent's DMA device to.
 */
#include <linux/iommu.h>
#include <linux/mm.h>
#include <linux/sched.h>

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

/* iommu_unmap() flushes the IOMMU's caches before it returns. */
static int unmap_range(struct vhost_vdpa *v, u64 iova, u64 size)
{
	atomic64_inc(&v->stats.dma_unmap_calls);
	return iommu_unmap(v->domain, iova, size) == size ? 0 : -EIO;
}

static int iommu_map_entry(struct vhost_vdpa *v, u32 asid, const struct map_entry *e)
{
	u64 start = e->first << PAGE_SHIFT, iova = start;
	struct pin_chunk chunk;
	struct pin_iter it;
	int err;

	pin_iter_start(&it, &e->segs);
	while (pin_iter_next(&it, &chunk)) {
		u64 size = (u64)chunk.npages << PAGE_SHIFT;

		atomic64_inc(&v->stats.dma_map_calls);
		err = iommu_map(v->domain, iova, chunk.addr, size, iommu_prot(e->perm),
				GFP_KERNEL_ACCOUNT);
		if (err)
			goto undo;
		iova += size;
		cond_resched();
	}
	return 0;

undo:
	if (iova != start && unmap_range(v, start, iova - start))
		dev_err_ratelimited(&v->dev, "cannot take back a partial IOMMU mapping\n");
	return err;
}

static int iommu_unmap_entry(struct vhost_vdpa *v, u32 asid, const struct map_entry *e)
{
	return unmap_range(v, e->first << PAGE_SHIFT, map_entry_pages(e) << PAGE_SHIFT);
}

const struct vhost_vdpa_backend vhost_vdpa_backend_iommu = {
	.map = iommu_map_entry,
	.unmap = iommu_unmap_entry,
};
