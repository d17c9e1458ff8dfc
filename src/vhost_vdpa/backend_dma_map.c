// SPDX-License-Identifier: GPL-2.0-only
/*
 * backend_dma_map.c - parents that take ranges (vdpa_config_ops.dma_map and .dma_unmap).
 */
#include <linux/mm.h>
#include <linux/sched.h>

#include "fault.h"
#include "space.h"

static int dma_unmap(struct vhost_vdpa *v, u32 asid, u64 iova, u64 size)
{
	atomic64_inc(&v->stats.dma_unmap_calls);
	if (vhost_vdpa_fault(&vhost_vdpa_faults.call))
		return -EIO;
	return v->vdpa->config->dma_unmap(v->vdpa, asid, iova, size);
}

static int dma_map_entry(struct vhost_vdpa *v, u32 asid, struct map_entry *e)
{
	u64 start = e->first << PAGE_SHIFT, iova = start;
	struct pin_chunk chunk;
	struct pin_iter it;
	int err;

	pin_iter_start(&it, &e->segs);
	while (pin_iter_next(&it, &chunk)) {
		u64 size = (u64)chunk.npages << PAGE_SHIFT;

		if (!chunk.hole) {
			atomic64_inc(&v->stats.dma_map_calls);
			err = vhost_vdpa_fault(&vhost_vdpa_faults.call) ? -EIO :
			      v->vdpa->config->dma_map(v->vdpa, asid, iova, size, chunk.addr,
						       e->perm, chunk.file);
			if (err)
				goto undo;
		}
		iova += size;
		cond_resched();
	}
	return 0;

undo:
	e->broken = iova != start && dma_unmap(v, asid, start, iova - start);
	if (e->broken)
		dev_err_ratelimited(&v->vdpa->dev, "asid %u: cannot take back a partial mapping\n",
				    asid);
	return err;
}

static int dma_unmap_entry(struct vhost_vdpa *v, u32 asid, struct map_entry *e)
{
	return dma_unmap(v, asid, e->first << PAGE_SHIFT, map_entry_pages(e) << PAGE_SHIFT);
}

const struct vhost_vdpa_backend vhost_vdpa_backend_dma_map = {
	.map = dma_map_entry,
	.unmap = dma_unmap_entry,
};
