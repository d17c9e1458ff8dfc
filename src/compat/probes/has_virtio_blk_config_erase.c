// SPDX-License-Identifier: GPL-2.0-only
/*
 * struct virtio_blk_config knows secure erase.
 *
 * since: 5.19, el9.4
 */
#include <uapi/linux/virtio_blk.h>

static inline void has_virtio_blk_config_erase(void)
{
	struct virtio_blk_config config = { .max_secure_erase_sectors = 0 };

	(void)config;
}
