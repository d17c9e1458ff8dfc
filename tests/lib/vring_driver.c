// SPDX-License-Identifier: GPL-2.0-only
/*
 * vring_driver.c - driver side of a virtqueue (virtio 1.2, 2.7 and 2.8), little-endian hosts only.
 */
#include "vring_driver.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "rings are little-endian");

#define PACKED_AVAIL	(1U << VRING_PACKED_DESC_F_AVAIL)
#define PACKED_USED	(1U << VRING_PACKED_DESC_F_USED)

void vring_driver_init(struct vring_driver *r, bool packed, uint16_t num, void *mem,
		       uint64_t iova)
{
	unsigned int i;

	assert(num && num <= VRING_DRIVER_MAX && !(num & (num - 1)));
	memset(mem, 0, VRING_DRIVER_BYTES);
	memset(r, 0, sizeof(*r));

	r->packed = packed;
	r->num = num;
	r->num_free = num;
	r->desc_iova = iova;
	r->driver_iova = iova + VRING_DRIVER_PAGE;
	r->device_iova = iova + 2 * VRING_DRIVER_PAGE;
	r->desc = mem;
	r->pdesc = mem;
	r->avail = (void *)((char *)mem + VRING_DRIVER_PAGE);
	r->used = (void *)((char *)mem + 2 * VRING_DRIVER_PAGE);
	r->avail_wrap = true;
	r->used_wrap = true;
	for (i = 0; i < num; i++)
		r->next_id[i] = i + 1;
}

unsigned int vring_driver_base(const struct vring_driver *r)
{
	/* Packed: both wrap counters start at 1 and are bit 15 of each half. */
	return r->packed ? 0x80008000U : 0;
}

static int split_add(struct vring_driver *r, const struct vring_seg *seg, unsigned int n)
{
	uint16_t head = r->free_head, i = head;
	unsigned int k;

	for (k = 0; k < n; k++) {
		struct vring_desc *d = &r->desc[i];

		d->addr = seg[k].iova;
		d->len = seg[k].len;
		d->flags = seg[k].device_writes ? VRING_DESC_F_WRITE : 0;
		if (k + 1 < n) {
			d->flags |= VRING_DESC_F_NEXT;
			d->next = r->next_id[i];
		}
		i = r->next_id[i];
	}
	r->free_head = i;
	r->chain_len[head] = n;

	r->avail->ring[r->avail_idx % r->num] = head;
	r->avail_idx++;
	__atomic_store_n(&r->avail->idx, r->avail_idx, __ATOMIC_RELEASE);

	return head;
}

static int packed_add(struct vring_driver *r, const struct vring_seg *seg, unsigned int n)
{
	uint16_t id = r->free_head, at = r->next_avail, flags, first_flags = 0;
	struct vring_packed_desc *first = &r->pdesc[at];
	unsigned int k;

	r->free_head = r->next_id[id];
	r->chain_len[id] = n;

	for (k = 0; k < n; k++) {
		struct vring_packed_desc *d = &r->pdesc[at];

		flags = r->avail_wrap ? PACKED_AVAIL : PACKED_USED;
		if (seg[k].device_writes)
			flags |= VRING_DESC_F_WRITE;
		if (k + 1 < n)
			flags |= VRING_DESC_F_NEXT;
		d->addr = seg[k].iova;
		d->len = seg[k].len;
		d->id = id;
		if (k)
			d->flags = flags;
		else
			first_flags = flags;
		if (++at == r->num) {
			at = 0;
			r->avail_wrap = !r->avail_wrap;
		}
	}
	r->next_avail = at;
	/* The head goes last: with it the whole chain becomes available. */
	__atomic_store_n(&first->flags, first_flags, __ATOMIC_RELEASE);

	return id;
}

int vring_driver_add(struct vring_driver *r, const struct vring_seg *seg, unsigned int n)
{
	if (!n || n > r->num_free)
		return -ENOSPC;
	r->num_free -= n;

	return r->packed ? packed_add(r, seg, n) : split_add(r, seg, n);
}

static int split_get(struct vring_driver *r, uint32_t *len)
{
	struct vring_used_elem *elem;
	uint16_t id, last;
	unsigned int k;

	if (__atomic_load_n(&r->used->idx, __ATOMIC_ACQUIRE) == r->last_used)
		return -EAGAIN;

	elem = &r->used->ring[r->last_used % r->num];
	id = elem->id;
	if (elem->id >= r->num || !r->chain_len[id])
		return -EBADMSG;
	*len = elem->len;
	r->last_used++;

	for (last = id, k = 1; k < r->chain_len[id]; k++)
		last = r->next_id[last];
	r->next_id[last] = r->free_head;
	r->free_head = id;

	return id;
}

static int packed_get(struct vring_driver *r, uint32_t *len)
{
	struct vring_packed_desc *d = &r->pdesc[r->next_used];
	uint16_t flags = __atomic_load_n(&d->flags, __ATOMIC_ACQUIRE);
	bool avail = flags & PACKED_AVAIL, used = flags & PACKED_USED;
	uint16_t id;

	if (avail != used || used != r->used_wrap)
		return -EAGAIN;

	id = d->id;
	if (id >= r->num || !r->chain_len[id])
		return -EBADMSG;
	*len = d->len;

	r->next_used += r->chain_len[id];
	if (r->next_used >= r->num) {
		r->next_used -= r->num;
		r->used_wrap = !r->used_wrap;
	}
	r->next_id[id] = r->free_head;
	r->free_head = id;

	return id;
}

int vring_driver_get(struct vring_driver *r, uint32_t *len)
{
	int id = r->packed ? packed_get(r, len) : split_get(r, len);

	if (id >= 0) {
		r->num_free += r->chain_len[id];
		r->chain_len[id] = 0;
	}
	return id;
}
