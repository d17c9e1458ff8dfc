/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vring_driver.h - the driver side of a virtqueue, as the specification describes it, for tests.
 *
 * Works on guest_mem directly: the areas of the ring are at the same offset as their IOVA minus
 * drv->shift. Little-endian, as the machines the tests run on.
 */
#ifndef UNIT_VRING_DRIVER_H
#define UNIT_VRING_DRIVER_H

#include <linux/virtio_ring.h>

#include "vring_guest.h"

#define DRV_MAX_NUM 256
#define DRV_MAX_SEGS 8

struct drv_seg {
	u64 iova;
	u32 len;
	bool write;
};

struct drv {
	bool packed;
	bool event_idx;
	u32 num;
	u64 shift;		/* IOVA = offset + shift */
	u64 desc, driver, device;	/* offsets */
	u64 tables;		/* offset of DRV_MAX_NUM indirect tables of DRV_MAX_SEGS */

	u16 free_slots;		/* ring entries */
	bool busy[DRV_MAX_NUM];
	u16 slots_of[DRV_MAX_NUM];
	u16 free_next[DRV_MAX_NUM];	/* split: free list through the table */
	u16 free_head;

	u16 avail;		/* split: index; packed: position */
	bool avail_wrap;
	u16 added;		/* ring entries since the last kick decision */
	u16 used;
	bool used_wrap;
};

static void *at(u64 off)
{
	return guest_mem + off;
}

static struct vring_desc *drv_desc(struct drv *d)
{
	return at(d->desc);
}

static struct vring_packed_desc *drv_pdesc(struct drv *d)
{
	return at(d->desc);
}

static struct vring_avail *drv_avail(struct drv *d)
{
	return at(d->driver);
}

static struct vring_used *drv_used(struct drv *d)
{
	return at(d->device);
}

static void drv_init(struct drv *d)
{
	u32 i;

	memset(at(d->desc), 0, d->num * 16);
	memset(at(d->driver), 0, 6 + 2 * d->num);
	memset(at(d->device), 0, 6 + 8 * d->num);
	memset(d->busy, 0, sizeof(d->busy));
	d->free_slots = d->num;
	d->free_head = 0;
	for (i = 0; i < d->num; i++)
		d->free_next[i] = i + 1;
	d->avail = 0;
	d->used = 0;
	d->avail_wrap = true;
	d->used_wrap = true;
	d->added = 0;
}

static u16 packed_flags(bool wrap)
{
	return wrap ? 1 << VRING_PACKED_DESC_F_AVAIL : 1 << VRING_PACKED_DESC_F_USED;
}

static int drv_free_id(struct drv *d)
{
	u32 i;

	for (i = 0; i < d->num; i++)
		if (!d->busy[i])
			return i;
	return -1;
}

static int drv_add_packed(struct drv *d, const struct drv_seg *segs, u32 n, bool indirect)
{
	u32 slots = indirect ? 1 : n, i;
	int id = drv_free_id(d);
	u16 first = d->avail, first_flags = 0;

	if (id < 0 || slots > d->free_slots)
		return -1;
	for (i = 0; i < slots; i++) {
		struct vring_packed_desc *desc = drv_pdesc(d) + d->avail;
		u16 flags = packed_flags(d->avail_wrap);

		if (indirect) {
			struct vring_packed_desc *t;
			u64 table = d->tables + id * DRV_MAX_SEGS * 16;

			for (t = at(table); t < (struct vring_packed_desc *)at(table) + n; t++) {
				const struct drv_seg *s =
					&segs[t - (struct vring_packed_desc *)at(table)];

				t->addr = s->iova;
				t->len = s->len;
				t->id = 0xdead;
				t->flags = s->write ? VRING_DESC_F_WRITE : 0;
			}
			desc->addr = table + d->shift;
			desc->len = n * 16;
			flags |= VRING_DESC_F_INDIRECT;
		} else {
			desc->addr = segs[i].iova;
			desc->len = segs[i].len;
			if (segs[i].write)
				flags |= VRING_DESC_F_WRITE;
			if (i + 1 < slots)
				flags |= VRING_DESC_F_NEXT;
		}
		desc->id = id;
		if (d->avail == first && !i)
			first_flags = flags;
		else
			desc->flags = flags;
		if (++d->avail == d->num) {
			d->avail = 0;
			d->avail_wrap = !d->avail_wrap;
		}
	}
	drv_pdesc(d)[first].flags = first_flags;
	d->busy[id] = true;
	d->slots_of[id] = slots;
	d->free_slots -= slots;
	d->added += slots;
	return id;
}

