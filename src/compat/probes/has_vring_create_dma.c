// SPDX-License-Identifier: GPL-2.0-only
/*
 * vring_create_virtqueue_dma() takes the device that does the DMA.
 *
 * since: 6.4, el9.4, until 6.17
 * export: vring_create_virtqueue_dma
 */
#include <linux/virtio.h>
#include <linux/virtio_ring.h>

static inline void has_vring_create_dma(void)
{
	struct virtqueue *(*fn)(unsigned int index, unsigned int num, unsigned int vring_align,
				struct virtio_device *vdev, bool weak_barriers,
				bool may_reduce_num, bool ctx, bool (*notify)(struct virtqueue *vq),
				void (*callback)(struct virtqueue *vq), const char *name,
				struct device *dma_dev) = vring_create_virtqueue_dma;

	(void)fn;
}
