// SPDX-License-Identifier: GPL-2.0-only
/*
 * main.c - the PCI driver: a management device for each function, and the vdpa device it makes.
 *
 * The driver has no table of devices: the kernel's own virtio drivers want the same ones, so that
 * an administrator gives it a function by driver_override. It does without the kernel's library for
 * modern virtio PCI devices, which not every kernel has.
 */
#include <linux/dma-mapping.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <uapi/linux/vdpa.h>

#include "vp_vdpa.h"

/* PCI device numbers of virtio (4.1.2.1): transitional ones, then type by type. */
#define PCI_DEVICE_TRANSITIONAL	0x1000
#define PCI_DEVICE_MODERN	0x1040
#define PCI_DEVICE_LAST		0x107f

/*
 * Not offered: what only works for whoever has the PCI function itself, or what no op of the vdpa
 * bus could carry out.
 */
#define FEATURES_HIDDEN		(BIT_ULL(VIRTIO_F_SR_IOV) | BIT_ULL(VIRTIO_F_NOTIF_CONFIG_DATA) | \
				 BIT_ULL(VIRTIO_F_RING_RESET) | BIT_ULL(VIRTIO_F_ADMIN_VQ))

static struct vp_function *mgmt_to_fn(struct vdpa_mgmt_dev *mdev)
{
	return container_of(mdev, struct vp_function, mgmt);
}

static int choose_features(const struct vp_function *fn, const struct vdpa_dev_set_config *config,
			   u64 *features)
{
	*features = fn->mgmt.supported_features;
	if (!(config->mask & BIT_ULL(VDPA_ATTR_DEV_FEATURES)))
		return 0;

	if ((config->device_features & ~*features) ||
	    (config->device_features & VP_FEATURES_NEEDED) != VP_FEATURES_NEEDED) {
		dev_err(&fn->pdev->dev,
			"features 0x%llx cannot be provisioned: must have 0x%llx, may have 0x%llx\n",
			config->device_features, VP_FEATURES_NEEDED, *features);
		return -EINVAL;
	}
	*features = config->device_features;
	return 0;
}

/* From here on vp_vdpa_free() frees what it has. */
static int make_queues(struct vp_vdpa *vp)
{
	struct vp_function *fn = vp->fn;
	int err = 0;
	u16 i;

	vp->queues = kvcalloc(fn->nqs, sizeof(*vp->queues), GFP_KERNEL);
	if (!vp->queues)
		return -ENOMEM;
	vp->nqs = fn->nqs;

	mutex_lock(&fn->lock);
	for (i = 0; i < vp->nqs; i++) {
		vp_callback_init(&vp->queues[i].callback);
		vp->queues[i].irq = -1;
		if (!err)
			err = vp_find_doorbell(fn, i, &vp->queues[i]);
	}
	mutex_unlock(&fn->lock);
	return err;
}

static int vp_vdpa_dev_add(struct vdpa_mgmt_dev *mdev, const char *name,
			   const struct vdpa_dev_set_config *config)
{
	struct vp_function *fn = mgmt_to_fn(mdev);
	struct vp_vdpa *vp;
	u64 features;
	int err;

	if (fn->vp)
		return -ENOSPC;
	if (vp_is_gone(fn))
		return -ENODEV;
	err = choose_features(fn, config, &features);
	if (err)
		return err;

	vp = vdpa_alloc_device(struct vp_vdpa, vdpa, &fn->pdev->dev, &vp_vdpa_ops, NULL, 1, 1, name,
			       false);
	if (IS_ERR(vp))
		return PTR_ERR(vp);
	vp->vdpa.mdev = mdev;
	vp->vdpa.vmap.dma_dev = &fn->pdev->dev;
	vp->fn = fn;
	vp->features = features;
	vp->irq = -1;
	vp->shared_irq = -1;
	vp_callback_init(&vp->config_callback);

	err = make_queues(vp);
	if (err)
		goto err;
	fn->vp = vp;
	err = _vdpa_register_device(&vp->vdpa, vp->nqs);
	if (err)
		goto err;
	return 0;

err:
	fn->vp = NULL;
	put_device(&vp->vdpa.dev);
	return err;
}

static void vp_vdpa_dev_del(struct vdpa_mgmt_dev *mdev, struct vdpa_device *vdpa)
{
	struct vp_function *fn = mgmt_to_fn(mdev);
	struct vp_vdpa *vp = vdpa_to_vp(vdpa);

	/* No bus driver is left that would do it. A function that is gone does nothing any more. */
	mutex_lock(&fn->lock);
	WRITE_ONCE(vp->running, false);
	vp_reset(fn);
	vp_irqs_free(vp);
	mutex_unlock(&fn->lock);

	fn->vp = NULL;
	_vdpa_unregister_device(vdpa);
}

