/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * linux/virtio_blk.h: there is only the user API's, and it has a shadow.
 */
#ifndef VC_LINUX_VIRTIO_BLK_H
#define VC_LINUX_VIRTIO_BLK_H

#include <uapi/linux/virtio_blk.h>

#endif /* VC_LINUX_VIRTIO_BLK_H */
