// SPDX-License-Identifier: GPL-2.0-only
/*
 * The callback of an asynchronous command gets the error of its delivery only, mlx5_cmd_check()
 * turns it and what the firmware said into an errno.
 *
 * since: 5.18, el8.8, el9.2
 * export: mlx5_cmd_check
 */
#include <linux/mlx5/driver.h>

static inline void has_mlx5_cmd_check(void)
{
	int (*fn)(struct mlx5_core_dev *dev, int err, void *in, void *out) = mlx5_cmd_check;

	(void)fn;
}
