// SPDX-License-Identifier: GPL-2.0-only
/*
 * find_vqs() gets an array of struct virtqueue_info.
 *
 * since: 6.11, el10.0
 */
#include <linux/virtio.h>
#include <linux/virtio_config.h>

static inline void has_virtqueue_info(void)
{
	struct virtqueue_info info = { .name = NULL, .callback = NULL, .ctx = false };
	int (*find_vqs)(struct virtio_device *vdev, unsigned int nvqs, struct virtqueue *vqs[],
			struct virtqueue_info vqs_info[], struct irq_affinity *desc) = NULL;
	struct virtio_config_ops ops = { .find_vqs = find_vqs };

	(void)info;
	(void)ops;
}
