// SPDX-License-Identifier: GPL-2.0-only
/*
 * A transport can reset one virtqueue.
 *
 * since: 6.0, el9.4
 */
#include <linux/virtio.h>
#include <linux/virtio_config.h>

static inline void has_virtio_vq_reset_ops(void)
{
	int (*reset_one)(struct virtqueue *vq) = NULL;
	struct virtio_config_ops ops = {
		.disable_vq_and_reset = reset_one,
		.enable_vq_after_reset = reset_one,
	};

	(void)ops;
}
