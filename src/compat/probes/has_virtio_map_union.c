// SPDX-License-Identifier: GPL-2.0-only
/*
 * There is a union virtio_map.
 *
 * since: 6.18
 */
#include <linux/virtio.h>

static inline void has_virtio_map_union(void)
{
	(void)sizeof(union virtio_map);
}
