// SPDX-License-Identifier: GPL-2.0-only
/*
 * struct virtio_net_config ends with the hash types (24 bytes).
 *
 * since: 5.9, el9.0
 */
#include <uapi/linux/virtio_net.h>

static inline void has_virtio_net_config_rss(void)
{
	struct virtio_net_config config = { .supported_hash_types = 0 };

	(void)config;
}
