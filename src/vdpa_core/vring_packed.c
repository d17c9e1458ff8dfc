// SPDX-License-Identifier: GPL-2.0-only
/* vring_packed.c - the packed ring (virtio 1.2, 2.8), device side. */
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/virtio_byteorder.h>
#include <uapi/linux/virtio_config.h>
#include <uapi/linux/virtio_ring.h>

#include "vring.h"

#define F_AVAIL BIT(VRING_PACKED_DESC_F_AVAIL)
#define F_USED BIT(VRING_PACKED_DESC_F_USED)
#define EVENT_WRAP BIT(VRING_PACKED_EVENT_F_WRAP_CTR)

#define WINDOW 16u

static u64 desc_at(const struct vdpa_vring *vr, u16 pos)
{
	return vr->desc + pos * sizeof(struct vring_packed_desc);
}

static u64 desc_flags_at(const struct vdpa_vring *vr, u16 pos)
{
	return desc_at(vr, pos) + offsetof(struct vring_packed_desc, flags);
}

static void step(const struct vdpa_vring *vr, u16 *pos, bool *wrap, u16 n)
{
	u32 next = *pos + n;

	if (next >= vr->num) {
		next -= vr->num;
		*wrap = !*wrap;
	}
	*pos = next;
}

static void step_back(const struct vdpa_vring *vr, u16 *pos, bool *wrap, u16 n)
{
	if (*pos < n) {
		*pos += vr->num;
		*wrap = !*wrap;
	}
	*pos -= n;
}

int vr_packed_check(const struct vdpa_vring_config *cfg)
{
	if (!(cfg->features & BIT_ULL(VIRTIO_F_VERSION_1)))
		return -EINVAL;
	if (!IS_ALIGNED(cfg->desc, sizeof(struct vring_packed_desc)) ||
	    !IS_ALIGNED(cfg->driver, sizeof(struct vring_packed_desc_event)) ||
	    !IS_ALIGNED(cfg->device, sizeof(struct vring_packed_desc_event)))
		return -EINVAL;
	return 0;
}

/* Available: the driver's bit is that of its wrap counter, the device's is still the other. */
static bool is_avail(u16 flags, bool wrap)
{
	return !!(flags & F_AVAIL) == wrap && !!(flags & F_USED) != wrap;
}

/* An indirect table has no links: all of it is the request, in sequence. */
static int walk_indirect(struct vdpa_vring *vr, struct vdpa_vring_req *req,
			 const struct vring_packed_desc *table)
{
	u64 base = le64_to_cpu(table->addr);
	u32 len = le32_to_cpu(table->len);
	u32 n = len / sizeof(*table), i, k, have;
	struct vring_packed_desc window[WINDOW];

	if (!len || len % sizeof(*table) || base + (len - 1) < base)
		return -EINVAL;
	if (n > vr->num_max)
		return -E2BIG;
	for (i = 0; i < n; i += have) {
		int err;

		have = min(n - i, WINDOW);
		err = vr_read(vr, VDPA_VRING_INDIRECT, base + i * sizeof(*table), window,
			      have * sizeof(*table));
		for (k = 0; !err && k < have; k++) {
			u16 flags = le16_to_cpu(window[k].flags);

			if (flags & VRING_DESC_F_INDIRECT)
				return -EINVAL;
			err = vr_add_seg(vr, req, le64_to_cpu(window[k].addr),
					 le32_to_cpu(window[k].len), flags & VRING_DESC_F_WRITE);
		}
		if (err)
			return err;
	}
	return 0;
}

int vr_packed_get(struct vdpa_vring *vr, struct vdpa_vring_req *req)
{
	u16 pos = vr->pos.avail, flags;
	bool wrap = vr->pos.avail_wrap;
	int err;

	err = vr_load16(vr, VDPA_VRING_DESC, desc_flags_at(vr, pos), &flags);
	if (err)
		return err;
	if (!is_avail(flags, wrap))
		return 0;
	/* The driver wrote the whole chain before the flags of its first descriptor. */
	smp_rmb();

	do {
		struct vring_packed_desc desc;

		if (req->ndesc == vr->num)
			return -ELOOP;
		err = vr_read(vr, VDPA_VRING_DESC, desc_at(vr, pos), &desc, sizeof(desc));
		if (err)
			return err;
		flags = le16_to_cpu(desc.flags);
		req->ndesc++;
		/* The buffer's id is that of the last descriptor (2.8.6). */
		req->id = le16_to_cpu(desc.id);
		if (flags & VRING_DESC_F_INDIRECT) {
			if (!vr->indirect || flags & VRING_DESC_F_NEXT || req->ndesc > 1)
				return -EINVAL;
			err = walk_indirect(vr, req, &desc);
		} else {
			err = vr_add_seg(vr, req, le64_to_cpu(desc.addr), le32_to_cpu(desc.len),
					 flags & VRING_DESC_F_WRITE);
		}
		if (err)
			return err;
		step(vr, &pos, &wrap, 1);
	} while (flags & VRING_DESC_F_NEXT);

	vr->pos.avail = pos;
	vr->pos.avail_wrap = wrap;
	return 1;
}

