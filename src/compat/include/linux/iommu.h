/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * linux/iommu.h: domains and capabilities of a device, mapping with allocation flags.
 */
#ifndef VC_LINUX_IOMMU_H
#define VC_LINUX_IOMMU_H

#include_next <linux/iommu.h>

/*
 * VC_HAS_IOMMU_MAP_GFP: until 6.2 (el9.2) iommu_map() took no allocation flags and always
 * allocated with GFP_KERNEL. Code here maps where it may sleep.
 * Remove when nothing older is supported.
 */
#if !VC_HAS_IOMMU_MAP_GFP
static inline int vc_iommu_map(struct iommu_domain *domain, unsigned long iova, phys_addr_t paddr,
			       size_t size, int prot, gfp_t gfp)
{
	return iommu_map(domain, iova, paddr, size, prot);
}
#define iommu_map(domain, iova, paddr, size, prot, gfp) \
	vc_iommu_map(domain, iova, paddr, size, prot, gfp)
#endif

/*
 * VC_HAS_IOMMU_PAGING_DOMAIN_ALLOC: until 6.10 (el9.4) a domain belonged to a bus, and failure was
 * NULL. Remove when nothing older is supported.
 */
#if !VC_HAS_IOMMU_PAGING_DOMAIN_ALLOC
static inline struct iommu_domain *vc_iommu_paging_domain_alloc(struct device *dev)
{
	struct iommu_domain *domain = iommu_domain_alloc(dev->bus);

	return domain ?: ERR_PTR(-ENODEV);
}
#define iommu_paging_domain_alloc(dev) vc_iommu_paging_domain_alloc(dev)
#endif

/*
 * VC_HAS_DEVICE_IOMMU_CAPABLE: until 5.19 (el8.8, el9.0) capabilities belonged to a bus.
 * Remove when nothing older is supported.
 */
#if !VC_HAS_DEVICE_IOMMU_CAPABLE
static inline bool vc_device_iommu_capable(struct device *dev, enum iommu_cap cap)
{
	return dev->bus && iommu_capable(dev->bus, cap);
}
#define device_iommu_capable(dev, cap) vc_device_iommu_capable(dev, cap)
#endif

/*
 * VC_HAS_IOMMU_MSI_COOKIE: 6.1 (el9.3). Before, what reserves addresses for interrupts was declared
 * in a header of its own (VC_HAS_DMA_IOMMU_MSI_COOKIE). Remove when nothing older is supported.
 */
#if !VC_HAS_IOMMU_MSI_COOKIE
#include <linux/dma-iommu.h>
#endif

#endif /* VC_LINUX_IOMMU_H */
