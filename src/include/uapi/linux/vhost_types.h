/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Adds to the system's <linux/vhost_types.h> what mainline has and that one lacks.
 *
 * Structures that came together with an ioctl are in <linux/vhost.h>, where the preprocessor can
 * tell whether they exist. No guard around the #include_next: this file may be reached by two
 * paths (linux/ and uapi/linux/), and the last one must get through.
 */
#include_next <linux/vhost_types.h>

#ifndef _VDPA_UAPI_VHOST_TYPES_H
#define _VDPA_UAPI_VHOST_TYPES_H

/* Bit numbers for VHOST_GET_BACKEND_FEATURES and VHOST_SET_BACKEND_FEATURES. */

#ifndef VHOST_BACKEND_F_IOTLB_MSG_V2
#define VHOST_BACKEND_F_IOTLB_MSG_V2	0x1	/* struct vhost_msg_v2 */
#endif

#ifndef VHOST_BACKEND_F_IOTLB_BATCH
#define VHOST_BACKEND_F_IOTLB_BATCH	0x2	/* VHOST_IOTLB_BATCH_BEGIN and _END */
#endif

#ifndef VHOST_BACKEND_F_IOTLB_ASID
#define VHOST_BACKEND_F_IOTLB_ASID	0x3	/* vhost_msg_v2.asid counts */
#endif

#ifndef VHOST_BACKEND_F_SUSPEND
#define VHOST_BACKEND_F_SUSPEND		0x4	/* VHOST_VDPA_SUSPEND */
#endif

#ifndef VHOST_BACKEND_F_RESUME
#define VHOST_BACKEND_F_RESUME		0x5	/* VHOST_VDPA_RESUME */
#endif

#ifndef VHOST_BACKEND_F_ENABLE_AFTER_DRIVER_OK
#define VHOST_BACKEND_F_ENABLE_AFTER_DRIVER_OK	0x6	/* queues may be enabled while it runs */
#endif

#ifndef VHOST_BACKEND_F_DESC_ASID
#define VHOST_BACKEND_F_DESC_ASID	0x7	/* rings may be in another space than buffers */
#endif

#ifndef VHOST_BACKEND_F_IOTLB_PERSIST
#define VHOST_BACKEND_F_IOTLB_PERSIST	0x8	/* a reset leaves what is mapped alone */
#endif

#ifndef VHOST_IOTLB_BATCH_BEGIN
#define VHOST_IOTLB_BATCH_BEGIN		5
#endif

#ifndef VHOST_IOTLB_BATCH_END
#define VHOST_IOTLB_BATCH_END		6
#endif

#endif /* _VDPA_UAPI_VHOST_TYPES_H */
