// SPDX-License-Identifier: GPL-2.0-only
/*
 * backend_iommu.c - parents without a translation of their own: translations in the domain that
 * domain.c attaches the parent's DMA device to.
 */
#include <linux/iommu.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sizes.h>

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
 * The IOMMU is asked for at most so much at a time, and for nothing across a multiple of it: its
 * drivers do not reschedule, and if they are asked for part of a large page they take away all of
 * it, of whatever size, so that none may be larger than a piece.
 */
#define PIECE	((u64)SZ_1G)

static u64 piece(u64 iova, u64 size)
{
	return min(size, PIECE - (iova & (PIECE - 1)));
}

/* Bytes from @iova on, up to @size, that are translated as @iova is: all of them, or none. */
static u64 run_of(struct iommu_domain *domain, u64 iova, u64 size, bool *mapped)
{
	u64 n = 0;

	*mapped = iommu_iova_to_phys(domain, iova);
	do {
		n += PAGE_SIZE;
		if (!(n & (SZ_2M - 1)))
			cond_resched();
	} while (n < size && !iommu_iova_to_phys(domain, iova + n) == !*mapped);
	return n;
}

/*
 * Takes the first @size bytes of an entry away; iommu_unmap() flushes the IOMMU's caches before it
 * returns. If that fails, part of it may be gone. Where something is missing, drivers stop or
 * complain, so from then on only what is there is asked for.
 */
static int unmap_start(struct vhost_vdpa *v, struct map_entry *e, u64 size)
{
	u64 iova = e->first << PAGE_SHIFT, n, done;
	bool mapped = true;

	atomic64_inc(&v->stats.dma_unmap_calls);
	if (vhost_vdpa_fault(&vhost_vdpa_faults.call))
		return -EIO;
	for (; size; iova += n, size -= n) {
		n = piece(iova, size);
		if (e->broken)
			n = run_of(v->domain, iova, n, &mapped);
		if (mapped) {
			done = iommu_unmap(v->domain, iova, n);
			e->broken |= done != n;
			if (!done || done > n)
				return -EIO;
			n = done;
		}
		cond_resched();
	}
	e->broken = false;
	return 0;
}

static int map_chunk(struct vhost_vdpa *v, u64 iova, const struct pin_chunk *chunk, u32 perm,
		     u64 *done)
{
	u64 size = (u64)chunk->npages << PAGE_SHIFT, n;
	int err;

	for (*done = 0; *done < size; *done += n) {
		n = piece(iova + *done, size - *done);
		atomic64_inc(&v->stats.dma_map_calls);
		err = vhost_vdpa_fault(&vhost_vdpa_faults.call) ? -EIO :
		      iommu_map(v->domain, iova + *done, chunk->addr + *done, n, iommu_prot(perm),
				GFP_KERNEL_ACCOUNT);
		if (err)
			return err;
		cond_resched();
	}
	return 0;
}

/* A call of iommu_map() that fails leaves nothing of its own behind. */
static int iommu_map_entry(struct vhost_vdpa *v, u32 asid, struct map_entry *e)
{
	u64 start = e->first << PAGE_SHIFT, iova = start, done;
	struct pin_chunk chunk;
	struct pin_iter it;
	int err = 0;

	pin_iter_start(&it, &e->segs);
	while (!err && pin_iter_next(&it, &chunk)) {
		err = map_chunk(v, iova, &chunk, e->perm, &done);
		iova += done;
	}
	if (!err || iova == start)
		return err;
	e->broken = unmap_start(v, e, iova - start);
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
