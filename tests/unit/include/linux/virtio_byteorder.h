/* SPDX-License-Identifier: GPL-2.0-only */
/* virtio_byteorder.h: userspace stand-in for unit tests, see ../../README. */
#ifndef UNIT_LINUX_VIRTIO_BYTEORDER_H
#define UNIT_LINUX_VIRTIO_BYTEORDER_H

#include <endian.h>
#include <linux/types.h>
#include <linux/virtio_types.h>

#define cpu_to_le16 htole16
#define cpu_to_le32 htole32
#define cpu_to_le64 htole64
#define le16_to_cpu le16toh
#define le32_to_cpu le32toh
#define le64_to_cpu le64toh

static inline bool virtio_legacy_is_little_endian(void)
{
	return __BYTE_ORDER == __LITTLE_ENDIAN;
}

#define UNIT_VIRTIO_ORDER(n) \
static inline u##n __virtio##n##_to_cpu(bool le, __virtio##n v) \
{ return le ? le##n##toh(v) : be##n##toh(v); } \
static inline __virtio##n __cpu_to_virtio##n(bool le, u##n v) \
{ return le ? htole##n(v) : htobe##n(v); } \
struct unit_unused_export

UNIT_VIRTIO_ORDER(16);
UNIT_VIRTIO_ORDER(32);
UNIT_VIRTIO_ORDER(64);

#endif
