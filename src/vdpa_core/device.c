// SPDX-License-Identifier: GPL-2.0-only
/*
 * device.c - life of a device: allocation, registration, use by commands, removal. The rules are
 * in core.h.
 */
#include <linux/export.h>
#include <linux/idr.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/wait.h>

#include "core.h"

static DEFINE_IDA(index_ida);

DEFINE_MUTEX(vdpa_lists_lock);
DECLARE_WAIT_QUEUE_HEAD(vdpa_gone_wq);

/* Registered devices, by ascending serial. */
static LIST_HEAD(devices);
static unsigned long last_serial;

static void vdpa_device_release(struct device *dev)
{
	struct vdpa_device *vdev = dev_to_vdpa(dev);

	if (vdev->config->free)
		vdev->config->free(vdev);

	ida_free(&index_ida, vdev->index);
	kfree(vdev->driver_override);
	kfree(vdev);
}

/**
 * __vdpa_alloc_device() - allocates a device; see vdpa_alloc_device()
 * @parent: parent in the device tree
 * @config: ops; dma_map and dma_unmap both or neither
 * @map: mapping ops or NULL
 * @ngroups: number of virtqueue groups
 * @nas: number of address spaces
 * @size: bytes to allocate; a struct vdpa_device is at the start
 * @name: device name; NULL: "vdpa" and the device's index
 * @use_va: the device works on user virtual addresses
 *
 * Context: sleeps.
 * Return: the device, or ERR_PTR: -EINVAL, -ENOMEM, -ENOSPC.
 */
struct vdpa_device *__vdpa_alloc_device(struct device *parent,
					const struct vdpa_config_ops *config,
					const struct virtio_map_ops *map,
					unsigned int ngroups, unsigned int nas,
					size_t size, const char *name,
					bool use_va)
{
	struct vdpa_device *vdev;
	int ret;

	if (!config || size < sizeof(*vdev))
		return ERR_PTR(-EINVAL);
	if (!!config->dma_map != !!config->dma_unmap)
		return ERR_PTR(-EINVAL);
	/* The platform's IOMMU knows physical addresses only. */
	if (use_va && !config->dma_map && !config->set_map)
		return ERR_PTR(-EINVAL);

	vdev = kzalloc(size, GFP_KERNEL);
	if (!vdev)
		return ERR_PTR(-ENOMEM);

	ret = ida_alloc(&index_ida, GFP_KERNEL);
	if (ret < 0)
		goto err_free;

	vdev->index = ret;
	vdev->config = config;
	vdev->map = map;
	vdev->ngroups = ngroups;
	vdev->nas = nas;
	vdev->use_va = use_va;
	vdev->state = VDPA_DEVICE_NEW;
	init_rwsem(&vdev->cf_lock);
	init_rwsem(&vdev->life_lock);
	INIT_LIST_HEAD(&vdev->node);

	if (name)
		ret = dev_set_name(&vdev->dev, "%s", name);
	else
		ret = dev_set_name(&vdev->dev, "vdpa%u", vdev->index);
	if (ret)
		goto err_index;

	/* From here on put_device() frees it, by way of the parent's free op. */
	vdev->dev.bus = &vdpa_bus;
	vdev->dev.parent = parent;
	vdev->dev.release = vdpa_device_release;
	device_initialize(&vdev->dev);
	return vdev;

err_index:
	ida_free(&index_ida, vdev->index);
err_free:
	kfree(vdev);
	return ERR_PTR(ret);
}
EXPORT_SYMBOL_GPL(__vdpa_alloc_device);

static struct vdpa_device *find_by_name(const char *name)
{
	struct vdpa_device *vdev;

	lockdep_assert_held(&vdpa_lists_lock);
	list_for_each_entry(vdev, &devices, node) {
		if (!strcmp(dev_name(&vdev->dev), name))
			return vdev;
	}
	return NULL;
}

static void unlist(struct vdpa_device *vdev)
{
	mutex_lock(&vdpa_lists_lock);
	list_del_init(&vdev->node);
	mutex_unlock(&vdpa_lists_lock);
	wake_up_all(&vdpa_gone_wq);
}

