/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * linux/virtio.h: what the virtqueues of a device are mapped with.
 */
#ifndef VC_LINUX_VIRTIO_H
#define VC_LINUX_VIRTIO_H

#include_next <linux/virtio.h>

struct virtio_map_ops;

/*
 * VC_HAS_VIRTIO_DEVICE_MAP: 6.18. Older kernels only know the device that does the DMA, which is
 * given to vring_create_virtqueue_map(); a parent's own mapping operations cannot be used there.
 * The two functions exist on no kernel; they stand for the assignments of the newest one.
 * Remove when nothing older is supported.
 */
#if VC_HAS_VIRTIO_DEVICE_MAP
static inline int virtio_device_set_map_ops(struct virtio_device *vdev,
					    const struct virtio_map_ops *ops)
{
	vdev->map = ops;
	return 0;
}

static inline void virtio_device_set_vmap(struct virtio_device *vdev, union virtio_map map)
{
	vdev->vmap = map;
}
#else
#include <linux/errno.h>

union virtio_map {
	struct device *dma_dev;
	void *group;
};

static inline int virtio_device_set_map_ops(struct virtio_device *vdev,
					    const struct virtio_map_ops *ops)
{
	return ops ? -EOPNOTSUPP : 0;
}

static inline void virtio_device_set_vmap(struct virtio_device *vdev, union virtio_map map)
{
}
#endif

/*
 * VC_HAS_VIRTQUEUE_NUM_MAX: 6.0, el9.4. Before, a driver could not ask for the largest size.
 * Remove when nothing older is supported.
 */
static inline void virtqueue_set_num_max(struct virtqueue *vq, unsigned int num_max)
{
#if VC_HAS_VIRTQUEUE_NUM_MAX
	vq->num_max = num_max;
#endif
}

#endif /* VC_LINUX_VIRTIO_H */
