/* SPDX-License-Identifier: GPL-2.0-only */
/* iommu.h: userspace stand-in for the test of domains, all of it implemented by domain_test.c. */
#ifndef UNIT_DOMAIN_IOMMU_H
#define UNIT_DOMAIN_IOMMU_H

#include <linux/err.h>
#include <linux/list.h>
#include <linux/types.h>

struct device;
struct iommu_group;

struct iommu_domain {
	unsigned long pgsize_bitmap;
	struct {
		u64 aperture_start;
		u64 aperture_end;
		bool force_aperture;
	} geometry;
};

enum iommu_resv_type {
	IOMMU_RESV_DIRECT,
	IOMMU_RESV_DIRECT_RELAXABLE,
	IOMMU_RESV_RESERVED,
	IOMMU_RESV_MSI,
	IOMMU_RESV_SW_MSI,
};

struct iommu_resv_region {
	struct list_head list;
	phys_addr_t start;
	size_t length;
	enum iommu_resv_type type;
};

#define IOMMU_CAP_CACHE_COHERENCY 0

bool device_iommu_capable(struct device *dev, int cap);
struct iommu_domain *iommu_paging_domain_alloc(struct device *dev);
int iommu_attach_device(struct iommu_domain *domain, struct device *dev);
void iommu_detach_device(struct iommu_domain *domain, struct device *dev);
void iommu_domain_free(struct iommu_domain *domain);
struct iommu_group *iommu_group_get(struct device *dev);
void iommu_group_put(struct iommu_group *group);
int iommu_get_group_resv_regions(struct iommu_group *group, struct list_head *head);
int iommu_get_msi_cookie(struct iommu_domain *domain, u64 base);

#endif
