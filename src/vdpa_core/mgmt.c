// SPDX-License-Identifier: GPL-2.0-only
/*
 * mgmt.c - management devices: registration, and the removal of the devices made from them.
 *
 * See core.h for who may call what when.
 */
#include <linux/completion.h>
#include <linux/export.h>
#include <linux/kref.h>
#include <linux/lockdep.h>
#include <linux/mod_devicetable.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include "core.h"

/* By ascending serial; vdpa_lists_lock. */
static LIST_HEAD(mgmtdevs);
static unsigned long last_serial;

static struct workqueue_struct *removal_wq;

/**
 * struct removal - removal of one device on behalf of a netlink command
 * @work: does it
 * @done: completed when the device is gone
 * @refs: one for the command that waits, one for @work
 * @vdev: the device; @work owns a reference (vdpa_device_put())
 *
 * The driver of a device may need long to give it up (a block device with requests under way, for
 * instance). The removal is therefore not tied to the process that asked for it, which may stop
 * waiting when it gets a signal.
 */
struct removal {
	struct work_struct work;
	struct completion done;
	struct kref refs;
	struct vdpa_device *vdev;
};

static void removal_free(struct kref *refs)
{
	kfree(container_of(refs, struct removal, refs));
}

/*
 * Second phase of removal, after vdpa_device_begin_removal(). The driver goes first, with no lock
 * held; then the parent is asked to take its device back, which no longer waits for anybody.
 */
static void finish_removal(struct vdpa_device *vdev)
{
	struct vdpa_mgmt_dev *mdev = vdev->mdev;

	device_release_driver(&vdev->dev);

	mutex_lock(&mdev->ops_lock);
	mdev->ops->dev_del(mdev, vdev);
	mutex_unlock(&mdev->ops_lock);
}

static void removal_work(struct work_struct *work)
{
	struct removal *rm = container_of(work, struct removal, work);

	finish_removal(rm->vdev);
	vdpa_device_put(rm->vdev);
	complete(&rm->done);
	kref_put(&rm->refs, removal_free);
}

/*
 * Removes a device and waits until it is gone, or until a signal arrives: then the removal goes
 * on, and the result is -EINPROGRESS. The reference to @vdev is used up unless an error other than
 * that is returned: -EBUSY (it is being removed already), -ENODEV, -EINTR, -ENOMEM. Sleeps.
 */
int vdpa_mgmtdev_remove_device(struct vdpa_device *vdev)
{
	struct removal *rm;
	int ret;

	rm = kzalloc(sizeof(*rm), GFP_KERNEL);
	if (!rm)
		return -ENOMEM;

	ret = vdpa_device_begin_removal_killable(vdev);
	if (ret) {
		kfree(rm);
		return ret;
	}

	INIT_WORK(&rm->work, removal_work);
	init_completion(&rm->done);
	kref_init(&rm->refs);
	kref_get(&rm->refs);
	rm->vdev = vdev;
	queue_work(removal_wq, &rm->work);

	if (wait_for_completion_interruptible(&rm->done))
		ret = -EINPROGRESS;
	kref_put(&rm->refs, removal_free);
	return ret;
}

/* Creates a device. The caller has a reference to @mdev. Returns 0 or -errno. Sleeps. */
int vdpa_mgmtdev_add_device(struct vdpa_mgmt_dev *mdev, const char *name,
			    const struct vdpa_dev_set_config *config)
{
	int ret;

	ret = mutex_lock_killable(&mdev->ops_lock);
	if (ret)
		return ret;
	ret = mdev->ops->dev_add(mdev, name, config);
	mutex_unlock(&mdev->ops_lock);
	return ret;
}

/*
 * Changes attributes of a device, to which the caller has a reference. Returns 0, -EOPNOTSUPP if
 * the parent cannot, -ENODEV if the device is being removed, or another -errno. Sleeps.
 */
int vdpa_mgmtdev_set_attr(struct vdpa_device *vdev, const struct vdpa_dev_set_config *config)
{
	struct vdpa_mgmt_dev *mdev = vdev->mdev;
	int ret;

	if (!mdev->ops->dev_set_attr)
		return -EOPNOTSUPP;

	ret = mutex_lock_killable(&mdev->ops_lock);
	if (ret)
		return ret;
	ret = vdpa_device_enter(vdev);
	if (ret)
		goto out;
	down_write(&vdev->cf_lock);
	ret = mdev->ops->dev_set_attr(mdev, vdev, config);
	up_write(&vdev->cf_lock);
	vdpa_device_leave(vdev);
out:
	mutex_unlock(&mdev->ops_lock);
	return ret;
}

/*
 * Types of device that @mdev can create, as a mask of 1 << VIRTIO_ID_..., and their number if
 * @nclasses is not NULL. Types above 63 do not fit the mask and are left out.
 */
u64 vdpa_mgmtdev_classes(const struct vdpa_mgmt_dev *mdev, unsigned int *nclasses)
{
	const struct virtio_device_id *id;
	unsigned int n = 0;
	u64 classes = 0;

	for (id = mdev->id_table; id->device; id++) {
		if (id->device > 63)
			continue;
		classes |= BIT_ULL(id->device);
		n++;
	}
	if (nclasses)
		*nclasses = n;
	return classes;
}

