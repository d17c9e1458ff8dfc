/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Adds to the system's <linux/vhost.h> what mainline has and that one lacks.
 *
 * No guard around the #include_next: this file may be reached by two paths (linux/ and
 * uapi/linux/), and the last one must get through.
 */
#include_next <linux/vhost.h>

#ifndef _VDPA_UAPI_VHOST_H
#define _VDPA_UAPI_VHOST_H

#include <linux/ioctl.h>
#include <linux/types.h>
#include <linux/vhost_types.h>

#ifndef VHOST_FILE_UNBIND
#define VHOST_FILE_UNBIND	-1	/* vhost_vring_file.fd: no file */
#endif

/*
 * RHEL 8.4 has this one with the wrong direction, and so with another number. The number below is
 * the one that every other kernel has.
 */
#undef VHOST_GET_BACKEND_FEATURES
#define VHOST_GET_BACKEND_FEATURES	_IOR(VHOST_VIRTIO, 0x26, __u64)

#ifndef VHOST_SET_BACKEND_FEATURES
#define VHOST_SET_BACKEND_FEATURES	_IOW(VHOST_VIRTIO, 0x25, __u64)
#endif

/* Workers. vhost-vdpa has none: these fail with ENOIOCTLCMD there, as in mainline. */
#ifndef VHOST_NEW_WORKER
struct vhost_worker_state {
	unsigned int worker_id;
};

struct vhost_vring_worker {
	unsigned int index;
	unsigned int worker_id;
};

#define VHOST_NEW_WORKER		_IOR(VHOST_VIRTIO, 0x8, struct vhost_worker_state)
#define VHOST_FREE_WORKER		_IOW(VHOST_VIRTIO, 0x9, struct vhost_worker_state)
#define VHOST_ATTACH_VRING_WORKER	_IOW(VHOST_VIRTIO, 0x15, struct vhost_vring_worker)
#define VHOST_GET_VRING_WORKER		_IOWR(VHOST_VIRTIO, 0x16, struct vhost_vring_worker)
#endif

/* eventfd (or -1) to signal when the configuration space changes. */
#ifndef VHOST_VDPA_SET_CONFIG_CALL
#define VHOST_VDPA_SET_CONFIG_CALL	_IOW(VHOST_VIRTIO, 0x77, int)
#endif

/* I/O virtual addresses that may be mapped, both ends inclusive. */
#ifndef VHOST_VDPA_GET_IOVA_RANGE
struct vhost_vdpa_iova_range {
	__u64 first;
	__u64 last;
};

#define VHOST_VDPA_GET_IOVA_RANGE	_IOR(VHOST_VIRTIO, 0x78, struct vhost_vdpa_iova_range)
#endif

/* Bytes of configuration space. */
#ifndef VHOST_VDPA_GET_CONFIG_SIZE
#define VHOST_VDPA_GET_CONFIG_SIZE	_IOR(VHOST_VIRTIO, 0x79, __u32)
#endif

/* Number of address spaces. */
#ifndef VHOST_VDPA_GET_AS_NUM
#define VHOST_VDPA_GET_AS_NUM		_IOR(VHOST_VIRTIO, 0x7A, unsigned int)
#endif

/* In: index = virtqueue. Out: num = its group. */
#ifndef VHOST_VDPA_GET_VRING_GROUP
#define VHOST_VDPA_GET_VRING_GROUP	_IOWR(VHOST_VIRTIO, 0x7B, struct vhost_vring_state)
#endif

/* index = group, num = address space it is to use. Not while DRIVER_OK is set. */
#ifndef VHOST_VDPA_SET_GROUP_ASID
#define VHOST_VDPA_SET_GROUP_ASID	_IOW(VHOST_VIRTIO, 0x7C, struct vhost_vring_state)
#endif

/* The device stops and keeps its state (ring positions, configuration) for reading. */
#ifndef VHOST_VDPA_SUSPEND
#define VHOST_VDPA_SUSPEND		_IO(VHOST_VIRTIO, 0x7D)
#endif

/* A suspended device goes on. */
#ifndef VHOST_VDPA_RESUME
#define VHOST_VDPA_RESUME		_IO(VHOST_VIRTIO, 0x7E)
#endif

/* In: index = virtqueue. Out: num = group of its descriptor, driver and device areas. */
#ifndef VHOST_VDPA_GET_VRING_DESC_GROUP
#define VHOST_VDPA_GET_VRING_DESC_GROUP	_IOWR(VHOST_VIRTIO, 0x7F, struct vhost_vring_state)
#endif

/* Number of virtqueues. */
#ifndef VHOST_VDPA_GET_VQS_COUNT
#define VHOST_VDPA_GET_VQS_COUNT	_IOR(VHOST_VIRTIO, 0x80, __u32)
#endif

/* Number of virtqueue groups. */
#ifndef VHOST_VDPA_GET_GROUP_NUM
#define VHOST_VDPA_GET_GROUP_NUM	_IOR(VHOST_VIRTIO, 0x81, __u32)
#endif

/* In: index = virtqueue. Out: num = its size in entries. */
#ifndef VHOST_VDPA_GET_VRING_SIZE
#define VHOST_VDPA_GET_VRING_SIZE	_IOWR(VHOST_VIRTIO, 0x82, struct vhost_vring_state)
#endif

/* Features beyond 64 bits. vhost-vdpa has none: these fail with ENOIOCTLCMD there. */
#ifndef VHOST_GET_FEATURES_ARRAY
struct vhost_features_array {
	__u64 count;
	__u64 features[];
};

#define VHOST_GET_FEATURES_ARRAY	_IOR(VHOST_VIRTIO, 0x83, struct vhost_features_array)
#define VHOST_SET_FEATURES_ARRAY	_IOW(VHOST_VIRTIO, 0x83, struct vhost_features_array)
#endif

/* How workers are made. vhost-vdpa has none: accepted by mainline, without effect. */
#ifndef VHOST_SET_FORK_FROM_OWNER
#define VHOST_FORK_OWNER_KTHREAD	0
#define VHOST_FORK_OWNER_TASK		1
#define VHOST_SET_FORK_FROM_OWNER	_IOW(VHOST_VIRTIO, 0x84, __u8)
#define VHOST_GET_FORK_FROM_OWNER	_IOR(VHOST_VIRTIO, 0x85, __u8)
#endif

#endif /* _VDPA_UAPI_VHOST_H */
