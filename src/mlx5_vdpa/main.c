// SPDX-License-Identifier: GPL-2.0-only
/*
 * main.c - which functions are offered: three ways to learn of them, one to attach.
 *
 *   vnet	where mlx5_core was built for it (CONFIG_MLX5_VDPA_NET), it has an auxiliary device
 *		mlx5_core.vnet for each function that can be used, switched on by devlink
 *		(enable_vnet). On kernels before auxiliary devices, its own interface takes this
 *		place; a shim makes that look the same.
 *   siblings	elsewhere, functions are found by their other auxiliary devices, mlx5_core.eth and
 *		mlx5_core.rdma. They are only looked at, whatever driver they have, and are gone
 *		when the function is. The bus tells of them: a function is attached when the first
 *		is added, and detached when any is removed. The parameter "functions" takes the
 *		place of enable_vnet.
 *
 * No device is created for a function in the second way: that would make the bus tell of it, within
 * its telling of another.
 */
#include <linux/auxiliary_bus.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/suspend.h>

#include "mlx5_vdpa.h"

static bool persist_mapping = true;
module_param(persist_mapping, bool, 0444);
MODULE_PARM_DESC(persist_mapping,
		 "Mappings outlive a reset. N: cleared at every reset, as by old kernels. Default Y");

static int max_iotlb_entries;
module_param(max_iotlb_entries, int, 0444);
MODULE_PARM_DESC(max_iotlb_entries,
		 "Most translations in an address space, 0 for no limit, else at least 2. Default 0");

static char *functions = "all";
module_param(functions, charp, 0444);
MODULE_PARM_DESC(functions,
		 "Functions to offer where devlink has no enable_vnet: all, none, or names as in /sys/bus/pci/devices, separated by commas. Default all");

bool mlx5v_persists(void)
{
	return persist_mapping;
}

int mlx5v_iotlb_limit(void)
{
	return max_iotlb_entries;
}

/*
 * Attaching
 */

static DEFINE_MUTEX(funcs_lock);

/* Functions that are offered. funcs_lock */
static LIST_HEAD(funcs);

static struct mlx5v_func *find_func(const struct mlx5_core_dev *mdev)
{
	struct mlx5v_func *func;

	list_for_each_entry(func, &funcs, node)
		if (func->mdev == mdev)
			return func;
	return NULL;
}

/* What mlx5_core itself asks before it makes a vnet device. */
static bool can_emulate(struct mlx5_core_dev *mdev)
{
	return !mlx5_core_is_pf(mdev) &&
	       MLX5_CAP_GEN_64(mdev, general_obj_types) & BIT_ULL(MLX5V_OBJ_VIRTIO_NET_Q) &&
	       MLX5_CAP_DEV_VDPA_EMULATION(mdev, event_mode) & MLX5V_EVENT_QP &&
	       MLX5_CAP_DEV_VDPA_EMULATION(mdev, eth_frame_offload_type);
}

/* It is no error if the function is attached already. */
static int attach(struct mlx5_core_dev *mdev)
{
	struct mlx5v_func *func;
	int err = 0;

	if (!can_emulate(mdev))
		return -ENODEV;
	mutex_lock(&funcs_lock);
	if (!find_func(mdev)) {
		func = mlx5v_func_create(mdev);
		if (IS_ERR(func))
			err = PTR_ERR(func);
		else
			list_add_tail(&func->node, &funcs);
	}
	mutex_unlock(&funcs_lock);
	if (err && err != -EOPNOTSUPP)
		dev_err(mdev->device, "cannot be offered for vDPA: %d\n", err);
	return err;
}

static void detach(struct mlx5_core_dev *mdev)
{
	struct mlx5v_func *func;

	mutex_lock(&funcs_lock);
	func = find_func(mdev);
	if (func) {
		list_del(&func->node);
		mlx5v_func_destroy(func);
	}
	mutex_unlock(&funcs_lock);
}

static void detach_all(void)
{
	struct mlx5v_func *func, *next;

	mutex_lock(&funcs_lock);
	list_for_each_entry_safe(func, next, &funcs, node) {
		list_del(&func->node);
		mlx5v_func_destroy(func);
	}
	mutex_unlock(&funcs_lock);
}

/*
 * The structure that holds an auxiliary device is mlx5_core's. If that is not the one of the kernel
 * this was built for, the structure may be another; nothing in it is used before this was looked
 * at.
 */
static struct mlx5_core_dev *mdev_of(struct auxiliary_device *adev)
{
	struct mlx5_core_dev *mdev = container_of(adev, struct mlx5_adev, adev)->mdev;

	if (virt_addr_valid(mdev) || is_vmalloc_addr(mdev))
		if (mdev->device == adev->dev.parent)
			return mdev;
	dev_err_once(adev->dev.parent,
		     "mlx5_core is not the one of this kernel (from another driver package?): mlx5_vdpa does not work with it\n");
	return NULL;
}

/*
 * vnet
 */

static int vnet_probe(struct auxiliary_device *adev, const struct auxiliary_device_id *id)
{
	struct mlx5_core_dev *mdev = mdev_of(adev);

	return mdev ? attach(mdev) : -ENODEV;
}

static void vnet_remove(struct auxiliary_device *adev)
{
	detach(container_of(adev, struct mlx5_adev, adev)->mdev);
}

