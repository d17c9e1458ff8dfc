// SPDX-License-Identifier: GPL-2.0-only
/*
 * A driver claims the DMA of a group of devices for a user.
 *
 * since: 5.19, el9.2
 * export: iommu_group_claim_dma_owner
 */
#include <linux/iommu.h>

static inline void has_iommu_group_dma_owner(void)
{
	int (*fn)(struct iommu_group *group, void *owner) = iommu_group_claim_dma_owner;

	(void)fn;
}