static bool has_name(const struct vdpa_mgmt_dev *mdev, const char *bus_name, const char *name)
{
	const char *bus = mdev->device->bus ? mdev->device->bus->name : NULL;

	/* A management device on a bus is called by both names, any other by one. */
	if (!bus != !bus_name)
		return false;
	if (bus && strcmp(bus, bus_name))
		return false;
	return !strcmp(dev_name(mdev->device), name);
}

/*
 * The management device with that name (@bus_name is NULL if it is on no bus), with a reference
 * for vdpa_mgmtdev_put(), or NULL. Sleeps.
 */
struct vdpa_mgmt_dev *vdpa_mgmtdev_get_by_name(const char *bus_name, const char *name)
{
	struct vdpa_mgmt_dev *mdev, *found = NULL;

	mutex_lock(&vdpa_lists_lock);
	list_for_each_entry(mdev, &mgmtdevs, list) {
		if (has_name(mdev, bus_name, name)) {
			mdev->users++;
			found = mdev;
			break;
		}
	}
	mutex_unlock(&vdpa_lists_lock);
	return found;
}

/*
 * The first management device with a serial above @serial, with a reference for
 * vdpa_mgmtdev_put(), or NULL. Sleeps.
 */
struct vdpa_mgmt_dev *vdpa_mgmtdev_get_next(unsigned long serial)
{
	struct vdpa_mgmt_dev *mdev, *found = NULL;

	mutex_lock(&vdpa_lists_lock);
	list_for_each_entry(mdev, &mgmtdevs, list) {
		if (mdev->serial > serial) {
			mdev->users++;
			found = mdev;
			break;
		}
	}
	mutex_unlock(&vdpa_lists_lock);
	return found;
}

/* Gives back a reference. Sleeps. */
void vdpa_mgmtdev_put(struct vdpa_mgmt_dev *mdev)
{
	mutex_lock(&vdpa_lists_lock);
	mdev->users--;
	mutex_unlock(&vdpa_lists_lock);
	/* @mdev may be freed by now; the queue is not part of it. */
	wake_up_all(&vdpa_gone_wq);
}

/**
 * vdpa_mgmtdev_register() - offers a management device to administrators
 * @mdev: filled in by the caller, who keeps it until vdpa_mgmtdev_unregister() has returned
 *
 * Its ops may be called as soon as this is called.
 *
 * Context: sleeps.
 * Return: 0, or -EINVAL if something required is missing.
 */
int vdpa_mgmtdev_register(struct vdpa_mgmt_dev *mdev)
{
	if (!mdev->device || !mdev->id_table || !mdev->ops || !mdev->ops->dev_add ||
	    !mdev->ops->dev_del)
		return -EINVAL;

	mutex_init(&mdev->ops_lock);
	mdev->users = 0;

	mutex_lock(&vdpa_lists_lock);
	mdev->serial = ++last_serial;
	list_add_tail(&mdev->list, &mgmtdevs);
	mutex_unlock(&vdpa_lists_lock);
	return 0;
}
EXPORT_SYMBOL_GPL(vdpa_mgmtdev_register);

/**
 * vdpa_mgmtdev_unregister() - takes a management device back, and removes its devices
 * @mdev: a management device that was registered
 *
 * On return no op of @mdev is running or will be called.
 *
 * Context: sleeps; waits for commands that use @mdev or its devices, and for drivers of those.
 */
void vdpa_mgmtdev_unregister(struct vdpa_mgmt_dev *mdev)
{
	struct vdpa_device *vdev;

	mutex_lock(&vdpa_lists_lock);
	list_del(&mdev->list);
	mutex_unlock(&vdpa_lists_lock);

	/*
	 * The list of devices is looked at again until it is empty and all are done who found @mdev
	 * before: a dev_add that was under way adds one more device at most.
	 */
	do {
		while ((vdev = vdpa_device_get_of_mgmtdev(mdev))) {
			switch (vdpa_device_begin_removal(vdev)) {
			case 0:
				finish_removal(vdev);
				break;
			case -EBUSY:
				vdpa_device_wait_gone(vdev);
				break;
			}
			vdpa_device_put(vdev);
		}
		wait_event(vdpa_gone_wq, !READ_ONCE(mdev->users));
		vdev = vdpa_device_get_of_mgmtdev(mdev);
		if (vdev)
			vdpa_device_put(vdev);
	} while (vdev);
}
EXPORT_SYMBOL_GPL(vdpa_mgmtdev_unregister);

int vdpa_mgmt_init(void)
{
	/* Unbound and concurrent: one removal that takes long does not hold up another. */
	removal_wq = alloc_workqueue("vdpa_removal", WQ_UNBOUND, 0);
	return removal_wq ? 0 : -ENOMEM;
}

void vdpa_mgmt_exit(void)
{
	destroy_workqueue(removal_wq);
}