static const struct auxiliary_device_id vnet_ids[] = {
	{ .name = MLX5_ADEV_NAME ".vnet" },
	{ }
};
MODULE_DEVICE_TABLE(auxiliary, vnet_ids);

static struct auxiliary_driver vnet_driver = {
	.name = "vnet",
	.probe = vnet_probe,
	.remove = vnet_remove,
	.id_table = vnet_ids,
};

/*
 * Siblings
 */

/* Whether the administrator wants a function; by the name of its PCI device. */
static bool wanted(struct mlx5_core_dev *mdev)
{
	const char *name = dev_name(mdev->device);
	const char *p = functions;
	size_t len = strlen(name);

	if (!strcmp(functions, "all"))
		return true;
	for (; *p; p += strcspn(p, ","), p += *p == ',')
		if (strcspn(p, ",") == len && !strncmp(p, name, len))
			return true;
	return false;
}

static bool is_sibling(struct device *dev)
{
	static const char eth[] = MLX5_ADEV_NAME ".eth.";
	static const char rdma[] = MLX5_ADEV_NAME ".rdma.";
	const char *name = dev_name(dev);

	return dev->parent && (!strncmp(name, eth, strlen(eth)) ||
			       !strncmp(name, rdma, strlen(rdma)));
}

static int sibling_added(struct device *dev, void *unused)
{
	struct mlx5_core_dev *mdev;

	if (!is_sibling(dev))
		return 0;
	mdev = mdev_of(to_auxiliary_dev(dev));
	if (mdev && wanted(mdev))
		attach(mdev);
	return 0;
}

static void sibling_removed(struct device *dev)
{
	struct mlx5_core_dev *mdev;

	if (!is_sibling(dev))
		return;
	mdev = mdev_of(to_auxiliary_dev(dev));
	if (mdev)
		detach(mdev);
}

/* The firmware is up when a sibling is added, and still is when it is removed. */
static int bus_event(struct notifier_block *nb, unsigned long event, void *data)
{
	switch (event) {
	case BUS_NOTIFY_ADD_DEVICE:
		sibling_added(data, NULL);
		break;
	case BUS_NOTIFY_DEL_DEVICE:
		sibling_removed(data);
		break;
	}
	return NOTIFY_DONE;
}

static struct notifier_block bus_nb = {
	.notifier_call = bus_event,
};

/* While the system sleeps the firmware is not there, but siblings whose driver can sleep are. */
static int pm_event(struct notifier_block *nb, unsigned long event, void *unused)
{
	switch (event) {
	case PM_SUSPEND_PREPARE:
	case PM_HIBERNATION_PREPARE:
	case PM_RESTORE_PREPARE:
		detach_all();
		break;
	case PM_POST_SUSPEND:
	case PM_POST_HIBERNATION:
	case PM_POST_RESTORE:
		bus_for_each_dev(vnet_driver.driver.bus, NULL, NULL, sibling_added);
		break;
	}
	return NOTIFY_DONE;
}

static struct notifier_block pm_nb = {
	.notifier_call = pm_event,
};

/* Where mlx5_core makes vnet devices, administrators decide by them. */
static bool use_siblings(void)
{
	return !IS_ENABLED(CONFIG_MLX5_VDPA_NET) && vnet_driver.driver.bus &&
	       strcmp(functions, "none");
}

static int siblings_init(void)
{
	int err;

	if (!use_siblings())
		return 0;
	/* In this order none is missed; those that come twice do no harm. */
	err = bus_register_notifier(vnet_driver.driver.bus, &bus_nb);
	if (err)
		return err;
	err = register_pm_notifier(&pm_nb);
	if (err) {
		bus_unregister_notifier(vnet_driver.driver.bus, &bus_nb);
		return err;
	}
	bus_for_each_dev(vnet_driver.driver.bus, NULL, NULL, sibling_added);
	return 0;
}

static void siblings_exit(void)
{
	if (!use_siblings())
		return;
	unregister_pm_notifier(&pm_nb);
	bus_unregister_notifier(vnet_driver.driver.bus, &bus_nb);
	detach_all();
}

static int __init mlx5_vdpa_init(void)
{
	int err;

	if (max_iotlb_entries < 0 || max_iotlb_entries == 1) {
		pr_err("mlx5_vdpa: max_iotlb_entries=%d is not possible, use 0 or at least 2\n",
		       max_iotlb_entries);
		return -EINVAL;
	}
	mlx5v_debugfs_init();
	err = auxiliary_driver_register(&vnet_driver);
	if (err)
		goto debugfs_exit;
	err = siblings_init();
	if (err)
		goto unregister;
	return 0;

unregister:
	auxiliary_driver_unregister(&vnet_driver);
debugfs_exit:
	mlx5v_debugfs_exit();
	return err;
}
module_init(mlx5_vdpa_init);

static void __exit mlx5_vdpa_exit(void)
{
	siblings_exit();
	auxiliary_driver_unregister(&vnet_driver);
	mlx5v_debugfs_exit();
}
module_exit(mlx5_vdpa_exit);

MODULE_VERSION(VDPA_DKMS_VERSION);
MODULE_LICENSE("GPL");
MODULE_AUTHOR("vdpa-dkms developers");
MODULE_DESCRIPTION("vDPA network devices of ConnectX-6 Dx and later and BlueField");
