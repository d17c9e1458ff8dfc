// SPDX-License-Identifier: GPL-2.0-only
/*
 * A driver claims the DMA of one device for a user.
 *
 * since: 6.2, el9.4
 * export: iommu_device_claim_dma_owner
 */
#include <linux/iommu.h>

static inline void has_iommu_device_dma_owner(void)
{
	int (*fn)(struct device *dev, void *owner) = iommu_device_claim_dma_owner;

	(void)fn;
}
