// SPDX-License-Identifier: GPL-2.0-only
/*
 * dma.c - from an address that the device uses to memory: through the IOMMU, if there is one, to a
 * page that a device may use.
 */
#include <linux/iommu.h>
#include <linux/mm.h>

#include "model.h"

/* Stands for all memory that a synthetic table names. */
static u8 nowhere[M5_PAGE] __aligned(M5_PAGE);

void *model_page(struct m5_dev *dev, u64 dma, bool write, const char **why)
{
	struct model *m = dev->priv;
	struct iommu_domain *domain = iommu_get_domain_for_dev(&m->mdev->pdev->dev);
	phys_addr_t phys = dma;
	struct page *page;

	if (domain) {
		phys = iommu_iova_to_phys(domain, dma);
		if (!phys) {
			*why = "the IOMMU does not translate it";
			return NULL;
		}
	}
	if (!pfn_valid(PHYS_PFN(phys))) {
		*why = "there is no memory";
		return model_synthetic ? nowhere + offset_in_page(phys) : NULL;
	}
	page = pfn_to_page(PHYS_PFN(phys));
	/*
	 * A kernel's pages are its own affair, and those of slabs may look like anything; a
	 * process's can go unless somebody holds them.
	 */
	if (!PageSlab(compound_head(page)) && PageAnon(page) && !m5_pinned(page)) {
		*why = "a page of a process that nobody has pinned";
		return NULL;
	}
	return page_address(page) + offset_in_page(phys);
}
