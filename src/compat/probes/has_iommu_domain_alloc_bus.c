// SPDX-License-Identifier: GPL-2.0-only
/*
 * A domain is allocated for a bus; an error comes as NULL.
 *
 * since: until 6.12
 */
#include <linux/device.h>
#include <linux/iommu.h>

static inline void has_iommu_domain_alloc_bus(void)
{
	struct iommu_domain *domain = NULL;
	struct device *dev = NULL;

	(void)iommu_domain_alloc;
	if (dev)
		domain = iommu_domain_alloc(dev->bus);
	(void)domain;
}
