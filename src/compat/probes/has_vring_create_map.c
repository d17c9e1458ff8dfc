// SPDX-License-Identifier: GPL-2.0-only
/*
 * vring_create_virtqueue_map() takes a union virtio_map.
 *
 * since: 6.18
 * export: vring_create_virtqueue_map
 */
#include <linux/virtio.h>
#include <linux/virtio_ring.h>

static inline void has_vring_create_map(void)
{
	struct virtqueue *(*fn)(unsigned int index, unsigned int num, unsigned int vring_align,
				struct virtio_device *vdev, bool weak_barriers,
				bool may_reduce_num, bool ctx, bool (*notify)(struct virtqueue *vq),
				void (*callback)(struct virtqueue *vq), const char *name,
				union virtio_map map) = vring_create_virtqueue_map;

	(void)fn;
}
