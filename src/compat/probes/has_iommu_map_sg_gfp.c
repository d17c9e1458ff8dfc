// SPDX-License-Identifier: GPL-2.0-only
/*
 * iommu_map_sg() takes allocation flags and returns a signed size.
 *
 * since: 6.3, el9.4
 */
#include <linux/iommu.h>

static inline void has_iommu_map_sg_gfp(void)
{
	ssize_t (*fn)(struct iommu_domain *domain, unsigned long iova, struct scatterlist *sg,
		      unsigned int nents, int prot, gfp_t gfp) = iommu_map_sg;

	(void)fn;
}
