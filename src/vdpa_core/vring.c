// SPDX-License-Identifier: GPL-2.0-only
/*
 * vring.c - device side of a virtqueue: life cycle, translation, data, notification.
 *
 * The interface and its rules are in <linux/vdpa_vring.h>, the ring formats in vring_split.c and
 * vring_packed.c. Nothing here knows what an address leads to (vring_mem.c does), so that all of
 * it runs in userspace under a fuzzer.
 */
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/virtio_byteorder.h>
#include <uapi/linux/virtio_config.h>
#include <uapi/linux/virtio_ring.h>

#include "vring.h"

#define VRING_NUM_LIMIT 32768u

/* No entry is empty, so a range that ends before it starts is never hit. */
static void vr_forget(struct vdpa_vring *vr)
{
	unsigned int i;

	for (i = 0; i < VDPA_VRING_AREAS; i++) {
		vr->cache[i].start = 1;
		vr->cache[i].last = 0;
	}
	vr->gen = vr->space ? vr->space->gen : 0;
}

/* The table may have changed since the ring was last used; it does not change now. */
static void vr_sync(struct vdpa_vring *vr)
{
	if (unlikely(vr->gen != vr->space->gen))
		vr_forget(vr);
}

static int vr_fail(struct vdpa_vring *vr, int err)
{
	vr->broken = true;
	return err;
}

/* Translate @iova for an access of kind @perm; *len is cut to what one translation covers. */
static int vr_translate(struct vdpa_vring *vr, enum vdpa_vring_area area, u64 iova, u32 perm,
			size_t *len, u64 *addr)
{
	struct vhost_iotlb_map *map = &vr->cache[area];

	if (unlikely(iova < map->start || iova > map->last)) {
		struct vhost_iotlb_map *found;

		found = vhost_iotlb_itree_first(&vr->space->iotlb, iova, iova);
		if (!found)
			return -EFAULT;
		*map = *found;
	}
	if (unlikely(!(map->perm & perm)))
		return -EFAULT;
	if (*len && *len - 1 > map->last - iova)
		*len = map->last - iova + 1;
	*addr = map->addr + (iova - map->start);
	return 0;
}

int vr_read(struct vdpa_vring *vr, enum vdpa_vring_area area, u64 iova, void *buf, size_t len)
{
	while (len) {
		size_t n = len;
		u64 addr;
		int err;

		err = vr_translate(vr, area, iova, VHOST_MAP_RO, &n, &addr);
		if (!err)
			err = vr->mem->read(addr, buf, n);
		if (unlikely(err))
			return err;
		iova += n;
		buf += n;
		len -= n;
	}
	return 0;
}

int vr_write(struct vdpa_vring *vr, enum vdpa_vring_area area, u64 iova, const void *buf,
	     size_t len)
{
	while (len) {
		size_t n = len;
		u64 addr;
		int err;

		err = vr_translate(vr, area, iova, VHOST_MAP_WO, &n, &addr);
		if (!err)
			err = vr->mem->write(addr, buf, n);
		if (unlikely(err))
			return err;
		iova += n;
		buf += n;
		len -= n;
	}
	return 0;
}

/* A word must not straddle two pages or translations, so it has to be aligned on both sides. */
static int vr_translate16(struct vdpa_vring *vr, enum vdpa_vring_area area, u64 iova, u32 perm,
			  u64 *addr)
{
	size_t n = sizeof(u16);
	int err = vr_translate(vr, area, iova, perm, &n, addr);

	if (!err && (n != sizeof(u16) || *addr & 1))
		err = -EFAULT;
	return err;
}

int vr_load16(struct vdpa_vring *vr, enum vdpa_vring_area area, u64 iova, u16 *val)
{
	__virtio16 raw;
	u64 addr;
	int err = vr_translate16(vr, area, iova, VHOST_MAP_RO, &addr);

	if (!err)
		err = vr->mem->load16(addr, (u16 __force *)&raw);
	if (!err)
		*val = __virtio16_to_cpu(vr->little_endian, raw);
	return err;
}

