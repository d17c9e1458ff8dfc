// SPDX-License-Identifier: GPL-2.0-only
/*
 * There is a struct virtqueue_info.
 *
 * since: 6.11, el10.0
 */
#include <linux/virtio.h>
#include <linux/virtio_config.h>

static inline void has_virtqueue_info_struct(void)
{
	(void)sizeof(struct virtqueue_info);
}
