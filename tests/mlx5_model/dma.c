// SPDX-License-Identifier: GPL-2.0-only
/*
 * dma.c - from an address that the device uses to memory: through the IOMMU, if there is one, to a
 * page that a device may use.
 */
#include <linux/iommu.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>

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

/*
 * Memory that does not exist has no struct page either, at which newer kernels look before they
 * give a scatter list its DMA addresses. With "synthetic" they are given here: physical ones.
 */

static void *synthetic_alloc(struct device *dev, size_t size, dma_addr_t *dma, gfp_t gfp,
			     unsigned long attrs)
{
	void *buf = alloc_pages_exact(size, gfp | __GFP_ZERO);

	if (buf)
		*dma = virt_to_phys(buf);
	return buf;
}

static void synthetic_free(struct device *dev, size_t size, void *buf, dma_addr_t dma,
			   unsigned long attrs)
{
	free_pages_exact(buf, size);
}

static int synthetic_map_sg(struct device *dev, struct scatterlist *list, int n,
			    enum dma_data_direction dir, unsigned long attrs)
{
	struct scatterlist *sg;
	int i;

	for_each_sg(list, sg, n, i) {
		sg_dma_address(sg) = sg_phys(sg);
		sg_dma_len(sg) = sg->length;
	}
	return n;
}

static const struct dma_map_ops synthetic_ops = {
	.alloc = synthetic_alloc,
	.free = synthetic_free,
	.map_sg = synthetic_map_sg,
};

void model_dma_init(struct device *dev)
{
	if (model_synthetic && !iommu_get_domain_for_dev(dev))
		set_dma_ops(dev, &synthetic_ops);
}

void model_dma_exit(struct device *dev)
{
	if (get_dma_ops(dev) == &synthetic_ops)
		set_dma_ops(dev, NULL);
}
