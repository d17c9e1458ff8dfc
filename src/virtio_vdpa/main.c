// SPDX-License-Identifier: GPL-2.0-only
/*
 * main.c - bus driver that offers vdpa devices to the kernel's own virtio drivers.
 *
 * The parent's mapping for DMA is the initial one: it is what the device has after creation, what
 * no reset made here touches (VDPA_RESET_F_CLEAN_MAP is never given), and what vhost_vdpa gives
 * back when its client has gone.
 */
#include <linux/init.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/virtio_ring.h>

#include "virtio_vdpa.h"

static void virtio_vdpa_get(struct virtio_device *vdev, unsigned int offset, void *buf,
			    unsigned int len)
{
	vdpa_get_config(vdev_to_vdpa(vdev), offset, buf, len);
}

static void virtio_vdpa_set(struct virtio_device *vdev, unsigned int offset, const void *buf,
			    unsigned int len)
{
	vdpa_set_config(vdev_to_vdpa(vdev), offset, buf, len);
}

static u32 virtio_vdpa_generation(struct virtio_device *vdev)
{
	struct vdpa_device *vdpa = vdev_to_vdpa(vdev);

	return vdpa->config->get_generation ? vdpa->config->get_generation(vdpa) : 0;
}

static u8 virtio_vdpa_get_status(struct virtio_device *vdev)
{
	struct vdpa_device *vdpa = vdev_to_vdpa(vdev);

	return vdpa->config->get_status(vdpa);
}

static void virtio_vdpa_set_status(struct virtio_device *vdev, u8 status)
{
	vdpa_set_status(vdev_to_vdpa(vdev), status);
}

static void virtio_vdpa_reset(struct virtio_device *vdev)
{
	int ret;

	ret = vdpa_reset(vdev_to_vdpa(vdev), 0);
	if (ret)
		dev_err_ratelimited(&vdev->dev, "reset failed: error %d\n", ret);
}

static u64 virtio_vdpa_get_features(struct virtio_device *vdev)
{
	struct vdpa_device *vdpa = vdev_to_vdpa(vdev);
	u64 features = vdpa->config->get_device_features(vdpa);

	/* What cannot be done must not be negotiated. */
	if (!vdpa->config->kick_vq_with_data)
		features &= ~BIT_ULL(VIRTIO_F_NOTIFICATION_DATA);
	/* There is no op by which a parent could reset a single queue. */
	features &= ~BIT_ULL(VIRTIO_F_RING_RESET);
	return features;
}

static int virtio_vdpa_finalize_features(struct virtio_device *vdev)
{
	/* Takes out what this kernel's ring code does not know. */
	vring_transport_features(vdev);

	return vdpa_set_features(vdev_to_vdpa(vdev), vdev->features);
}

static const char *virtio_vdpa_bus_name(struct virtio_device *vdev)
{
	return dev_name(&vdev_to_vdpa(vdev)->dev);
}

static int find_vqs(struct virtio_device *vdev, unsigned int nvqs, struct virtqueue *vqs[],
		    struct virtqueue_info vqs_info[], struct irq_affinity *desc)
{
	return virtio_vdpa_find_vqs(vdev, nvqs, vqs, vqs_info, desc);
}

VC_FIND_VQS_ADAPTER(find_vqs);

static const struct virtio_config_ops virtio_vdpa_config_ops = {
	.get = virtio_vdpa_get,
	.set = virtio_vdpa_set,
	.generation = virtio_vdpa_generation,
	.get_status = virtio_vdpa_get_status,
	.set_status = virtio_vdpa_set_status,
	.reset = virtio_vdpa_reset,
	.find_vqs = VC_FIND_VQS(find_vqs),
	.del_vqs = virtio_vdpa_del_vqs,
	.get_features = virtio_vdpa_get_features,
	.finalize_features = virtio_vdpa_finalize_features,
	.bus_name = virtio_vdpa_bus_name,
	.set_vq_affinity = virtio_vdpa_set_vq_affinity,
	.get_vq_affinity = virtio_vdpa_get_vq_affinity,
};

static void virtio_vdpa_release(struct device *dev)
{
	kfree(container_of(dev_to_virtio(dev), struct virtio_vdpa_device, vdev));
}

static int virtio_vdpa_probe(struct vdpa_device *vdpa)
{
	const struct vdpa_config_ops *ops = vdpa->config;
	struct virtio_vdpa_device *vd;
	int ret;

	vd = kzalloc(sizeof(*vd), GFP_KERNEL);
	if (!vd)
		return -ENOMEM;

	vd->vdpa = vdpa;
	vd->vdev.config = &virtio_vdpa_config_ops;
	vd->vdev.id.device = ops->get_device_id(vdpa);
	vd->vdev.id.vendor = ops->get_vendor_id(vdpa);
	/* The device below which it appears is also the one that buffers are mapped for. */
	vd->vdev.dev.parent = vdpa->map ? &vdpa->dev : vdpa_get_map(vdpa).dma_dev;
	vd->vdev.dev.release = virtio_vdpa_release;

	ret = -EINVAL;
	if (!vd->vdev.id.device || !vd->vdev.dev.parent)
		goto err_free;
	ret = virtio_device_set_map_ops(&vd->vdev, vdpa->map);
	if (ret) {
		dev_err(&vdpa->dev, "this kernel's virtio drivers cannot map buffers for it\n");
		goto err_free;
	}

	vdpa_set_drvdata(vdpa, vd);
	ret = register_virtio_device(&vd->vdev);
	/* It has initialized the reference count, also if it fails. */
	if (ret)
		put_device(&vd->vdev.dev);
	return ret;

err_free:
	kfree(vd);
	return ret;
}

static void virtio_vdpa_remove(struct vdpa_device *vdpa)
{
	struct virtio_vdpa_device *vd = vdpa_get_drvdata(vdpa);

	unregister_virtio_device(&vd->vdev);
}

static struct vdpa_driver virtio_vdpa_driver = {
	.driver = {
		.name = "virtio_vdpa",
	},
	.probe = virtio_vdpa_probe,
	.remove = virtio_vdpa_remove,
};
module_vdpa_driver(virtio_vdpa_driver);

MODULE_VERSION(VDPA_DKMS_VERSION);
MODULE_AUTHOR("vdpa-dkms developers");
MODULE_DESCRIPTION("virtio transport over vDPA devices");
MODULE_LICENSE("GPL");
