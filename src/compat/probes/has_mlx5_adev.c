// SPDX-License-Identifier: GPL-2.0-only
/*
 * mlx5_core has auxiliary devices for what its functions can do.
 *
 * since: 5.11, el8.6
 */
#include <linux/mlx5/driver.h>

static inline void has_mlx5_adev(struct mlx5_adev *madev)
{
	struct auxiliary_device *adev = &madev->adev;
	struct mlx5_core_dev **mdev = &madev->mdev;

	(void)adev;
	(void)mdev;
}
