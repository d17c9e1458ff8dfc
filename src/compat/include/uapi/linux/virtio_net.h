/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * uapi/linux/virtio_net.h: feature bits and the configuration space of the newest kernel.
 */
#ifndef VC_UAPI_LINUX_VIRTIO_NET_H
#define VC_UAPI_LINUX_VIRTIO_NET_H

/*
 * VC_HAS_VIRTIO_NET_CONFIG_RSS: until 5.8 (el8) the configuration space ended with the duplex
 * mode. Its size is seen by whoever opens the device, and must not depend on the kernel.
 * Remove when el8 is no longer supported.
 */
#if VC_HAS_VIRTIO_NET_CONFIG_RSS
#include_next <uapi/linux/virtio_net.h>
#else
#define virtio_net_config vc_kernel_virtio_net_config
#include_next <uapi/linux/virtio_net.h>
#undef virtio_net_config

struct virtio_net_config {
	__u8 mac[ETH_ALEN];
	__virtio16 status;
	__virtio16 max_virtqueue_pairs;
	__virtio16 mtu;
	__le32 speed;
	__u8 duplex;
	__u8 rss_max_key_size;
	__le16 rss_max_indirection_table_length;
	__le32 supported_hash_types;
} __attribute__((packed));
#endif

#ifndef VIRTIO_NET_F_DEVICE_STATS
#define VIRTIO_NET_F_DEVICE_STATS	50
#endif

#ifndef VIRTIO_NET_F_VQ_NOTF_COAL
#define VIRTIO_NET_F_VQ_NOTF_COAL	52
#endif

#ifndef VIRTIO_NET_F_NOTF_COAL
#define VIRTIO_NET_F_NOTF_COAL		53
#endif

#ifndef VIRTIO_NET_F_GUEST_USO4
#define VIRTIO_NET_F_GUEST_USO4		54
#define VIRTIO_NET_F_GUEST_USO6		55
#define VIRTIO_NET_F_HOST_USO		56
#endif

#ifndef VIRTIO_NET_F_HASH_REPORT
#define VIRTIO_NET_F_HASH_REPORT	57
#endif

#ifndef VIRTIO_NET_F_GUEST_HDRLEN
#define VIRTIO_NET_F_GUEST_HDRLEN	59
#endif

#ifndef VIRTIO_NET_F_RSS
#define VIRTIO_NET_F_RSS		60
#endif

#ifndef VIRTIO_NET_F_RSC_EXT
#define VIRTIO_NET_F_RSC_EXT		61
#endif

#endif /* VC_UAPI_LINUX_VIRTIO_NET_H */
