// SPDX-License-Identifier: GPL-2.0-only
/*
 * mlx5_core tells registered interfaces of its functions.
 *
 * since: ever, until 5.10
 * export: mlx5_register_interface
 */
#include <linux/mlx5/driver.h>

static inline void has_mlx5_register_interface(void)
{
	int (*fn)(struct mlx5_interface *intf) = mlx5_register_interface;
	int protocol = MLX5_INTERFACE_PROTOCOL_VDPA;

	(void)fn;
	(void)protocol;
}
