/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * uapi/linux/virtio_config.h: feature bits that older headers do not name. Macros announce
 * themselves, so that no probe is needed.
 */
#ifndef VC_UAPI_LINUX_VIRTIO_CONFIG_H
#define VC_UAPI_LINUX_VIRTIO_CONFIG_H

#include_next <uapi/linux/virtio_config.h>

#ifndef VIRTIO_F_IN_ORDER
#define VIRTIO_F_IN_ORDER		35
#endif

#ifndef VIRTIO_F_NOTIFICATION_DATA
#define VIRTIO_F_NOTIFICATION_DATA	38
#endif

#ifndef VIRTIO_F_NOTIF_CONFIG_DATA
#define VIRTIO_F_NOTIF_CONFIG_DATA	39
#endif

#ifndef VIRTIO_F_RING_RESET
#define VIRTIO_F_RING_RESET		40
#endif

#ifndef VIRTIO_F_ADMIN_VQ
#define VIRTIO_F_ADMIN_VQ		41
#endif

#endif /* VC_UAPI_LINUX_VIRTIO_CONFIG_H */