void vr_packed_unget(struct vdpa_vring *vr, const struct vdpa_vring_req *req)
{
	step_back(vr, &vr->pos.avail, &vr->pos.avail_wrap, req->ndesc);
}

/*
 * The driver polls the flags at its own position, so of a group of used descriptors it sees nothing
 * before the flags of the first one. These are written last.
 */
int vr_packed_publish(struct vdpa_vring *vr)
{
	u16 first_pos = vr->pos.used, first_flags = 0;
	u32 i, slots = 0;
	int err;

	for (i = 0; i < vr->nr_used; i++) {
		const struct vdpa_vring_used *used = &vr->used[i];
		struct vring_packed_desc desc;
		u16 flags = vr->pos.used_wrap ? F_AVAIL | F_USED : 0;
		size_t from = offsetof(struct vring_packed_desc, len);
		size_t to = sizeof(desc);

		if (used->len)
			flags |= VRING_DESC_F_WRITE;
		desc.len = cpu_to_le32(used->len);
		desc.id = cpu_to_le16(used->id);
		desc.flags = cpu_to_le16(flags);
		if (!i) {
			first_flags = flags;
			to = offsetof(struct vring_packed_desc, flags);
		}
		err = vr_write(vr, VDPA_VRING_DESC, desc_at(vr, vr->pos.used) + from,
			       (u8 *)&desc + from, to - from);
		if (err)
			return err;
		step(vr, &vr->pos.used, &vr->pos.used_wrap, used->ndesc);
		slots += used->ndesc;
	}
	vr->unsignalled += slots;
	/* Data and all other descriptors before the flags that reveal them. */
	smp_wmb();
	return vr_store16(vr, VDPA_VRING_DESC, desc_flags_at(vr, first_pos), first_flags);
}

int vr_packed_wants_signal(struct vdpa_vring *vr)
{
	u16 flags, event, used = vr->pos.used;
	int err;

	err = vr_load16(vr, VDPA_VRING_DRIVER,
			vr->driver + offsetof(struct vring_packed_desc_event, flags), &flags);
	if (err)
		return err;
	if (flags != VRING_PACKED_EVENT_FLAG_DESC || !vr->event_idx)
		return flags != VRING_PACKED_EVENT_FLAG_DISABLE;
	/* The position belongs to the flags read before it. */
	smp_rmb();
	err = vr_load16(vr, VDPA_VRING_DRIVER,
			vr->driver + offsetof(struct vring_packed_desc_event, off_wrap), &event);
	if (err)
		return err;
	if (vr->unsignalled >= vr->num)
		return 1;
	/* Positions of the lap before count as negative, so that the usual comparison holds. */
	if (!!(event & EVENT_WRAP) != vr->pos.used_wrap)
		event = (event & ~EVENT_WRAP) - vr->num;
	else
		event &= ~EVENT_WRAP;
	return vring_need_event(event, used, used - vr->unsignalled);
}

int vr_packed_kick(struct vdpa_vring *vr, bool on)
{
	u16 flags = VRING_PACKED_EVENT_FLAG_DISABLE;
	int err;

	if (on && vr->event_idx) {
		err = vr_store16(vr, VDPA_VRING_DEVICE,
				 vr->device + offsetof(struct vring_packed_desc_event, off_wrap),
				 vr->pos.avail | (vr->pos.avail_wrap ? EVENT_WRAP : 0));
		if (err)
			return err;
		/* The position before the flags that make it count. */
		smp_wmb();
		flags = VRING_PACKED_EVENT_FLAG_DESC;
	} else if (on) {
		flags = VRING_PACKED_EVENT_FLAG_ENABLE;
	}
	return vr_store16(vr, VDPA_VRING_DEVICE,
			  vr->device + offsetof(struct vring_packed_desc_event, flags), flags);
}

int vr_packed_pending(struct vdpa_vring *vr)
{
	u16 flags;
	int err;

	err = vr_load16(vr, VDPA_VRING_DESC, desc_flags_at(vr, vr->pos.avail), &flags);
	return err ? err : is_avail(flags, vr->pos.avail_wrap);
}
