// SPDX-License-Identifier: GPL-2.0-only
/*
 * Capabilities are asked of the IOMMU of a device, not of a bus.
 *
 * since: 6.0, el8.10, el9.2
 * export: device_iommu_capable
 */
#include <linux/iommu.h>

static inline void has_device_iommu_capable(void)
{
	bool (*fn)(struct device *dev, enum iommu_cap cap) = device_iommu_capable;

	(void)fn;
}