int vr_store16(struct vdpa_vring *vr, enum vdpa_vring_area area, u64 iova, u16 val)
{
	__virtio16 raw = __cpu_to_virtio16(vr->little_endian, val);
	u64 addr;
	int err = vr_translate16(vr, area, iova, VHOST_MAP_WO, &addr);

	return err ? err : vr->mem->store16(addr, (u16 __force)raw);
}

/*
 * Note one buffer of @req. Empty ones are legal and of no use. Lengths are limited so that a
 * request's total fits the 32 bits of a used length.
 */
int vr_add_seg(struct vdpa_vring *vr, struct vdpa_vring_req *req, u64 iova, u32 len, bool write)
{
	struct vdpa_vring_seg *seg;

	if (!len)
		return 0;
	if (iova + (len - 1) < iova)
		return -EINVAL;
	if (req->nr_segs == vr->num_max)
		return -E2BIG;
	if (req->out_len + req->in_len + len > U32_MAX)
		return -E2BIG;
	if (write) {
		if (!req->in_len)
			req->in_seg = req->nr_segs;
		req->in_len += len;
	} else {
		if (req->in_len)
			return -EINVAL;
		req->out_len += len;
	}
	seg = &vr->segs[req->nr_segs++];
	seg->iova = iova;
	seg->len = len;
	seg->write = write;
	return 0;
}

/**
 * vdpa_vring_init - prepare a ring
 * @vr: the ring, uninitialised memory
 * @num_max: most entries it may be started with, and most buffers of a request; at most 32768
 *
 * Context: may sleep.
 * Return: 0, -EINVAL or -ENOMEM. vdpa_vring_cleanup() is needed after success only.
 */
int vdpa_vring_init(struct vdpa_vring *vr, u32 num_max)
{
	memset(vr, 0, sizeof(*vr));
	if (!num_max || num_max > VRING_NUM_LIMIT)
		return -EINVAL;
	vr->segs = kvmalloc_array(num_max, sizeof(*vr->segs), GFP_KERNEL);
	if (!vr->segs)
		return -ENOMEM;
	vr->num_max = num_max;
	return 0;
}
EXPORT_SYMBOL_GPL(vdpa_vring_init);

/**
 * vdpa_vring_cleanup - release what vdpa_vring_init() allocated
 * @vr: the ring; zeroed memory is accepted too
 */
void vdpa_vring_cleanup(struct vdpa_vring *vr)
{
	kvfree(vr->segs);
	vr->segs = NULL;
}
EXPORT_SYMBOL_GPL(vdpa_vring_cleanup);

/**
 * vdpa_vring_reset - stop a ring and forget its position
 * @vr: the ring; keeps its address space
 */
void vdpa_vring_reset(struct vdpa_vring *vr)
{
	vdpa_vring_stop(vr);
	memset(&vr->pos, 0, sizeof(vr->pos));
	vr->pos_set = false;
	vr->broken = false;
}
EXPORT_SYMBOL_GPL(vdpa_vring_reset);

/**
 * vdpa_vring_start - begin to serve a ring
 * @vr: the ring, with an address space set
 * @cfg: addresses, size, features
 *
 * The position is that of vdpa_vring_set_state() or, after a stop, where the ring stopped; a ring
 * that was reset starts at 0. Memory is not touched yet.
 *
 * Return: 0; -EINVAL if size, alignment or position are not possible for the format: the ring is
 * then broken. -EBUSY if it runs already.
 */
