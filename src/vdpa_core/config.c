// SPDX-License-Identifier: GPL-2.0-only
/*
 * config.c - status, features, reset and configuration space of a device, as bus drivers see them.
 *
 * Everything here takes vdpa_device.cf_lock, so that netlink queries and bus drivers get a
 * consistent view. All of it sleeps.
 */
#include <linux/export.h>
#include <linux/lockdep.h>
#include <linux/rwsem.h>

#include "core.h"

/**
 * vdpa_reset() - resets a device (virtio 2.4)
 * @vdev: the device
 * @flags: VDPA_RESET_F_... to ask for what old userspace depends on, else 0. Parents that never
 *	did anything beyond the specification have no compat_reset and are just reset
 *
 * Return: 0, or -errno from the parent, in which case the device may be in any state.
 */
int vdpa_reset(struct vdpa_device *vdev, u32 flags)
{
	const struct vdpa_config_ops *ops = vdev->config;
	int ret;

	down_write(&vdev->cf_lock);
	vdev->features_valid = false;
	if (flags && ops->compat_reset)
		ret = ops->compat_reset(vdev, flags);
	else
		ret = ops->reset(vdev);
	up_write(&vdev->cf_lock);
	return ret;
}
EXPORT_SYMBOL_GPL(vdpa_reset);

/**
 * vdpa_set_features_unlocked() - as vdpa_set_features(), for a caller that holds cf_lock to write
 * @vdev: the device
 * @features: virtio feature bits
 *
 * Return: 0 or -errno from the parent.
 */
int vdpa_set_features_unlocked(struct vdpa_device *vdev, u64 features)
{
	lockdep_assert_held(&vdev->cf_lock);
	vdev->features_valid = true;
	return vdev->config->set_driver_features(vdev, features);
}
EXPORT_SYMBOL_GPL(vdpa_set_features_unlocked);

/**
 * vdpa_set_features() - tells a device what features its driver accepted (virtio 3.1.1, step 4)
 * @vdev: the device
 * @features: virtio feature bits
 *
 * Return: 0 or -errno from the parent.
 */
int vdpa_set_features(struct vdpa_device *vdev, u64 features)
{
	int ret;

	down_write(&vdev->cf_lock);
	ret = vdpa_set_features_unlocked(vdev, features);
	up_write(&vdev->cf_lock);
	return ret;
}
EXPORT_SYMBOL_GPL(vdpa_set_features);

/**
 * vdpa_set_status() - writes the device status field (virtio 2.1)
 * @vdev: the device
 * @status: new value, not 0: vdpa_reset() is for that
 */
void vdpa_set_status(struct vdpa_device *vdev, u8 status)
{
	down_write(&vdev->cf_lock);
	vdev->config->set_status(vdev, status);
	up_write(&vdev->cf_lock);
}
EXPORT_SYMBOL_GPL(vdpa_set_status);

/**
 * vdpa_get_config() - reads from the configuration space (virtio 2.5)
 * @vdev: the device
 * @offset: first byte
 * @buf: where to
 * @len: number of bytes; the caller checks them against get_config_size, or knows the layout
 *
 * A driver that reads before it has negotiated features is a legacy one (virtio 2.2.3): the
 * parent is told so, by an empty set of features, because the byte order depends on it.
 */
void vdpa_get_config(struct vdpa_device *vdev, unsigned int offset, void *buf, unsigned int len)
{
	down_read(&vdev->cf_lock);
	if (!vdev->features_valid) {
		up_read(&vdev->cf_lock);
		down_write(&vdev->cf_lock);
		if (!vdev->features_valid)
			vdpa_set_features_unlocked(vdev, 0);
		downgrade_write(&vdev->cf_lock);
	}
	vdev->config->get_config(vdev, offset, buf, len);
	up_read(&vdev->cf_lock);
}
EXPORT_SYMBOL_GPL(vdpa_get_config);

/**
 * vdpa_set_config() - writes to the configuration space (virtio 2.5)
 * @vdev: the device
 * @offset: first byte
 * @buf: what to write
 * @length: number of bytes; checked as for vdpa_get_config()
 */
void vdpa_set_config(struct vdpa_device *vdev, unsigned int offset, const void *buf,
		     unsigned int length)
{
	down_write(&vdev->cf_lock);
	vdev->config->set_config(vdev, offset, buf, length);
	up_write(&vdev->cf_lock);
}
EXPORT_SYMBOL_GPL(vdpa_set_config);
