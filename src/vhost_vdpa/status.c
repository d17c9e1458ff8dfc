// SPDX-License-Identifier: GPL-2.0-only
/*
 * status.c - who owns the device, and whether it runs.
 */
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <uapi/linux/virtio_config.h>

#include "vhost_vdpa.h"
#include "vring.h"

static bool wants_mm(const struct vhost_vdpa *v)
{
	return v->vdpa->use_va && v->vdpa->config->bind_mm;
}

/**
 * vhost_vdpa_set_owner() - VHOST_SET_OWNER
 * @v: device
 *
 * The owner is an address space: the threads of one process, not a child after fork(). A process
 * that was handed the open file becomes the owner by this request, which is how management software
 * passes the device to a VMM. It stays the owner until the file is closed. The reference does not
 * keep the memory of the process alive, so that its exit can close the file.
 *
 * Context: sleeps; both mutexes held.
 * Return: 0; -EBUSY: there is an owner; another -errno: the parent cannot work on this process's
 * memory, and there is still no owner.
 */
int vhost_vdpa_set_owner(struct vhost_vdpa *v)
{
	int r;

	if (v->mm)
		return -EBUSY;

	if (wants_mm(v)) {
		r = v->vdpa->config->bind_mm(v->vdpa, current->mm);
		if (r) {
			dev_err_ratelimited(&v->vdpa->dev,
					    "cannot work on the memory of process %d: %d\n",
					    task_tgid_nr(current), r);
			return r;
		}
	}
	mmgrab(current->mm);
	v->mm = current->mm;
	return 0;
}

/**
 * vhost_vdpa_unbind_mm() - makes the parent forget the owner's memory
 * @v: device that was reset
 *
 * Context: sleeps; both mutexes held.
 */
void vhost_vdpa_unbind_mm(struct vhost_vdpa *v)
{
	if (v->mm && wants_mm(v) && v->vdpa->config->unbind_mm)
		v->vdpa->config->unbind_mm(v->vdpa);
}

/**
 * vhost_vdpa_drop_owner() - undoes vhost_vdpa_set_owner()
 * @v: device whose address spaces are empty and whose parent was unbound
 *
 * Context: both mutexes held.
 */
void vhost_vdpa_drop_owner(struct vhost_vdpa *v)
{
	if (v->mm)
		mmdrop(v->mm);
	v->mm = NULL;
}

/*
 * From here on the device may do DMA, whatever its status field says afterwards: a parent that
 * failed half way may have started already. So driver_ok says that it was told to run, and stays
 * true until a reset has succeeded.
 */
static int start(struct vhost_vdpa *v, u8 status)
{
	int r;

	r = vhost_vdpa_spaces_driver_ok(v);
	if (r)
		return r;

	v->driver_ok = true;
	vdpa_set_status(v->vdpa, status);
	vhost_vdpa_vrings_bypass_on(v);
	vhost_vdpa_spaces_running(v);
	return 0;
}

/**
 * vhost_vdpa_set_status() - VHOST_VDPA_SET_STATUS
 * @v: device
 * @status: new status field; 0 resets the device
 *
 * Whether the device followed is read back by the client, as in any other transport: it may not
 * take FEATURES_OK, or set VIRTIO_CONFIG_S_FAILED or VIRTIO_CONFIG_S_NEEDS_RESET.
 *
 * Context: sleeps; both mutexes held.
 * Return: 0; -EINVAL: a bit would be cleared, which only a reset does; or what the reset returned,
 * or what bringing the device's mapping up to date before DRIVER_OK did. Then the status is as
 * before.
 */
int vhost_vdpa_set_status(struct vhost_vdpa *v, u8 status)
{
	if (!status)
		return vhost_vdpa_reset(v, VHOST_VDPA_RESET_IOCTL);

	if (v->vdpa->config->get_status(v->vdpa) & ~status)
		return -EINVAL;

	if ((status & VIRTIO_CONFIG_S_DRIVER_OK) && !v->driver_ok)
		return start(v, status);

	vdpa_set_status(v->vdpa, status);
	return 0;
}

/**
 * vhost_vdpa_suspend() - VHOST_VDPA_SUSPEND
 * @v: device
 *
 * Context: sleeps; ctl_lock held.
 * Return: 0: the device uses no further descriptors, also if it was not running; -EOPNOTSUPP: it
 * cannot be suspended; or another -errno from the parent.
 */
int vhost_vdpa_suspend(struct vhost_vdpa *v)
{
	const struct vdpa_config_ops *ops = v->vdpa->config;
	int r;

	if (!v->driver_ok)
		return 0;
	if (!ops->suspend)
		return -EOPNOTSUPP;

	r = ops->suspend(v->vdpa);
	if (!r)
		v->suspended = true;
	return r;
}

/**
 * vhost_vdpa_resume() - VHOST_VDPA_RESUME
 * @v: device
 *
 * Context: sleeps; ctl_lock held.
 * Return: 0: the device goes on where it was suspended, or was not running; -EOPNOTSUPP: it cannot
 * be resumed; or another -errno from the parent.
 */
int vhost_vdpa_resume(struct vhost_vdpa *v)
{
	const struct vdpa_config_ops *ops = v->vdpa->config;
	int r;

	if (!v->driver_ok)
		return 0;
	if (!ops->resume)
		return -EOPNOTSUPP;

	r = ops->resume(v->vdpa);
	if (!r)
		v->suspended = false;
	return r;
}
