// SPDX-License-Identifier: GPL-2.0-only
/*
 * iommu_map() takes no allocation flags.
 *
 * since: until 6.2
 */
#include <linux/iommu.h>

static inline void has_iommu_map_plain(void)
{
	int (*fn)(struct iommu_domain *domain, unsigned long iova, phys_addr_t paddr,
		  size_t size, int prot) = iommu_map;

	(void)fn;
}