static int register_device(struct vdpa_device *vdev, u32 nvqs)
{
	int ret;

	vdev->nvqs = nvqs;

	/*
	 * A command that finds the device on the list waits until it is known what becomes of it:
	 * udev may well ask for the device before device_add() has returned.
	 */
	down_write(&vdev->life_lock);
	mutex_lock(&vdpa_lists_lock);
	if (WARN_ON(vdev->state != VDPA_DEVICE_NEW)) {
		ret = -EBUSY;
	} else if (find_by_name(dev_name(&vdev->dev))) {
		ret = -EEXIST;
	} else {
		ret = 0;
		WRITE_ONCE(vdev->state, VDPA_DEVICE_ADDING);
		vdev->serial = ++last_serial;
		list_add_tail(&vdev->node, &devices);
	}
	mutex_unlock(&vdpa_lists_lock);
	if (ret)
		goto out;

	ret = device_add(&vdev->dev);
	if (ret) {
		WRITE_ONCE(vdev->state, VDPA_DEVICE_NEW);
		unlist(vdev);
		goto out;
	}
	WRITE_ONCE(vdev->state, VDPA_DEVICE_LIVE);
	vdpa_netlink_notify_added(vdev);
out:
	up_write(&vdev->life_lock);
	return ret;
}

static void unregister_device(struct vdpa_device *vdev)
{
	/* A parent that takes its device back by itself has not been through the first phase. */
	if (READ_ONCE(vdev->state) != VDPA_DEVICE_GOING &&
	    WARN_ON(vdpa_device_begin_removal(vdev)))
		return;

	device_del(&vdev->dev);
	/* Its place in sysfs is free now, and so is its name. */
	unlist(vdev);
	vdpa_netlink_notify_removed(vdev);
	put_device(&vdev->dev);
}

/**
 * _vdpa_register_device() - adds a device to the bus, from vdpa_mgmtdev_ops.dev_add
 * @vdev: a device from vdpa_alloc_device(), with mdev set
 * @nvqs: number of virtqueues
 *
 * The device's ops may be called as soon as this is called.
 *
 * Context: sleeps; a driver may be bound before this returns.
 * Return: 0, -EINVAL without mdev, -EEXIST if the name is taken, or another -errno. On error the
 * caller still owns the device (put_device() frees it).
 */
int _vdpa_register_device(struct vdpa_device *vdev, u32 nvqs)
{
	if (!vdev->mdev)
		return -EINVAL;

	lockdep_assert_held(&vdev->mdev->ops_lock);
	return register_device(vdev, nvqs);
}
EXPORT_SYMBOL_GPL(_vdpa_register_device);

/**
 * vdpa_register_device() - adds a device that no management device made to the bus
 * @vdev: a device from vdpa_alloc_device()
 * @nvqs: number of virtqueues
 *
 * Such a device cannot be seen or removed through netlink.
 *
 * Context: sleeps; a driver may be bound before this returns.
 * Return: as _vdpa_register_device().
 */
int vdpa_register_device(struct vdpa_device *vdev, u32 nvqs)
{
	return register_device(vdev, nvqs);
}
EXPORT_SYMBOL_GPL(vdpa_register_device);

/**
 * _vdpa_unregister_device() - takes a device off the bus, from vdpa_mgmtdev_ops.dev_del
 * @vdev: a device that _vdpa_register_device() added
 *
 * Gives up the reference that vdpa_alloc_device() made; @vdev may be gone on return. A parent may
 * also call this from dev_add, to undo that.
 *
 * Context: sleeps.
 */
void _vdpa_unregister_device(struct vdpa_device *vdev)
{
	if (!WARN_ON(!vdev->mdev))
		lockdep_assert_held(&vdev->mdev->ops_lock);
	unregister_device(vdev);
}
EXPORT_SYMBOL_GPL(_vdpa_unregister_device);

/**
 * vdpa_unregister_device() - takes a device off the bus that vdpa_register_device() added
 * @vdev: the device
 *
 * Gives up the reference that vdpa_alloc_device() made; @vdev may be gone on return.
 *
 * Context: sleeps; waits for commands that use the device and for its driver.
 */
void vdpa_unregister_device(struct vdpa_device *vdev)
{
	unregister_device(vdev);
}
EXPORT_SYMBOL_GPL(vdpa_unregister_device);

/*
 * Whether @name is free. It may be taken before the caller does something about it: this is for
 * a good error message, register_device() decides.
 */
enum vdpa_name_use vdpa_name_use(const char *name)
{
	enum vdpa_name_use use = VDPA_NAME_FREE;
	struct vdpa_device *vdev;

	mutex_lock(&vdpa_lists_lock);
	vdev = find_by_name(name);
	if (vdev)
		use = READ_ONCE(vdev->state) == VDPA_DEVICE_GOING ? VDPA_NAME_GOING :
								    VDPA_NAME_TAKEN;
	mutex_unlock(&vdpa_lists_lock);
	return use;
}

/*
 * A reference for a command: to the device and, where it has one, to its management device, which
 * is what keeps the parent's module (with the device's ops and free) until it is given back.
 */
static struct vdpa_device *get_for_command(struct vdpa_device *vdev)
{
	lockdep_assert_held(&vdpa_lists_lock);
	get_device(&vdev->dev);
	vdev->mdev->users++;
	return vdev;
}