int vdpa_vring_start(struct vdpa_vring *vr, const struct vdpa_vring_config *cfg)
{
	if (vr->running)
		return -EBUSY;
	vr->broken = true;
	if (!vr->space || !cfg->num || cfg->num > vr->num_max)
		return -EINVAL;

	vr->packed = cfg->features & BIT_ULL(VIRTIO_F_RING_PACKED);
	if (vr->packed ? vr_packed_check(cfg) : vr_split_check(cfg))
		return -EINVAL;
	if (vr->packed && !vr->pos_set) {
		vr->pos.avail_wrap = true;
		vr->pos.used_wrap = true;
		vr->pos_set = true;
	}
	if (vr->packed && (vr->pos.avail >= cfg->num || vr->pos.used >= cfg->num))
		return -EINVAL;
	/* Requests in flight are not taken over: what was available from here on is. */
	if (!vr->packed)
		vr->pos.used = vr->pos.avail;

	vr->event_idx = cfg->features & BIT_ULL(VIRTIO_RING_F_EVENT_IDX);
	vr->indirect = cfg->features & BIT_ULL(VIRTIO_RING_F_INDIRECT_DESC);
	vr->little_endian = cfg->features & BIT_ULL(VIRTIO_F_VERSION_1) ||
			    virtio_legacy_is_little_endian();
	vr->desc = cfg->desc;
	vr->driver = cfg->driver;
	vr->device = cfg->device;
	vr->num = cfg->num;
	vr->mem = cfg->mem;
	vr->avail_idx = vr->pos.avail;
	vr->nr_heads = 0;
	vr->next_head = 0;
	vr->nr_used = 0;
	vr->unsignalled = 0;
	vr->signalled_once = false;
	vr->kicks_off = false;
	vr_forget(vr);
	vr->broken = false;
	vr->running = true;
	return 0;
}
EXPORT_SYMBOL_GPL(vdpa_vring_start);

/**
 * vdpa_vring_stop - stop serving a ring
 * @vr: the ring; its position is kept. Used buffers must have been flushed.
 */
void vdpa_vring_stop(struct vdpa_vring *vr)
{
	vr->running = false;
	vr->nr_used = 0;
}
EXPORT_SYMBOL_GPL(vdpa_vring_stop);

/**
 * vdpa_vring_set_space - choose the address space of a ring
 * @vr: the ring, running or not
 * @space: the address space
 */
void vdpa_vring_set_space(struct vdpa_vring *vr, struct vdpa_vring_space *space)
{
	/* What is remembered of it is checked before it is used. */
	if (vr->space == space)
		return;
	vr->space = space;
	vr_forget(vr);
}
EXPORT_SYMBOL_GPL(vdpa_vring_set_space);

/**
 * vdpa_vring_set_state - set the position of a stopped ring
 * @vr: the ring; ignored while it runs
 * @state: the position; whether it is possible is checked when the ring starts
 */
void vdpa_vring_set_state(struct vdpa_vring *vr, const struct vdpa_vring_state *state)
{
	if (vr->running)
		return;
	vr->pos = *state;
	vr->pos_set = true;
}
EXPORT_SYMBOL_GPL(vdpa_vring_set_state);

/**
 * vdpa_vring_get_state - where the ring stands
 * @vr: the ring
 * @packed: the format meant, for a ring that was never started
 * @state: the position
 */
void vdpa_vring_get_state(const struct vdpa_vring *vr, bool packed,
			  struct vdpa_vring_state *state)
{
	*state = vr->pos;
	if (packed && !vr->pos_set) {
		state->avail_wrap = true;
		state->used_wrap = true;
	}
}
EXPORT_SYMBOL_GPL(vdpa_vring_get_state);

/**
 * vdpa_vring_get - take the next request
 * @vr: the ring
 * @req: the request, filled in
 *
 * Return: 1 if there was one; 0 if there is none, or the ring is stopped or broken; -errno if the
 * ring was just found to be broken: -EFAULT for memory out of reach, -EINVAL, -E2BIG or -ELOOP for
 * indices or descriptors that make no sense.
 */
