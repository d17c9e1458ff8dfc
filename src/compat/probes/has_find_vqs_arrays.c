// SPDX-License-Identifier: GPL-2.0-only
/*
 * find_vqs() gets callbacks, names and contexts as arrays of their own.
 *
 * since: 4.12, until 6.10
 */
#include <linux/virtio.h>
#include <linux/virtio_config.h>

static inline void has_find_vqs_arrays(void)
{
	int (*find_vqs)(struct virtio_device *vdev, unsigned int nvqs, struct virtqueue *vqs[],
			vq_callback_t *callbacks[], const char * const names[], const bool *ctx,
			struct irq_affinity *desc) = NULL;
	struct virtio_config_ops ops = { .find_vqs = find_vqs };

	(void)ops;
}
