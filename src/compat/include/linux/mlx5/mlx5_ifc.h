/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * linux/mlx5/mlx5_ifc.h: names of fields in commands.
 */
#ifndef VC_LINUX_MLX5_IFC_H
#define VC_LINUX_MLX5_IFC_H

#include_next <linux/mlx5/mlx5_ifc.h>

/*
 * VC_HAS_MLX5_CQC_EQN_WORD: until 5.12 (el8.4) the field had the lowest 8 bits of the same word,
 * and another name; the others were zero. Remove when nothing older than 5.13 is supported.
 */
#if !VC_HAS_MLX5_CQC_EQN_WORD
#define c_eqn_or_apu_element c_eqn
#endif

#endif /* VC_LINUX_MLX5_IFC_H */
