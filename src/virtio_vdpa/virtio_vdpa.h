/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * virtio_vdpa.h - what main.c (device) and vqs.c (virtqueues) of virtio_vdpa.ko share.
 */
#ifndef VIRTIO_VDPA_H
#define VIRTIO_VDPA_H

#include <linux/vdpa.h>
#include <linux/virtio.h>
#include <linux/virtio_config.h>

struct irq_affinity;

/**
 * struct virtio_vdpa_device - a vdpa device offered to the kernel's virtio drivers
 * @vdev: the virtio device; its reference count owns this structure
 * @vdpa: the device behind it. Valid until @vdev is unregistered, which is when the vdpa device is
 *	unbound; no virtio driver calls us later
 */
struct virtio_vdpa_device {
	struct virtio_device vdev;
	struct vdpa_device *vdpa;
};

static inline struct vdpa_device *vdev_to_vdpa(struct virtio_device *vdev)
{
	return container_of(vdev, struct virtio_vdpa_device, vdev)->vdpa;
}

/* vqs.c; all sleep. */
int virtio_vdpa_find_vqs(struct virtio_device *vdev, unsigned int nvqs, struct virtqueue *vqs[],
			 struct virtqueue_info vqs_info[], struct irq_affinity *desc);
void virtio_vdpa_del_vqs(struct virtio_device *vdev);
int virtio_vdpa_set_vq_affinity(struct virtqueue *vq, const struct cpumask *cpu_mask);
const struct cpumask *virtio_vdpa_get_vq_affinity(struct virtio_device *vdev, int index);

#endif /* VIRTIO_VDPA_H */