/*
 * The device called @name, with a reference for vdpa_device_put(). ERR_PTR(-ENODEV) if there is
 * none, ERR_PTR(-EINVAL) if it has no management device. Sleeps.
 */
struct vdpa_device *vdpa_device_get_by_name(const char *name)
{
	struct vdpa_device *vdev;

	mutex_lock(&vdpa_lists_lock);
	vdev = find_by_name(name);
	if (!vdev)
		vdev = ERR_PTR(-ENODEV);
	else if (!vdev->mdev)
		vdev = ERR_PTR(-EINVAL);
	else
		get_for_command(vdev);
	mutex_unlock(&vdpa_lists_lock);
	return vdev;
}

/*
 * The first device with a management device and a serial above @serial, with a reference for
 * vdpa_device_put(), or NULL. Sleeps.
 */
struct vdpa_device *vdpa_device_get_next(unsigned long serial)
{
	struct vdpa_device *vdev, *found = NULL;

	mutex_lock(&vdpa_lists_lock);
	list_for_each_entry(vdev, &devices, node) {
		if (vdev->serial > serial && vdev->mdev) {
			found = get_for_command(vdev);
			break;
		}
	}
	mutex_unlock(&vdpa_lists_lock);
	return found;
}

/*
 * The first device of @mdev, with a reference for vdpa_device_put(), or NULL. Sleeps.
 */
struct vdpa_device *vdpa_device_get_of_mgmtdev(const struct vdpa_mgmt_dev *mdev)
{
	struct vdpa_device *vdev, *found = NULL;

	mutex_lock(&vdpa_lists_lock);
	list_for_each_entry(vdev, &devices, node) {
		if (vdev->mdev == mdev) {
			found = get_for_command(vdev);
			break;
		}
	}
	mutex_unlock(&vdpa_lists_lock);
	return found;
}

/* Gives back what the three functions above returned. Sleeps. */
void vdpa_device_put(struct vdpa_device *vdev)
{
	struct vdpa_mgmt_dev *mdev = vdev->mdev;

	put_device(&vdev->dev);
	vdpa_mgmtdev_put(mdev);
}

/*
 * Starts to use a device: waits until it was added, or a fatal signal comes. Returns 0, and the
 * device stays LIVE until vdpa_device_leave(); -ENODEV if it is being removed or was not added
 * after all; -EINTR. Sleeps.
 */
int vdpa_device_enter(struct vdpa_device *vdev)
{
	int ret;

	ret = down_read_killable(&vdev->life_lock);
	if (ret)
		return ret;
	if (vdev->state == VDPA_DEVICE_LIVE)
		return 0;
	up_read(&vdev->life_lock);
	return -ENODEV;
}

/*
 * As vdpa_device_enter(), but without waiting: false also if the device is only just being added.
 */
bool vdpa_device_try_enter(struct vdpa_device *vdev)
{
	if (!down_read_trylock(&vdev->life_lock))
		return false;
	if (vdev->state == VDPA_DEVICE_LIVE)
		return true;
	up_read(&vdev->life_lock);
	return false;
}

void vdpa_device_leave(struct vdpa_device *vdev)
{
	up_read(&vdev->life_lock);
}

static int declare_going(struct vdpa_device *vdev)
{
	lockdep_assert_held(&vdev->life_lock);

	switch (vdev->state) {
	case VDPA_DEVICE_LIVE:
		WRITE_ONCE(vdev->state, VDPA_DEVICE_GOING);
		return 0;
	case VDPA_DEVICE_GOING:
		return -EBUSY;
	default:
		return -ENODEV;
	}
}

/*
 * First phase of removal: waits for commands that use the device, and keeps out new ones and
 * drivers. Returns 0 for exactly one caller, who must go on with it; -EBUSY if somebody else
 * removes it already, -ENODEV if it was not added. Sleeps.
 */
int vdpa_device_begin_removal(struct vdpa_device *vdev)
{
	int ret;

	down_write(&vdev->life_lock);
	ret = declare_going(vdev);
	up_write(&vdev->life_lock);
	return ret;
}

/* The same for a command: -EINTR if a fatal signal comes first. */
int vdpa_device_begin_removal_killable(struct vdpa_device *vdev)
{
	int ret;

	ret = down_write_killable(&vdev->life_lock);
	if (ret)
		return ret;
	ret = declare_going(vdev);
	up_write(&vdev->life_lock);
	return ret;
}

/*
 * Waits until a device that is being removed by somebody else has left the list. The caller has a
 * reference. Sleeps.
 */
void vdpa_device_wait_gone(struct vdpa_device *vdev)
{
	wait_event(vdpa_gone_wq, list_empty_careful(&vdev->node));
}
