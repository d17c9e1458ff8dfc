// SPDX-License-Identifier: GPL-2.0-only
/*
 * The capabilities that mlx5_core keeps are allocated one by one.
 *
 * since: 5.15, el8.8
 */
#include <linux/mlx5/driver.h>

static inline void has_mlx5_caps_hca(struct mlx5_core_dev *mdev)
{
	struct mlx5_hca_cap *cap = mdev->caps.hca[0];

	(void)cap;
}
