// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a virtqueue needs for mapping is a union virtio_map.
 *
 * since: 6.18
 */
#include <linux/virtio.h>

static inline void has_virtio_map_union(void)
{
	union virtio_map map = { .dma_dev = NULL };
	struct virtio_device vdev = { .map = NULL, .vmap = map };

	(void)vdev;
}
