// SPDX-License-Identifier: GPL-2.0-only
/*
 * Completion event queues of mlx5_core are made when they are asked for.
 *
 * since: 6.6, el9.6
 * export: mlx5_comp_eqn_get
 */
#include <linux/mlx5/driver.h>

static inline void has_mlx5_comp_eqn_get(void)
{
	int (*fn)(struct mlx5_core_dev *dev, u16 vecidx, int *eqn) = mlx5_comp_eqn_get;

	(void)fn;
}
