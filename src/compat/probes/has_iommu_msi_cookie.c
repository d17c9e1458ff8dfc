// SPDX-License-Identifier: GPL-2.0-only
/*
 * The reservation of addresses for interrupts in a domain is declared with the domains.
 *
 * since: 6.1, el9.3
 */
#include <linux/iommu.h>

static inline void has_iommu_msi_cookie(void)
{
	int (*fn)(struct iommu_domain *domain, dma_addr_t base) = iommu_get_msi_cookie;

	(void)fn;
}
