// SPDX-License-Identifier: GPL-2.0-only
/*
 * vring_create_virtqueue() maps for the parent of the virtio device.
 *
 * since: 4.9
 * export: vring_create_virtqueue
 */
#include <linux/virtio.h>
#include <linux/virtio_ring.h>

static inline void has_vring_create_plain(void)
{
	struct virtqueue *(*fn)(unsigned int index, unsigned int num, unsigned int vring_align,
				struct virtio_device *vdev, bool weak_barriers,
				bool may_reduce_num, bool ctx, bool (*notify)(struct virtqueue *vq),
				void (*callback)(struct virtqueue *vq),
				const char *name) = vring_create_virtqueue;

	(void)fn;
}
