/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vring.h - what the two ring formats share.
 *
 * vring.c holds the entry points, translation and data access; vring_split.c and vring_packed.c
 * know the layouts. Every function returns 0 or -errno unless it says otherwise; only vring.c
 * decides that an error breaks the ring.
 */
#ifndef VDPA_VRING_INTERNAL_H
#define VDPA_VRING_INTERNAL_H

#include <linux/vdpa_vring.h>

/* One buffer of a request. Buffers for the device to read come before those to write. */
struct vdpa_vring_seg {
	u64 iova;
	u32 len;
	bool write;
};

int vr_read(struct vdpa_vring *vr, enum vdpa_vring_area area, u64 iova, void *buf, size_t len);
int vr_write(struct vdpa_vring *vr, enum vdpa_vring_area area, u64 iova, const void *buf,
	     size_t len);
int vr_load16(struct vdpa_vring *vr, enum vdpa_vring_area area, u64 iova, u16 *val);
int vr_store16(struct vdpa_vring *vr, enum vdpa_vring_area area, u64 iova, u16 val);
int vr_add_seg(struct vdpa_vring *vr, struct vdpa_vring_req *req, u64 iova, u32 len, bool write);

int vr_split_check(const struct vdpa_vring_config *cfg);
int vr_split_get(struct vdpa_vring *vr, struct vdpa_vring_req *req);
void vr_split_unget(struct vdpa_vring *vr, const struct vdpa_vring_req *req);
int vr_split_publish(struct vdpa_vring *vr);
int vr_split_wants_signal(struct vdpa_vring *vr);
int vr_split_kick(struct vdpa_vring *vr, bool on);
int vr_split_pending(struct vdpa_vring *vr);

int vr_packed_check(const struct vdpa_vring_config *cfg);
int vr_packed_get(struct vdpa_vring *vr, struct vdpa_vring_req *req);
void vr_packed_unget(struct vdpa_vring *vr, const struct vdpa_vring_req *req);
int vr_packed_publish(struct vdpa_vring *vr);
int vr_packed_wants_signal(struct vdpa_vring *vr);
int vr_packed_kick(struct vdpa_vring *vr, bool on);
int vr_packed_pending(struct vdpa_vring *vr);

#endif /* VDPA_VRING_INTERNAL_H */
