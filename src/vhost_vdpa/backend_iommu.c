// SPDX-License-Identifier: GPL-2.0-only
/*
 * backend_iommu.c - parents without a translation of their own: the platform's IOMMU.
 *
 * While the node is open, the parent's DMA device is attached to a domain that holds the wanted
 * translations and nothing else.
 */
#include <linux/device.h>
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

/**
 * vhost_vdpa_domain_open() - attach a device to an empty domain, if its parent needs that
 * @v: device
 *
 * Context: sleeps; map_lock held.
 * Return: 0; -ENOTSUPP if DMA would not be coherent with the caches, or what the IOMMU layer
 * returned.
 */
int vhost_vdpa_domain_open(struct vhost_vdpa *v)
{
	const struct vdpa_config_ops *ops = v->vdpa->config;
	struct device *dma_dev = vdpa_get_map(v->vdpa).dma_dev;
	struct iommu_domain *domain;
	int err;

	if (ops->set_map || ops->dma_map)
		return 0;

	if (!device_iommu_capable(dma_dev, IOMMU_CAP_CACHE_COHERENCY)) {
		dev_warn_once(&v->dev, "%s is not behind a cache coherent IOMMU\n",
			      dev_name(dma_dev));
		return -ENOTSUPP;
	}
	domain = iommu_paging_domain_alloc(dma_dev);
	if (IS_ERR(domain))
		return PTR_ERR(domain);
	err = iommu_attach_device(domain, dma_dev);
	if (err) {
		iommu_domain_free(domain);
		return err;
	}
	v->domain = domain;
	return 0;
}

/**
 * vhost_vdpa_domain_close() - detach and free the domain
 * @v: device; its domain holds no translation any more
 *
 * Context: sleeps; map_lock held.
 */
void vhost_vdpa_domain_close(struct vhost_vdpa *v)
{
	if (!v->domain)
		return;
	iommu_detach_device(v->domain, vdpa_get_map(v->vdpa).dma_dev);
	iommu_domain_free(v->domain);
	v->domain = NULL;
}

/**
 * vhost_vdpa_domain_range() - what the IOMMU can translate
 * @v: device
 *
 * Return: first and last IOVA; everything, if there is no domain or it has no bounds.
 */
struct vdpa_iova_range vhost_vdpa_domain_range(const struct vhost_vdpa *v)
{
	struct vdpa_iova_range range = { .first = 0, .last = U64_MAX };

	if (v->domain && v->domain->geometry.force_aperture) {
		range.first = v->domain->geometry.aperture_start;
		range.last = v->domain->geometry.aperture_end;
	}
	return range;
}