static const struct vdpa_mgmtdev_ops vp_vdpa_mgmtdev_ops = {
	.dev_add = vp_vdpa_dev_add,
	.dev_del = vp_vdpa_dev_del,
};

/* The type of device (4.1.2.1), or 0. */
static u32 device_type(const struct pci_dev *pdev)
{
	if (pdev->device < PCI_DEVICE_TRANSITIONAL || pdev->device > PCI_DEVICE_LAST)
		return 0;
	if (pdev->device < PCI_DEVICE_MODERN)
		return pdev->subsystem_device;
	return pdev->device - PCI_DEVICE_MODERN;
}

/* Reads what does not change while this driver has the function. */
static int read_capabilities(struct vp_function *fn)
{
	struct pci_dev *pdev = fn->pdev;
	int err;
	u16 i;

	mutex_lock(&fn->lock);
	/* Whoever had it before may have left it running. */
	err = vp_reset(fn);
	if (err)
		goto out;

	fn->features = vp_read_features(fn);
	fn->nqs = vp_num_queues(fn);
	for (i = 0; i < fn->nqs; i++)
		fn->max_size = max(fn->max_size, vp_get_queue_size(fn, i));
	if ((fn->features & VP_FEATURES_NEEDED) != VP_FEATURES_NEEDED) {
		dev_err(&pdev->dev, "not offered by the device: %s\n",
			fn->features & BIT_ULL(VIRTIO_F_VERSION_1) ?
			"VIRTIO_F_ACCESS_PLATFORM (DMA through the IOMMU)" : "VIRTIO_F_VERSION_1");
		err = -EOPNOTSUPP;
	} else if (!fn->nqs || !fn->max_size) {
		dev_err(&pdev->dev, "the device has no virtqueues\n");
		err = -EINVAL;
	} else {
		err = vp_map_doorbells(fn);
	}
out:
	mutex_unlock(&fn->lock);
	return err;
}

static void describe(struct vp_function *fn, u32 type)
{
	struct vdpa_mgmt_dev *mgmt = &fn->mgmt;

	fn->id_table[0].device = type;
	fn->id_table[0].vendor = fn->pdev->subsystem_vendor;
	mgmt->device = &fn->pdev->dev;
	mgmt->ops = &vp_vdpa_mgmtdev_ops;
	mgmt->id_table = fn->id_table;
	mgmt->config_attr_mask = BIT_ULL(VDPA_ATTR_DEV_FEATURES);
	mgmt->max_supported_vqs = fn->nqs;
	mgmt->supported_features = fn->features & ~FEATURES_HIDDEN;
	if (!fn->notify_data)
		mgmt->supported_features &= ~BIT_ULL(VIRTIO_F_NOTIFICATION_DATA);
}

static int vp_vdpa_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	u32 type = device_type(pdev);
	struct vp_function *fn;
	int err;

	if (!type) {
		dev_err(&pdev->dev, "not a virtio device\n");
		return -ENODEV;
	}
	fn = kzalloc(sizeof(*fn), GFP_KERNEL);
	if (!fn)
		return -ENOMEM;
	fn->pdev = pdev;
	mutex_init(&fn->lock);

	err = pci_enable_device(pdev);
	if (err)
		goto err_free;
	err = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(64));
	if (err)
		err = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(32));
	if (err)
		goto err_disable;
	err = vp_regions_open(fn);
	if (err)
		goto err_disable;
	err = read_capabilities(fn);
	if (err)
		goto err_regions;

	describe(fn, type);
	pci_set_master(pdev);
	pci_set_drvdata(pdev, fn);
	err = vdpa_mgmtdev_register(&fn->mgmt);
	if (err)
		goto err_master;
	return 0;

err_master:
	pci_clear_master(pdev);
err_regions:
	vp_regions_close(fn);
err_disable:
	pci_disable_device(pdev);
err_free:
	mutex_destroy(&fn->lock);
	kfree(fn);
	return err;
}

static void vp_vdpa_remove(struct pci_dev *pdev)
{
	struct vp_function *fn = pci_get_drvdata(pdev);

	/* Takes the vdpa device away as well, by vp_vdpa_dev_del(). */
	vdpa_mgmtdev_unregister(&fn->mgmt);
	pci_clear_master(pdev);
	vp_regions_close(fn);
	pci_disable_device(pdev);
	mutex_destroy(&fn->lock);
	kfree(fn);
}

static struct pci_driver vp_vdpa_driver = {
	.name = "vp-vdpa",
	.probe = vp_vdpa_probe,
	.remove = vp_vdpa_remove,
};
module_pci_driver(vp_vdpa_driver);

MODULE_VERSION(VDPA_DKMS_VERSION);
MODULE_LICENSE("GPL");
MODULE_AUTHOR("vdpa-dkms developers");
MODULE_DESCRIPTION("virtio PCI functions as vDPA devices");
