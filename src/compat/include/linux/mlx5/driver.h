/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * linux/mlx5/driver.h: event queues, results of asynchronous commands, auxiliary devices.
 */
#ifndef VC_LINUX_MLX5_DRIVER_H
#define VC_LINUX_MLX5_DRIVER_H

#include_next <linux/mlx5/driver.h>

/*
 * VC_HAS_MLX5_COMP_EQN_GET: until 6.5 (el9.4) all event queues exist from the beginning.
 * Remove when nothing older than 6.6 is supported.
 */
#if !VC_HAS_MLX5_COMP_EQN_GET
static inline int vc_mlx5_comp_eqn_get(struct mlx5_core_dev *dev, u16 vecidx, int *eqn)
{
	return mlx5_vector2eqn(dev, vecidx, eqn);
}
#define mlx5_comp_eqn_get vc_mlx5_comp_eqn_get
#endif

/*
 * VC_HAS_MLX5_CMD_CHECK: until 5.17 (el8.6, el9.0) the callback of an asynchronous command gets the
 * final error. Remove when nothing older than 5.18 is supported.
 */
#if !VC_HAS_MLX5_CMD_CHECK
static inline int vc_mlx5_cmd_check(struct mlx5_core_dev *dev, int err, void *in, void *out)
{
	return err;
}
#define mlx5_cmd_check vc_mlx5_cmd_check
#endif

/*
 * VC_HAS_MLX5_ADEV: until 5.10 (el8.4) mlx5_core has no auxiliary devices; see
 * linux/auxiliary_bus.h. Remove when nothing older than 5.11 is supported.
 */
#if !VC_HAS_MLX5_ADEV
#include <linux/auxiliary_bus.h>

#define MLX5_ADEV_NAME "mlx5_core"

struct mlx5_adev {
	struct auxiliary_device adev;
	struct mlx5_core_dev *mdev;
	int idx;
};
#endif

#endif /* VC_LINUX_MLX5_DRIVER_H */
