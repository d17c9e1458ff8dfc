// SPDX-License-Identifier: GPL-2.0-only
/*
 * A domain is allocated for a device; errors come as ERR_PTR.
 *
 * since: 6.11, el9.6
 */
#include <linux/iommu.h>

static inline void has_iommu_paging_domain_alloc(void)
{
	struct iommu_domain *(*fn)(struct device *dev) = iommu_paging_domain_alloc;

	(void)fn;
}
