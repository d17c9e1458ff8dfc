// SPDX-License-Identifier: GPL-2.0-only
/*
 * iommu_map() takes allocation flags.
 *
 * since: 6.3, el9.4
 */
#include <linux/iommu.h>

static inline void has_iommu_map_gfp(void)
{
	int (*fn)(struct iommu_domain *domain, unsigned long iova, phys_addr_t paddr,
		  size_t size, int prot, gfp_t gfp) = iommu_map;

	(void)fn;
}
