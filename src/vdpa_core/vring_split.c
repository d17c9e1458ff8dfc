// SPDX-License-Identifier: GPL-2.0-only
/* vring_split.c - the split ring (virtio 1.2, 2.7), device side. */
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/log2.h>
#include <linux/virtio_byteorder.h>
#include <uapi/linux/virtio_ring.h>

#include "vring.h"

/* Descriptors of an indirect table that are read at once: drivers lay them out in sequence. */
#define WINDOW 16u

static u64 avail_ring(const struct vdpa_vring *vr, u32 slot)
{
	return vr->driver + offsetof(struct vring_avail, ring) + slot * sizeof(__virtio16);
}

static u64 used_ring(const struct vdpa_vring *vr, u32 slot)
{
	return vr->device + offsetof(struct vring_used, ring) +
	       slot * sizeof(struct vring_used_elem);
}

int vr_split_check(const struct vdpa_vring_config *cfg)
{
	if (!is_power_of_2(cfg->num))
		return -EINVAL;
	if (!IS_ALIGNED(cfg->desc, VRING_DESC_ALIGN_SIZE) ||
	    !IS_ALIGNED(cfg->driver, VRING_AVAIL_ALIGN_SIZE) ||
	    !IS_ALIGNED(cfg->device, VRING_USED_ALIGN_SIZE))
		return -EINVAL;
	return 0;
}

static int load_avail_idx(struct vdpa_vring *vr)
{
	u16 idx;
	int err;

	err = vr_load16(vr, VDPA_VRING_DRIVER, vr->driver + offsetof(struct vring_avail, idx),
			&idx);
	if (err)
		return err;
	if ((u16)(idx - vr->pos.avail) > vr->num)
		return -EINVAL;
	vr->avail_idx = idx;
	return 0;
}

/* Learn which chains are available. Returns their number, 0 if there are none. */
static int fetch_heads(struct vdpa_vring *vr)
{
	u32 slot = vr->pos.avail & (vr->num - 1);
	u16 n;
	int err;

	if (vr->avail_idx == vr->pos.avail) {
		err = load_avail_idx(vr);
		if (err)
			return err;
		if (vr->avail_idx == vr->pos.avail)
			return 0;
		/* What the index covers was written before the index. */
		smp_rmb();
	}
	n = min3((u32)(u16)(vr->avail_idx - vr->pos.avail), vr->num - slot,
		 (u32)VDPA_VRING_BATCH);
	err = vr_read(vr, VDPA_VRING_DRIVER, avail_ring(vr, slot), vr->heads, n * sizeof(u16));
	if (err)
		return err;
	vr->nr_heads = n;
	vr->next_head = 0;
	return n;
}

static int add_desc(struct vdpa_vring *vr, struct vdpa_vring_req *req,
		    const struct vring_desc *desc, u16 flags)
{
	return vr_add_seg(vr, req, __virtio64_to_cpu(vr->little_endian, desc->addr),
			  __virtio32_to_cpu(vr->little_endian, desc->len),
			  flags & VRING_DESC_F_WRITE);
}

static int walk_indirect(struct vdpa_vring *vr, struct vdpa_vring_req *req,
			 const struct vring_desc *table)
{
	u64 base = __virtio64_to_cpu(vr->little_endian, table->addr);
	u32 len = __virtio32_to_cpu(vr->little_endian, table->len);
	u32 n = len / sizeof(struct vring_desc), first = 0, have = 0, i = 0, count = 0;
	struct vring_desc window[WINDOW];
	u16 flags;

	if (!len || len % sizeof(struct vring_desc) || base + (len - 1) < base)
		return -EINVAL;
	do {
		const struct vring_desc *desc;
		int err;

		if (i >= n)
			return -EINVAL;
		/* Also bounds loops of empty descriptors, which make no segments. */
		if (count++ == vr->num_max)
			return -ELOOP;
		if (i < first || i >= first + have) {
			first = i;
			have = min(n - i, WINDOW);
			err = vr_read(vr, VDPA_VRING_INDIRECT, base + i * sizeof(*desc), window,
				      have * sizeof(*desc));
			if (err)
				return err;
		}
		desc = &window[i - first];
		flags = __virtio16_to_cpu(vr->little_endian, desc->flags);
		if (flags & VRING_DESC_F_INDIRECT)
			return -EINVAL;
		err = add_desc(vr, req, desc, flags);
		if (err)
			return err;
		i = __virtio16_to_cpu(vr->little_endian, desc->next);
	} while (flags & VRING_DESC_F_NEXT);
	return 0;
}

