// SPDX-License-Identifier: GPL-2.0-only
/*
 * A virtqueue knows the largest size the device allows.
 *
 * since: 6.0, el9.4
 */
#include <linux/virtio.h>

static inline void has_virtqueue_num_max(void)
{
	struct virtqueue vq = { .num_max = 1 };

	(void)vq;
}
