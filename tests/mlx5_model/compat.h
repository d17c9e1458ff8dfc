/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * compat.h - where the kernels' mlx5 headers differ in what the model provides.
 *
 * Included by model.h only. The facts come from src/compat/probes.
 */
#ifndef M5_COMPAT_H
#define M5_COMPAT_H

#include <linux/dma-mapping.h>
#include <linux/mm.h>
#if __has_include(<linux/dma-map-ops.h>)
#include <linux/dma-map-ops.h>
#endif
#include <linux/mlx5/driver.h>

/* Whether somebody has pinned the page; older kernels have no folios to ask about. */
static inline bool m5_pinned(struct page *page)
{
#ifdef page_folio
	return folio_maybe_dma_pinned(page_folio(page));
#else
	return page_maybe_dma_pinned(page);
#endif
}

/* Current capabilities of kind @type, and room for them; both forms hold the same bits. */
#if VC_HAS_MLX5_CAPS_HCA
#define m5_caps_cur(mdev, type)	((mdev)->caps.hca[type]->cur)
#define m5_caps_max(mdev, type)	((mdev)->caps.hca[type]->max)
#define m5_caps_alloc(mdev, type) \
	((mdev)->caps.hca[type] = kvzalloc(sizeof(struct mlx5_hca_cap), GFP_KERNEL))
#define m5_caps_free(mdev, type)	kvfree((mdev)->caps.hca[type])
#else
#define m5_caps_cur(mdev, type)	((mdev)->caps.hca_cur[type])
#define m5_caps_max(mdev, type)	((mdev)->caps.hca_max[type])
#define m5_caps_alloc(mdev, type)	true
#define m5_caps_free(mdev, type)	do { } while (0)
#endif

/* The number in the names of its auxiliary devices, where there are any. */
#if VC_HAS_MLX5_ADEV
#define m5_set_adev_idx(mdev, n)	((mdev)->priv.adev_idx = (n))
#else
#define m5_set_adev_idx(mdev, n)	do { } while (0)
#endif

#endif /* M5_COMPAT_H */