int vdpa_vring_get(struct vdpa_vring *vr, struct vdpa_vring_req *req)
{
	int ret;

	if (!vr->running || vr->broken)
		return 0;
	vr_sync(vr);
	memset(req, 0, sizeof(*req));
	ret = vr->packed ? vr_packed_get(vr, req) : vr_split_get(vr, req);
	if (unlikely(ret < 0))
		return vr_fail(vr, ret);
	if (ret && !req->in_len)
		req->in_seg = req->nr_segs;
	return ret;
}
EXPORT_SYMBOL_GPL(vdpa_vring_get);

/**
 * vdpa_vring_pull - copy from what the driver wrote
 * @vr: the ring
 * @req: the request
 * @buf: where to
 * @len: how many bytes at most
 *
 * Continues where the last call ended.
 * Return: bytes copied, less than @len only at the end of the request; or -EFAULT if a buffer
 * cannot be read: the request should then be answered with an error. The ring goes on.
 */
ssize_t vdpa_vring_pull(struct vdpa_vring *vr, struct vdpa_vring_req *req, void *buf, size_t len)
{
	size_t done = 0;

	vr_sync(vr);
	while (done < len && req->out_len) {
		const struct vdpa_vring_seg *seg = &vr->segs[req->out_seg];
		size_t n = min_t(size_t, len - done, seg->len - req->out_off);
		int err;

		err = vr_read(vr, VDPA_VRING_DATA, seg->iova + req->out_off, buf + done, n);
		if (err)
			return err;
		done += n;
		req->out_len -= n;
		req->out_off += n;
		if (req->out_off == seg->len) {
			req->out_off = 0;
			req->out_seg++;
		}
	}
	return done;
}
EXPORT_SYMBOL_GPL(vdpa_vring_pull);

/* Pass over or, with @buf, fill @len bytes of the device's part of a request. */
static ssize_t vr_advance_in(struct vdpa_vring *vr, struct vdpa_vring_req *req, const void *buf,
			     u64 len)
{
	u64 done = 0;

	while (done < len && req->in_len) {
		const struct vdpa_vring_seg *seg = &vr->segs[req->in_seg];
		u32 n = min_t(u64, len - done, seg->len - req->in_off);

		if (buf) {
			int err = vr_write(vr, VDPA_VRING_DATA, seg->iova + req->in_off,
					   buf + done, n);

			if (err)
				return err;
		}
		done += n;
		req->in_len -= n;
		req->in_off += n;
		if (req->in_off == seg->len) {
			req->in_off = 0;
			req->in_seg++;
		}
	}
	return done;
}

/**
 * vdpa_vring_push - copy into the room for the device's answer
 * @vr: the ring
 * @req: the request
 * @buf: where from
 * @len: how many bytes at most
 *
 * Continues where the last call ended.
 * Return: bytes copied, less than @len only if the room ends; or -EFAULT if a buffer cannot be
 * written. The ring goes on.
 */
ssize_t vdpa_vring_push(struct vdpa_vring *vr, struct vdpa_vring_req *req, const void *buf,
			size_t len)
{
	vr_sync(vr);
	return vr_advance_in(vr, req, buf, len);
}
EXPORT_SYMBOL_GPL(vdpa_vring_push);

/**
 * vdpa_vring_skip_in - leave out some of the room for the device's answer
 * @vr: the ring
 * @req: the request
 * @len: bytes to pass over
 */
void vdpa_vring_skip_in(struct vdpa_vring *vr, struct vdpa_vring_req *req, u64 len)
{
	vr_advance_in(vr, req, NULL, len);
}
EXPORT_SYMBOL_GPL(vdpa_vring_skip_in);

static int vr_publish(struct vdpa_vring *vr)
{
	int err;

	if (!vr->nr_used)
		return 0;
	err = vr->packed ? vr_packed_publish(vr) : vr_split_publish(vr);
	vr->nr_used = 0;
	return unlikely(err) ? vr_fail(vr, err) : 0;
}

/**
 * vdpa_vring_put - give a request back to the driver
 * @vr: the ring
 * @req: the request
 * @written: bytes written into the device's part, from its start (virtio 1.2, 2.7.8.2)
 *
 * The driver sees it at the latest after vdpa_vring_flush().
 * Return: 0, or -errno if the ring was just found to be broken.
 */
