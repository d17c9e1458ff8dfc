// SPDX-License-Identifier: GPL-2.0-only
/*
 * The core tells what a notification with VIRTIO_F_NOTIFICATION_DATA carries.
 *
 * since: 6.4, el9.4
 * export: vring_notification_data
 */
#include <linux/virtio.h>
#include <linux/virtio_ring.h>

static inline void has_vring_notification_data(void)
{
	u32 (*fn)(struct virtqueue *vq) = vring_notification_data;

	(void)fn;
}
