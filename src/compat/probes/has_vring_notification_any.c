// SPDX-License-Identifier: GPL-2.0-only
/*
 * vring_notification_data() exists, whatever it looks like.
 *
 * since: 6.4, el9.4
 * export: vring_notification_data
 */
#include <linux/virtio.h>
#include <linux/virtio_ring.h>

static inline void has_vring_notification_any(void)
{
	(void)sizeof(&vring_notification_data);
}
