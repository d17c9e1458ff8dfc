/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * uapi/linux/virtio_blk.h: feature bits and the configuration space of the newest kernel.
 */
#ifndef VC_UAPI_LINUX_VIRTIO_BLK_H
#define VC_UAPI_LINUX_VIRTIO_BLK_H

/*
 * VC_HAS_VIRTIO_BLK_CONFIG_ZONED: the configuration space grew by secure erase in 5.19 and by zones
 * in 6.3 (both el9.4). Its size is seen by whoever opens the device, and must not depend on the
 * kernel. Remove when nothing older is supported.
 */
#if VC_HAS_VIRTIO_BLK_CONFIG_ZONED
#include_next <uapi/linux/virtio_blk.h>
#else
#define virtio_blk_config vc_kernel_virtio_blk_config
#include_next <uapi/linux/virtio_blk.h>
#undef virtio_blk_config

/* Zone types, models and requests are named by newer headers only; nothing here uses them. */
struct virtio_blk_config {
	__virtio64 capacity;
	__virtio32 size_max;
	__virtio32 seg_max;
	struct virtio_blk_geometry geometry;
	__virtio32 blk_size;
	__u8 physical_block_exp;
	__u8 alignment_offset;
	__virtio16 min_io_size;
	__virtio32 opt_io_size;
	__u8 wce;
	__u8 unused;
	__virtio16 num_queues;
	__virtio32 max_discard_sectors;
	__virtio32 max_discard_seg;
	__virtio32 discard_sector_alignment;
	__virtio32 max_write_zeroes_sectors;
	__virtio32 max_write_zeroes_seg;
	__u8 write_zeroes_may_unmap;
	__u8 unused1[3];
	__virtio32 max_secure_erase_sectors;
	__virtio32 max_secure_erase_seg;
	__virtio32 secure_erase_sector_alignment;
	struct virtio_blk_zoned_characteristics {
		__virtio32 zone_sectors;
		__virtio32 max_open_zones;
		__virtio32 max_active_zones;
		__virtio32 max_append_sectors;
		__virtio32 write_granularity;
		__u8 model;
		__u8 unused2[3];
	} zoned;
} __attribute__((packed));
#endif

#ifndef VIRTIO_BLK_F_SECURE_ERASE
#define VIRTIO_BLK_F_SECURE_ERASE	16
#define VIRTIO_BLK_T_SECURE_ERASE	14
#endif

#ifndef VIRTIO_BLK_F_ZONED
#define VIRTIO_BLK_F_ZONED		17
#endif

#endif /* VC_UAPI_LINUX_VIRTIO_BLK_H */
