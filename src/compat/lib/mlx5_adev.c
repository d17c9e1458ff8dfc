// SPDX-License-Identifier: GPL-2.0-only
/*
 * mlx5_adev.c - an auxiliary driver for vnet devices on kernels where mlx5_core has an interface
 * for each purpose instead; see src/compat/include/linux/auxiliary_bus.h.
 *
 * mlx5_core serialises the calls.
 */
#include <linux/mlx5/driver.h>
#include <linux/slab.h>

#if !VC_HAS_MLX5_ADEV
/* The driver; set while the interface is registered. */
static struct auxiliary_driver *the_driver;

static void *add(struct mlx5_core_dev *mdev)
{
	struct mlx5_adev *madev = kzalloc(sizeof(*madev), GFP_KERNEL);

	if (!madev)
		return NULL;
	madev->mdev = mdev;
	madev->adev.name = "vnet";
	madev->adev.dev.parent = mdev->device;
	if (!the_driver->probe(&madev->adev, the_driver->id_table))
		return madev;
	kfree(madev);
	return NULL;
}

static void remove(struct mlx5_core_dev *mdev, void *context)
{
	struct mlx5_adev *madev = context;

	the_driver->remove(&madev->adev);
	kfree(madev);
}

static struct mlx5_interface interface = {
	.add = add,
	.remove = remove,
	.protocol = MLX5_INTERFACE_PROTOCOL_VDPA,
};

int auxiliary_driver_register(struct auxiliary_driver *driver)
{
	int err;

	the_driver = driver;
	err = mlx5_register_interface(&interface);
	if (err)
		the_driver = NULL;
	return err;
}

void auxiliary_driver_unregister(struct auxiliary_driver *driver)
{
	mlx5_unregister_interface(&interface);
	the_driver = NULL;
}
#endif
