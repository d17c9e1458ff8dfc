// SPDX-License-Identifier: GPL-2.0-only
/*
 * The reservation of addresses for interrupts in a domain is declared in a header of its own.
 *
 * since: 4.10, until 6.0, el9.2
 */
#include <linux/dma-iommu.h>

static inline void has_dma_iommu_msi_cookie(void)
{
	int (*fn)(struct iommu_domain *domain, dma_addr_t base) = iommu_get_msi_cookie;

	(void)fn;
}
