// SPDX-License-Identifier: GPL-2.0-only
/*
 * A transport can wait for callbacks that still run.
 *
 * since: 5.19, el9.4
 */
#include <linux/virtio.h>
#include <linux/virtio_config.h>

static inline void has_virtio_synchronize_cbs(void)
{
	void (*synchronize_cbs)(struct virtio_device *vdev) = NULL;
	struct virtio_config_ops ops = { .synchronize_cbs = synchronize_cbs };

	(void)ops;
}
