// SPDX-License-Identifier: GPL-2.0-only
/*
 * struct virtio_blk_config ends with the zone characteristics.
 *
 * since: 6.3, el9.4
 */
#include <uapi/linux/virtio_blk.h>

static inline void has_virtio_blk_config_zoned(void)
{
	struct virtio_blk_config config = { .zoned.zone_sectors = 0 };

	(void)config;
}