int vdpa_vring_put(struct vdpa_vring *vr, const struct vdpa_vring_req *req, u32 written)
{
	struct vdpa_vring_used *used;
	int err = 0;

	if (!vr->running || vr->broken)
		return 0;
	if (vr->nr_used == VDPA_VRING_BATCH) {
		vr_sync(vr);
		err = vr_publish(vr);
		if (err)
			return err;
	}
	used = &vr->used[vr->nr_used++];
	used->len = written;
	used->id = req->id;
	used->ndesc = req->ndesc;
	return 0;
}
EXPORT_SYMBOL_GPL(vdpa_vring_put);

/**
 * vdpa_vring_unget - undo vdpa_vring_get()
 * @vr: the ring
 * @req: the request last taken, not given back
 *
 * The next vdpa_vring_get() takes it anew.
 */
void vdpa_vring_unget(struct vdpa_vring *vr, const struct vdpa_vring_req *req)
{
	if (vr->packed)
		vr_packed_unget(vr, req);
	else
		vr_split_unget(vr, req);
}
EXPORT_SYMBOL_GPL(vdpa_vring_unget);

/**
 * vdpa_vring_flush - let the driver see all buffers that were given back
 * @vr: the ring
 *
 * Return: 1 if the driver wants an interrupt for them, 0 if not, -errno if the ring was just found
 * to be broken.
 */
int vdpa_vring_flush(struct vdpa_vring *vr)
{
	int ret;

	if (!vr->running || vr->broken)
		return 0;
	vr_sync(vr);
	ret = vr_publish(vr);
	if (ret || !vr->unsignalled)
		return ret;
	/* The driver writes its wish, then looks at the ring; here it is the other way round. */
	smp_mb();
	ret = vr->packed ? vr_packed_wants_signal(vr) : vr_split_wants_signal(vr);
	if (unlikely(ret < 0))
		return vr_fail(vr, ret);
	if (!vr->signalled_once && vr->event_idx) {
		/* The driver's event index may be older than this ring's life: interrupt once. */
		vr->signalled_once = true;
		ret = 1;
	}
	vr->unsignalled = 0;
	return ret;
}
EXPORT_SYMBOL_GPL(vdpa_vring_flush);

static int vr_kick(struct vdpa_vring *vr, bool on)
{
	int err = vr->packed ? vr_packed_kick(vr, on) : vr_split_kick(vr, on);

	vr->kicks_off = !on;
	return unlikely(err) ? vr_fail(vr, err) : 0;
}

/**
 * vdpa_vring_kick_disable - tell the driver that it need not kick
 * @vr: the ring
 *
 * A hint: kicks may come all the same. An error breaks the ring, as the next call will tell.
 */
void vdpa_vring_kick_disable(struct vdpa_vring *vr)
{
	if (!vr->running || vr->broken || vr->kicks_off)
		return;
	vr_sync(vr);
	vr_kick(vr, false);
}
EXPORT_SYMBOL_GPL(vdpa_vring_kick_disable);

/**
 * vdpa_vring_kick_enable - ask the driver to kick when it makes buffers available
 * @vr: the ring
 *
 * Return: 1 if buffers were made available meanwhile, of which no kick will tell; 0 if not; -errno
 * if the ring was just found to be broken.
 */
int vdpa_vring_kick_enable(struct vdpa_vring *vr)
{
	int ret;

	if (!vr->running || vr->broken)
		return 0;
	vr_sync(vr);
	ret = vr_kick(vr, true);
	if (ret)
		return ret;
	/* The driver publishes a buffer, then reads whether to kick. */
	smp_mb();
	ret = vr->packed ? vr_packed_pending(vr) : vr_split_pending(vr);
	return unlikely(ret < 0) ? vr_fail(vr, ret) : ret;
}
EXPORT_SYMBOL_GPL(vdpa_vring_kick_enable);
