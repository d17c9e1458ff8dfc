// SPDX-License-Identifier: GPL-2.0-only
/*
 * Capabilities are asked of the IOMMU of a bus.
 *
 * since: until 6.1, el9.2
 */
#include <linux/device.h>
#include <linux/iommu.h>

static inline void has_iommu_capable_bus(void)
{
	struct device dev = { .bus = NULL };

	(void)(sizeof(iommu_capable(dev.bus, IOMMU_CAP_CACHE_COHERENCY)));
}
