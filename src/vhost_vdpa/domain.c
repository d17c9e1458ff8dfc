// SPDX-License-Identifier: GPL-2.0-only
/*
 * domain.c - the IOMMU domain of a parent without a translation of its own, and what of the
 * device's address space no client can have.
 *
 * While the node is open, the parent's DMA device is attached to a domain that holds the wanted
 * translations and nothing else. Only a device that is alone in its group can be: the IOMMU cannot
 * tell the devices of a group apart. Its driver owns the group for the DMA API, so that nobody else
 * can be given it, neither the kernel's drivers nor userspace by VFIO.
 */
#include <linux/bitops.h>
#include <linux/device.h>
#include <linux/iommu.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/msi.h>
#include <linux/slab.h>

#include "space.h"

/*
 * Addresses of the group that translate to something else, whatever the domain says: interrupts, or
 * memory that firmware uses. Without IOMMU groups there are none to ask for.
 */
static int reserved_get(struct vhost_vdpa *v, struct device *dma_dev)
{
	struct iommu_group *group = iommu_group_get(dma_dev);
	int err;

	if (!group)
		return 0;
	err = iommu_get_group_resv_regions(group, &v->reserved);
	iommu_group_put(group);
	return err;
}

static void reserved_put(struct vhost_vdpa *v)
{
	struct iommu_resv_region *r, *next;

	list_for_each_entry_safe(r, next, &v->reserved, list) {
		list_del(&r->list);
		kfree(r);
	}
}

/*
 * Where an interrupt is a write that the domain translates (arm64), the interrupt code maps it, at
 * an address that is reserved for that.
 */
static int msi_get(struct vhost_vdpa *v)
{
	struct iommu_resv_region *r;

	list_for_each_entry(r, &v->reserved, list) {
		if (r->type == IOMMU_RESV_SW_MSI)
			return iommu_get_msi_cookie(v->domain, r->start);
	}
	return 0;
}

/* Clients map whole pages of the processor, wherever they are. Known once a device is attached. */
static int check_page_size(struct vhost_vdpa *v, struct device *dma_dev)
{
	unsigned long sizes = v->domain->pgsize_bitmap;

	if (sizes && (1UL << __ffs(sizes)) <= PAGE_SIZE)
		return 0;
	dev_warn_ratelimited(&v->vdpa->dev, "the IOMMU of %s has no pages of %lu bytes, but 0x%lx\n",
			     dev_name(dma_dev), PAGE_SIZE, sizes);
	return -ENOTSUPP;
}

/**
 * vhost_vdpa_domain_open() - attach a device to an empty domain, if its parent needs that
 * @v: device
 *
 * Context: sleeps; map_lock held.
 * Return: 0; -ENOTSUPP if DMA would not be coherent with the caches, or the IOMMU only has larger
 * pages than the processor; or what the IOMMU layer returned.
 */
int vhost_vdpa_domain_open(struct vhost_vdpa *v)
{
	const struct vdpa_config_ops *ops = v->vdpa->config;
	struct device *dma_dev = vdpa_get_map(v->vdpa).dma_dev;
	int err;

	INIT_LIST_HEAD(&v->reserved);
	if (ops->set_map || ops->dma_map)
		return 0;

	if (!device_iommu_capable(dma_dev, IOMMU_CAP_CACHE_COHERENCY)) {
		dev_warn_ratelimited(&v->vdpa->dev, "%s is not behind a cache coherent IOMMU\n",
				     dev_name(dma_dev));
		return -ENOTSUPP;
	}
	/* As mainline does, where VFIO would refuse. */
	if (!msi_device_has_isolated_msi(dma_dev))
		dev_warn_once(&v->vdpa->dev,
			      "interrupts are not remapped: a client can raise any of this machine's\n");

	v->domain = iommu_paging_domain_alloc(dma_dev);
	if (IS_ERR(v->domain)) {
		err = PTR_ERR(v->domain);
		v->domain = NULL;
		return err;
	}
	err = reserved_get(v, dma_dev);
	if (!err)
		err = msi_get(v);
	if (err)
		goto err_free;
	err = iommu_attach_device(v->domain, dma_dev);
	if (err) {
		dev_warn_ratelimited(&v->vdpa->dev,
				     "%s cannot have an IOMMU domain of its own: %d%s\n",
				     dev_name(dma_dev), err,
				     err == -EINVAL ? ", is it alone in its IOMMU group?" : "");
		goto err_free;
	}
	err = check_page_size(v, dma_dev);
	if (err)
		goto err_detach;
	return 0;

err_detach:
	iommu_detach_device(v->domain, dma_dev);
err_free:
	reserved_put(v);
	iommu_domain_free(v->domain);
	v->domain = NULL;
	return err;
}

/**
 * vhost_vdpa_domain_close() - detach and free the domain
 * @v: device, just reset; what its domain still holds goes with it
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
	reserved_put(v);
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

/**
 * vhost_vdpa_domain_reserved() - whether the domain's translations would not hold in a range
 * @v: device that is open
 * @first: first IOVA
 * @last: last IOVA
 *
 * Context: map_lock held.
 * Return: true if part of it is reserved. What firmware only uses while no driver has the device is
 * not.
 */
bool vhost_vdpa_domain_reserved(const struct vhost_vdpa *v, u64 first, u64 last)
{
	const struct iommu_resv_region *r;

	list_for_each_entry(r, &v->reserved, list) {
		if (r->type == IOMMU_RESV_DIRECT_RELAXABLE || !r->length)
			continue;
		if (first <= r->start + (r->length - 1) && r->start <= last)
			return true;
	}
	return false;
}
