// SPDX-License-Identifier: GPL-2.0-only
/*
 * The event queue of a completion queue is a field of 32 bits.
 *
 * since: 5.13, el8.6
 */
#include <linux/mlx5/driver.h>

static inline void has_mlx5_cqc_eqn_word(struct mlx5_ifc_cqc_bits *cqc)
{
	u8 (*eqn)[32] = &cqc->c_eqn_or_apu_element;

	(void)eqn;
}
