// SPDX-License-Identifier: GPL-2.0-only
/*
 * A virtio device carries the operations and the token its buffers are mapped with.
 *
 * since: 6.18
 */
#include <linux/virtio.h>

static inline void has_virtio_device_map(void)
{
	union virtio_map map = { .dma_dev = NULL };
	struct virtio_device vdev = { .map = NULL, .vmap = map };

	(void)vdev;
}
