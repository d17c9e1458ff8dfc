/* SPDX-License-Identifier: GPL-2.0-only */
/* iommu.h: userspace stand-in for tests of the mapping engine. */
#ifndef UNIT_ENGINE_IOMMU_H
#define UNIT_ENGINE_IOMMU_H

#include <linux/err.h>
#include <linux/list.h>
#include <linux/types.h>

struct device;

struct iommu_domain {
	unsigned long pgsize_bitmap;
	struct {
		u64 aperture_start;
		u64 aperture_end;
		bool force_aperture;
	} geometry;
	struct device *dev;
};

#define IOMMU_READ 1
#define IOMMU_WRITE 2
#define IOMMU_CACHE 4
#define IOMMU_CAP_CACHE_COHERENCY 0

/* No group, so nothing is reserved. */
struct iommu_group;

enum iommu_resv_type {
	IOMMU_RESV_DIRECT,
	IOMMU_RESV_DIRECT_RELAXABLE,
	IOMMU_RESV_SW_MSI,
};

struct iommu_resv_region {
	struct list_head list;
	phys_addr_t start;
	size_t length;
	enum iommu_resv_type type;
};

static inline struct iommu_group *iommu_group_get(struct device *dev)
{
	return NULL;
}

static inline void iommu_group_put(struct iommu_group *group)
{
}

static inline int iommu_get_group_resv_regions(struct iommu_group *group, struct list_head *head)
{
	return 0;
}

static inline int iommu_get_msi_cookie(struct iommu_domain *domain, u64 base)
{
	return 0;
}

/* Implemented by ../../fake_parent.c. */
bool device_iommu_capable(struct device *dev, int cap);
struct iommu_domain *iommu_paging_domain_alloc(struct device *dev);
int iommu_attach_device(struct iommu_domain *domain, struct device *dev);
void iommu_detach_device(struct iommu_domain *domain, struct device *dev);
void iommu_domain_free(struct iommu_domain *domain);
int iommu_map(struct iommu_domain *domain, unsigned long iova, phys_addr_t paddr, size_t size,
	      int prot, gfp_t gfp);
size_t iommu_unmap(struct iommu_domain *domain, unsigned long iova, size_t size);
phys_addr_t iommu_iova_to_phys(struct iommu_domain *domain, u64 iova);

#endif
