/* SPDX-License-Identifier: GPL-2.0-only */
/* dma-mapping.h: userspace stand-in for the test of vp_vdpa. */
#ifndef UNIT_VP_DMA_MAPPING_H
#define UNIT_VP_DMA_MAPPING_H

#include <linux/types.h>

struct device;

#define DMA_BIT_MASK(n) ((n) == 64 ? ~0ULL : (1ULL << (n)) - 1)

static inline int dma_set_mask_and_coherent(struct device *dev, u64 mask)
{
	return 0;
}

#endif