static int drv_add_split(struct drv *d, const struct drv_seg *segs, u32 n, bool indirect)
{
	u32 slots = indirect ? 1 : n, i;
	u16 head = d->free_head, cur = head;

	if (slots > d->free_slots)
		return -1;
	if (indirect) {
		u64 table = d->tables + head * DRV_MAX_SEGS * 16;
		struct vring_desc *t = at(table);

		/* In reverse order: nothing says that a table is laid out as it is linked. */
		for (i = 0; i < n; i++) {
			const struct drv_seg *s = &segs[i];
			u32 pos = i ? n - i : 0;

			t[pos].addr = s->iova;
			t[pos].len = s->len;
			t[pos].flags = (s->write ? VRING_DESC_F_WRITE : 0) |
				       (i + 1 < n ? VRING_DESC_F_NEXT : 0);
			t[pos].next = n - (i + 1);
		}
		drv_desc(d)[head].addr = table + d->shift;
		drv_desc(d)[head].len = n * 16;
		drv_desc(d)[head].flags = VRING_DESC_F_INDIRECT;
		d->free_head = d->free_next[head];
	} else {
		for (i = 0; i < n; i++) {
			struct vring_desc *desc = drv_desc(d) + cur;

			desc->addr = segs[i].iova;
			desc->len = segs[i].len;
			desc->flags = (segs[i].write ? VRING_DESC_F_WRITE : 0) |
				      (i + 1 < n ? VRING_DESC_F_NEXT : 0);
			desc->next = d->free_next[cur];
			d->free_head = d->free_next[cur];
			if (i + 1 < n)
				cur = d->free_next[cur];
		}
	}
	d->busy[head] = true;
	d->slots_of[head] = slots;
	d->free_slots -= slots;
	drv_avail(d)->ring[d->avail % d->num] = head;
	d->avail++;
	drv_avail(d)->idx = d->avail;
	d->added++;
	return head;
}

/* Make a request available; returns its id, or -1 if the ring is full. */
static int drv_add(struct drv *d, const struct drv_seg *segs, u32 n, bool indirect)
{
	return d->packed ? drv_add_packed(d, segs, n, indirect) :
			   drv_add_split(d, segs, n, indirect);
}

/* Does the device want to be told of what was added? */
static bool drv_wants_kick(struct drv *d)
{
	u16 added = d->added;

	d->added = 0;
	if (!added)
		return false;
	if (d->packed) {
		struct vring_packed_desc_event *e = at(d->device);
		u16 off = e->off_wrap & 0x7fff;

		if (e->flags != VRING_PACKED_EVENT_FLAG_DESC)
			return e->flags == VRING_PACKED_EVENT_FLAG_ENABLE;
		if ((e->off_wrap >> 15) != d->avail_wrap)
			off -= d->num;
		return vring_need_event(off, d->avail, d->avail - added);
	}
	if (d->event_idx) {
		u16 event;

		memcpy(&event, &drv_used(d)->ring[d->num], sizeof(event));
		return vring_need_event(event, d->avail, d->avail - added);
	}
	return !(drv_used(d)->flags & VRING_USED_F_NO_NOTIFY);
}

static void drv_give_back(struct drv *d, u16 id)
{
	u16 tail = id;
	u32 i;

	d->busy[id] = false;
	d->free_slots += d->slots_of[id];
	if (d->packed)
		return;
	for (i = 1; i < d->slots_of[id]; i++)
		tail = drv_desc(d)[tail].next;
	d->free_next[tail] = d->free_head;
	d->free_head = id;
}

/* Take a used request; returns its id, -1 if there is none, -2 if it makes no sense. */
static int drv_get_used(struct drv *d, u32 *len)
{
	u32 id;

	if (d->packed) {
		struct vring_packed_desc *desc = drv_pdesc(d) + d->used;
		bool a = desc->flags >> VRING_PACKED_DESC_F_AVAIL & 1;
		bool u = desc->flags >> VRING_PACKED_DESC_F_USED & 1;

		if (a != u || u != d->used_wrap)
			return -1;
		id = desc->id;
		*len = desc->len;
		if (id >= d->num || !d->busy[id])
			return -2;
		d->used += d->slots_of[id];
		if (d->used >= d->num) {
			d->used -= d->num;
			d->used_wrap = !d->used_wrap;
		}
	} else {
		if (drv_used(d)->idx == d->used)
			return -1;
		id = drv_used(d)->ring[d->used % d->num].id;
		*len = drv_used(d)->ring[d->used % d->num].len;
		if (id >= d->num || !d->busy[id])
			return -2;
		d->used++;
	}
	drv_give_back(d, id);
	return id;
}

static bool drv_has_used(struct drv *d)
{
	if (d->packed) {
		u16 flags = drv_pdesc(d)[d->used].flags;
		bool a = flags >> VRING_PACKED_DESC_F_AVAIL & 1;
		bool u = flags >> VRING_PACKED_DESC_F_USED & 1;

		return a == u && u == d->used_wrap;
	}
	return drv_used(d)->idx != d->used;
}

static void drv_irq_off(struct drv *d)
{
	if (d->packed)
		((struct vring_packed_desc_event *)at(d->driver))->flags =
			VRING_PACKED_EVENT_FLAG_DISABLE;
	else if (!d->event_idx)
		drv_avail(d)->flags = VRING_AVAIL_F_NO_INTERRUPT;
}

/*
 * Ask for an interrupt after @skip more used ring entries (with event index; else at once). True
 * if there is something to see already.
 */
static bool drv_irq_on(struct drv *d, u16 skip)
{
	if (d->packed) {
		struct vring_packed_desc_event *e = at(d->driver);
		u16 pos = d->used + skip;
		bool wrap = d->used_wrap;

		if (pos >= d->num) {
			pos -= d->num;
			wrap = !wrap;
		}
		e->off_wrap = pos | wrap << 15;
		e->flags = d->event_idx ? VRING_PACKED_EVENT_FLAG_DESC :
					  VRING_PACKED_EVENT_FLAG_ENABLE;
	} else if (d->event_idx) {
		drv_avail(d)->ring[d->num] = d->used + skip;
	} else {
		drv_avail(d)->flags = 0;
	}
	return drv_has_used(d);
}

#endif
