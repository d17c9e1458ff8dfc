// SPDX-License-Identifier: GPL-2.0-only
/*
 * The event queue of a completion queue is a field of 8 bits.
 *
 * since: ever, until 5.12
 */
#include <linux/mlx5/driver.h>

static inline void has_mlx5_cqc_eqn_byte(struct mlx5_ifc_cqc_bits *cqc)
{
	u8 (*eqn)[8] = &cqc->c_eqn;

	(void)eqn;
}
