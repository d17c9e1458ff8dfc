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
	struct device dev = { .bus = NULL };

	(void)(sizeof(iommu_domain_alloc(dev.bus)));
}
