// SPDX-License-Identifier: GPL-2.0-only
/*
 * Completion event queues of mlx5_core all exist and are found by their vector.
 *
 * since: 5.10, el8.6
 * export: mlx5_vector2eqn
 */
#include <linux/mlx5/driver.h>

static inline void has_mlx5_vector2eqn(void)
{
	int (*fn)(struct mlx5_core_dev *dev, int vector, int *eqn) = mlx5_vector2eqn;

	(void)fn;
}
