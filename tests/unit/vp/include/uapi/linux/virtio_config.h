/* SPDX-License-Identifier: GPL-2.0-only */
/* uapi/linux/virtio_config.h: userspace stand-in for the test of vp_vdpa. */
#ifndef UNIT_VP_UAPI_VIRTIO_CONFIG_H
#define UNIT_VP_UAPI_VIRTIO_CONFIG_H

#include <linux/virtio_config.h>

#ifndef VIRTIO_F_NOTIFICATION_DATA
#define VIRTIO_F_NOTIFICATION_DATA 38
#endif
#ifndef VIRTIO_F_NOTIF_CONFIG_DATA
#define VIRTIO_F_NOTIF_CONFIG_DATA 39
#endif
#ifndef VIRTIO_F_RING_RESET
#define VIRTIO_F_RING_RESET 40
#endif
#ifndef VIRTIO_F_ADMIN_VQ
#define VIRTIO_F_ADMIN_VQ 41
#endif

#endif
