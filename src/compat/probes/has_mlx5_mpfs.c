// SPDX-License-Identifier: GPL-2.0-only
/*
 * The addresses that the embedded switch of a physical function lets through can be set.
 *
 * since: 5.10, el8.6
 */
#include <linux/mlx5/driver.h>
#include <linux/mlx5/mpfs.h>

static inline void has_mlx5_mpfs(void)
{
	struct mlx5_core_dev *dev = NULL;
	u8 mac[6] = {};

	/* A constant address would do as well. */
	(void)sizeof(mlx5_mpfs_add_mac(dev, mac));
	(void)sizeof(mlx5_mpfs_del_mac(dev, mac));
}