int vr_split_get(struct vdpa_vring *vr, struct vdpa_vring_req *req)
{
	u32 i, count = 0;
	u16 flags;

	if (vr->next_head == vr->nr_heads) {
		int n = fetch_heads(vr);

		if (n <= 0)
			return n;
	}
	i = __virtio16_to_cpu(vr->little_endian, (__virtio16 __force)vr->heads[vr->next_head]);
	req->id = i;
	req->ndesc = 1;
	do {
		struct vring_desc desc;
		int err;

		if (i >= vr->num)
			return -EINVAL;
		if (count++ == vr->num)
			return -ELOOP;
		err = vr_read(vr, VDPA_VRING_DESC, vr->desc + i * sizeof(desc), &desc,
			      sizeof(desc));
		if (err)
			return err;
		flags = __virtio16_to_cpu(vr->little_endian, desc.flags);
		if (flags & VRING_DESC_F_INDIRECT) {
			/* The last of a chain, if at all (2.7.5.3.1). */
			if (!vr->indirect || flags & VRING_DESC_F_NEXT)
				return -EINVAL;
			err = walk_indirect(vr, req, &desc);
		} else {
			err = add_desc(vr, req, &desc, flags);
		}
		if (err)
			return err;
		i = __virtio16_to_cpu(vr->little_endian, desc.next);
	} while (flags & VRING_DESC_F_NEXT);

	vr->next_head++;
	vr->pos.avail++;
	return 1;
}

void vr_split_unget(struct vdpa_vring *vr, const struct vdpa_vring_req *req)
{
	vr->next_head--;
	vr->pos.avail--;
}

int vr_split_publish(struct vdpa_vring *vr)
{
	struct vring_used_elem elem[VDPA_VRING_BATCH];
	u32 slot = vr->pos.used & (vr->num - 1);
	u32 n = vr->nr_used, i;

	for (i = 0; i < n; i++) {
		elem[i].id = __cpu_to_virtio32(vr->little_endian, vr->used[i].id);
		elem[i].len = __cpu_to_virtio32(vr->little_endian, vr->used[i].len);
	}
	/* A driver that makes more available than the ring holds overwrites its own answers. */
	for (i = 0; i < n; slot = 0) {
		u32 run = min(n - i, vr->num - slot);
		int err;

		err = vr_write(vr, VDPA_VRING_DEVICE, used_ring(vr, slot), &elem[i],
			       run * sizeof(*elem));
		if (err)
			return err;
		i += run;
	}
	vr->pos.used += n;
	vr->unsignalled += n;
	/* Data and elements before the index that covers them. */
	smp_wmb();
	return vr_store16(vr, VDPA_VRING_DEVICE, vr->device + offsetof(struct vring_used, idx),
			  vr->pos.used);
}

int vr_split_wants_signal(struct vdpa_vring *vr)
{
	u16 val;
	int err;

	if (!vr->event_idx) {
		err = vr_load16(vr, VDPA_VRING_DRIVER,
				vr->driver + offsetof(struct vring_avail, flags), &val);
		return err ? err : !(val & VRING_AVAIL_F_NO_INTERRUPT);
	}
	/* used_event lies behind the available ring. */
	err = vr_load16(vr, VDPA_VRING_DRIVER, avail_ring(vr, vr->num), &val);
	if (err)
		return err;
	return vr->unsignalled > U16_MAX ||
	       vring_need_event(val, vr->pos.used, vr->pos.used - vr->unsignalled);
}

int vr_split_kick(struct vdpa_vring *vr, bool on)
{
	/* With event index, an index that is not moved on is as good as switched off. */
	if (!vr->event_idx)
		return vr_store16(vr, VDPA_VRING_DEVICE,
				  vr->device + offsetof(struct vring_used, flags),
				  on ? 0 : VRING_USED_F_NO_NOTIFY);
	/* avail_event lies behind the used ring. */
	return on ? vr_store16(vr, VDPA_VRING_DEVICE, used_ring(vr, vr->num), vr->pos.avail) : 0;
}

int vr_split_pending(struct vdpa_vring *vr)
{
	int err;

	if (vr->avail_idx == vr->pos.avail) {
		err = load_avail_idx(vr);
		if (err)
			return err;
		/* What the index covers was written before the index. */
		smp_rmb();
	}
	return vr->avail_idx != vr->pos.avail;
}
