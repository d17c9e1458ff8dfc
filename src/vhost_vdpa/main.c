// SPDX-License-Identifier: GPL-2.0-only
/*
 * main.c - /dev/vhost-vdpa-N: a node for each vdpa device that is bound to this driver, its open
 * files, and what happens to them when the device goes away.
 *
 * Removal does not wait for the client. It takes the device out of the client's hands (kicks,
 * interrupts, mappings, doorbells), tells the client through its eventfds, and leaves a dead node
 * behind, on which everything fails with -ENODEV until it is closed. The memory belongs to the
 * device structure behind the node, of which an open file holds a reference through its cdev; the
 * file holds one of the module as well.
 *
 * poll() and read() are not implemented, as in mainline: no message ever goes to the client, which
 * hears from the device through eventfds only. (poll() on the node then says "ready", read() fails
 * with -EINVAL.)
 */
#include <linux/atomic.h>
#include <linux/cdev.h>
#include <linux/eventfd.h>
#include <linux/fs.h>
#include <linux/idr.h>
#include <linux/kdev_t.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uio.h>

#include "vhost_vdpa.h"
#include "vring.h"

/* As many as the operations take an index for. */
#define VHOST_VDPA_VQS_MAX	(U16_MAX + 1)
#define VHOST_VDPA_MINORS	(1U << MINORBITS)

static DEFINE_IDA(vhost_vdpa_minors);
static dev_t vhost_vdpa_devt;

/*
 * Takes the device out of a client's hands. What only the client can see stays: its eventfds and
 * who it is. Both mutexes held.
 */
static void stop_client(struct vhost_vdpa *v)
{
	int err;

	if (!v->in_use)
		return;
	v->in_use = false;

	vhost_vdpa_vrings_kick_off(v);
	err = vhost_vdpa_reset(v, VHOST_VDPA_RESET_RELEASE);
	vhost_vdpa_vrings_detach(v);
	vhost_vdpa_config_detach(v);
	vhost_vdpa_unbind_mm(v);
	vhost_vdpa_spaces_close(v, err);
	v->driver_ok = false;
}

static int vhost_vdpa_open(struct inode *inode, struct file *file)
{
	struct vhost_vdpa *v = container_of(inode->i_cdev, struct vhost_vdpa, cdev);
	int r;

	if (atomic_cmpxchg(&v->opened, 0, 1))
		return READ_ONCE(v->dead) ? -ENODEV : -EBUSY;

	/* A node that was looked up before the device went away can still be opened after. */
	r = vhost_vdpa_enter(v, VHOST_VDPA_NEED_MAP);
	if (r)
		goto err_opened;

	v->backend_features = 0;
	v->features = 0;
	v->fork_owner = VHOST_FORK_OWNER_TASK;
	r = vhost_vdpa_reset(v, VHOST_VDPA_RESET_OPEN);
	if (r)
		goto err_leave;
	r = vhost_vdpa_spaces_open(v);
	if (r)
		goto err_leave;

	v->mapping = file->f_mapping;
	v->in_use = true;
	vhost_vdpa_leave(v, VHOST_VDPA_NEED_MAP);

	file->private_data = v;
	return 0;

err_leave:
	vhost_vdpa_leave(v, VHOST_VDPA_NEED_MAP);
err_opened:
	atomic_set(&v->opened, 0);
	return r;
}

static int vhost_vdpa_release(struct inode *inode, struct file *file)
{
	struct vhost_vdpa *v = file->private_data;

	mutex_lock(&v->map_lock);
	mutex_lock(&v->ctl_lock);
	stop_client(v);
	vhost_vdpa_vrings_release(v);
	vhost_vdpa_config_release(v);
	vhost_vdpa_drop_owner(v);
	v->mapping = NULL;
	mutex_unlock(&v->ctl_lock);
	mutex_unlock(&v->map_lock);

	atomic_set(&v->opened, 0);
	return 0;
}

static ssize_t vhost_vdpa_write_iter(struct kiocb *iocb, struct iov_iter *from)
{
	return vhost_vdpa_message_write(iocb->ki_filp->private_data, from);
}

static const struct file_operations vhost_vdpa_fops = {
	.owner		= THIS_MODULE,
	.open		= vhost_vdpa_open,
	.release	= vhost_vdpa_release,
	.write_iter	= vhost_vdpa_write_iter,
	.unlocked_ioctl	= vhost_vdpa_ioctl,
	.compat_ioctl	= compat_ptr_ioctl,
	.mmap		= vhost_vdpa_mmap,
};

/* The last reference is gone: the device was removed, and the node is closed. */
static void vhost_vdpa_free(struct device *dev)
{
	struct vhost_vdpa *v = container_of(dev, struct vhost_vdpa, dev);

	vhost_vdpa_park_finish(v);
	ida_free(&vhost_vdpa_minors, v->minor);
	vhost_vdpa_vrings_free(v);
	mutex_destroy(&v->doorbell_lock);
	mutex_destroy(&v->ctl_lock);
	mutex_destroy(&v->map_lock);
	kfree(v);
}

static int vhost_vdpa_probe(struct vdpa_device *vdpa)
{
	const struct vdpa_config_ops *ops = vdpa->config;
	struct vhost_vdpa *v;
	int r;

	/* The platform's IOMMU translates for a device as a whole. */
	if (!ops->set_map && !ops->dma_map && (vdpa->ngroups > 1 || vdpa->nas > 1))
		return -EOPNOTSUPP;
	if (vdpa->nvqs > VHOST_VDPA_VQS_MAX)
		return -EINVAL;

	v = kzalloc(sizeof(*v), GFP_KERNEL);
	if (!v)
		return -ENOMEM;
	v->minor = ida_alloc_max(&vhost_vdpa_minors, VHOST_VDPA_MINORS - 1, GFP_KERNEL);
	if (v->minor < 0) {
		r = v->minor;
		kfree(v);
		return r;
	}

	/* From here on vhost_vdpa_free() cleans up. */
	mutex_init(&v->map_lock);
	mutex_init(&v->ctl_lock);
	mutex_init(&v->doorbell_lock);
	spin_lock_init(&v->config_lock);
	vhost_vdpa_park_setup(v);
	v->vdpa = vdpa;
	v->nvqs = vdpa->nvqs;
	v->nas = vdpa->nas;
	device_initialize(&v->dev);
	v->dev.release = vhost_vdpa_free;
	v->dev.parent = &vdpa->dev;
	v->dev.devt = MKDEV(MAJOR(vhost_vdpa_devt), v->minor);
	cdev_init(&v->cdev, &vhost_vdpa_fops);
	v->cdev.owner = THIS_MODULE;

	r = dev_set_name(&v->dev, "vhost-vdpa-%d", v->minor);
	if (r)
		goto err;
	r = vhost_vdpa_vrings_alloc(v);
	if (r)
		goto err;

	/* The node appears last: it may be opened before this returns. */
	vdpa_set_drvdata(vdpa, v);
	vhost_vdpa_stats_add(v);
	r = cdev_device_add(&v->cdev, &v->dev);
	if (r)
		goto err_stats;
	return 0;

err_stats:
	vhost_vdpa_stats_del(v);
	vdpa_set_drvdata(vdpa, NULL);
err:
	put_device(&v->dev);
	return r;
}

static void vhost_vdpa_remove(struct vdpa_device *vdpa)
{
	struct vhost_vdpa *v = vdpa_get_drvdata(vdpa);

	mutex_lock(&v->map_lock);
	mutex_lock(&v->ctl_lock);

	mutex_lock(&v->doorbell_lock);
	WRITE_ONCE(v->dead, true);
	mutex_unlock(&v->doorbell_lock);
	if (v->mapping)
		unmap_mapping_range(v->mapping, 0, 0, 1);

	stop_client(v);
	vhost_vdpa_config_signal(v);
	vhost_vdpa_vrings_signal(v);
	v->vdpa = NULL;

	mutex_unlock(&v->ctl_lock);
	mutex_unlock(&v->map_lock);

	vhost_vdpa_stats_del(v);
	cdev_device_del(&v->cdev, &v->dev);
	put_device(&v->dev);
}

static struct vdpa_driver vhost_vdpa_driver = {
	.driver = {
		.name	= "vhost_vdpa",
	},
	.probe	= vhost_vdpa_probe,
	.remove	= vhost_vdpa_remove,
};

static int __init vhost_vdpa_init(void)
{
	int r;

	r = vhost_vdpa_park_module_init();
	if (r)
		return r;
	vhost_vdpa_stats_init();

	r = alloc_chrdev_region(&vhost_vdpa_devt, 0, VHOST_VDPA_MINORS, "vhost-vdpa");
	if (r)
		goto err_park;
	r = vdpa_register_driver(&vhost_vdpa_driver);
	if (r)
		goto err_region;
	return 0;

err_region:
	unregister_chrdev_region(vhost_vdpa_devt, VHOST_VDPA_MINORS);
err_park:
	vhost_vdpa_stats_exit();
	vhost_vdpa_park_module_exit();
	return r;
}
module_init(vhost_vdpa_init);

static void __exit vhost_vdpa_exit(void)
{
	vdpa_unregister_driver(&vhost_vdpa_driver);
	unregister_chrdev_region(vhost_vdpa_devt, VHOST_VDPA_MINORS);
	vhost_vdpa_stats_exit();
	vhost_vdpa_park_module_exit();
}
module_exit(vhost_vdpa_exit);

MODULE_VERSION(VDPA_DKMS_VERSION);
MODULE_LICENSE("GPL");
MODULE_AUTHOR("vdpa-dkms developers");
MODULE_DESCRIPTION("vDPA devices for userspace: /dev/vhost-vdpa-N");
