/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vdpa_vring.h - the device side of a virtqueue, for parents that serve a queue in software.
 *
 * Split and packed rings (virtio 1.2, 2.7 and 2.8) with indirect descriptors and event index. All
 * memory is reached through an address space, a table of translations that the parent owns. The
 * driver behind the ring is not trusted: indices, descriptors, flags and lengths are checked,
 * chains are bounded, and nothing is written where the table or the descriptor forbids it. A ring
 * whose structure is wrong, or cannot be reached, is broken: it serves nothing more until it is
 * reset.
 *
 * A queue is served like this, with the address space locked against changes:
 *
 *	vdpa_vring_kick_disable(vr);
 *	do {
 *		while (vdpa_vring_get(vr, &req) > 0) {
 *			vdpa_vring_pull(vr, &req, request, len);
 *			vdpa_vring_push(vr, &req, reply, len);
 *			vdpa_vring_put(vr, &req, written);
 *		}
 *		if (vdpa_vring_flush(vr) > 0)
 *			interrupt the driver;
 *	} while (vdpa_vring_kick_enable(vr) > 0);
 *
 * A request belongs to the device between get and put; there is one at a time per ring. Used
 * buffers become visible to the driver in groups, at the latest with vdpa_vring_flush().
 *
 * Context of all functions: the parent serialises the calls for one ring, and keeps the table of
 * the ring's address space unchanged while one of them runs. It does so by a lock that it also
 * takes to change the table, so that no DMA outlives a translation. May sleep if the accessors may
 * (user addresses).
 */
#ifndef _LINUX_VDPA_VRING_H
#define _LINUX_VDPA_VRING_H

#include <linux/types.h>
#include <linux/vhost_iotlb.h>

/* Used buffers that are published together, and available ones fetched together. */
#define VDPA_VRING_BATCH 32

/**
 * struct vdpa_vring_space - an address space as rings see it
 * @iotlb: the translations
 * @gen: to be incremented by the owner with every change of @iotlb: rings cache translations
 */
struct vdpa_vring_space {
	struct vhost_iotlb iotlb;
	u64 gen;
};

/**
 * struct vdpa_vring_mem - how to reach what a translation leads to
 * @read: copy @len bytes from @addr; 0 or -EFAULT
 * @write: copy @len bytes to @addr; 0 or -EFAULT
 * @load16: read the naturally aligned 16-bit word at @addr in one access; 0 or -EFAULT
 * @store16: write such a word in one access; 0 or -EFAULT
 *
 * @addr is vhost_iotlb_map.addr plus an offset: what it means is up to the accessor. None of them
 * implies a memory barrier.
 */
struct vdpa_vring_mem {
	int (*read)(u64 addr, void *buf, size_t len);
	int (*write)(u64 addr, const void *buf, size_t len);
	int (*load16)(u64 addr, u16 *val);
	int (*store16)(u64 addr, u16 val);
};

/* Physical addresses of RAM; anything else is -EFAULT. */
extern const struct vdpa_vring_mem vdpa_vring_mem_phys;

/* User addresses of the mm the calling kernel thread uses (kthread_use_mm()). May sleep. */
extern const struct vdpa_vring_mem vdpa_vring_mem_user;

/**
 * struct vdpa_vring_config - what a ring is started with
 * @desc: IOVA of the descriptor table, or of the packed ring
 * @driver: IOVA of the available ring, or of the driver's event suppression
 * @device: IOVA of the used ring, or of the device's event suppression
 * @num: entries: 1 to num_max of vdpa_vring_init(), for a split ring a power of two
 * @features: negotiated virtio feature bits
 * @mem: how memory is reached
 */
struct vdpa_vring_config {
	u64 desc;
	u64 driver;
	u64 device;
	u32 num;
	u64 features;
	const struct vdpa_vring_mem *mem;
};

/**
 * struct vdpa_vring_state - where a ring stands; what migration carries over
 * @avail: next buffer to take: a free-running 16-bit index if split, a position if packed
 * @used: next place for a used buffer, likewise
 * @avail_wrap: packed: the driver's wrap counter at @avail
 * @used_wrap: packed: the device's wrap counter at @used
 */
struct vdpa_vring_state {
	u16 avail;
	u16 used;
	bool avail_wrap;
	bool used_wrap;
};

/**
 * struct vdpa_vring_req - a request taken from a ring
 * @out_len: bytes the driver wrote that were not pulled yet
 * @in_len: bytes of room for the device's answer that were not filled yet
 * @id: private
 * @ndesc: private
 * @nr_segs: private
 * @out_seg: private
 * @in_seg: private
 * @out_off: private
 * @in_off: private
 */
struct vdpa_vring_req {
	u64 out_len;
	u64 in_len;
	u16 id;
	u16 ndesc;
	u16 nr_segs;
	u16 out_seg;
	u16 in_seg;
	u32 out_off;
	u32 in_off;
};

/* Which part of a ring a cached translation serves. */
enum vdpa_vring_area {
	VDPA_VRING_DESC,
	VDPA_VRING_DRIVER,
	VDPA_VRING_DEVICE,
	VDPA_VRING_INDIRECT,
	VDPA_VRING_DATA,
	VDPA_VRING_AREAS,
};

struct vdpa_vring_seg;

/* A used buffer that the driver does not see yet. */
struct vdpa_vring_used {
	u32 len;
	u16 id;
	u16 ndesc;
};

/**
 * struct vdpa_vring - a virtqueue, device side
 *
 * Embedded by the parent; all fields are private to vdpa.ko except through the functions below.
 */
struct vdpa_vring {
	/* private: */
	struct vdpa_vring_space *space;
	const struct vdpa_vring_mem *mem;
	u64 desc;
	u64 driver;
	u64 device;
	u32 num;
	u32 num_max;
	bool running;
	bool broken;
	bool packed;
	bool event_idx;
	bool indirect;
	bool little_endian;

	/* Position; carried over by get/set_state. */
	struct vdpa_vring_state pos;
	bool pos_set;

	/* Available buffers known of, but not taken (split). */
	u16 avail_idx;
	u16 nr_heads;
	u16 next_head;
	u16 heads[VDPA_VRING_BATCH];

	/* Used buffers, and notification of the driver about them. */
	struct vdpa_vring_used used[VDPA_VRING_BATCH];
	u16 nr_used;
	u32 unsignalled;	/* ring entries published since the driver was last asked */
	bool signalled_once;
	bool kicks_off;

	/* Descriptors of the request being served. */
	struct vdpa_vring_seg *segs;

	/* Translations last used, valid for space->gen == gen. */
	u64 gen;
	struct vhost_iotlb_map cache[VDPA_VRING_AREAS];
};

int vdpa_vring_init(struct vdpa_vring *vr, u32 num_max);
void vdpa_vring_cleanup(struct vdpa_vring *vr);
void vdpa_vring_reset(struct vdpa_vring *vr);
int vdpa_vring_start(struct vdpa_vring *vr, const struct vdpa_vring_config *cfg);
void vdpa_vring_stop(struct vdpa_vring *vr);
void vdpa_vring_set_space(struct vdpa_vring *vr, struct vdpa_vring_space *space);
void vdpa_vring_set_state(struct vdpa_vring *vr, const struct vdpa_vring_state *state);
void vdpa_vring_get_state(const struct vdpa_vring *vr, bool packed,
			  struct vdpa_vring_state *state);

int vdpa_vring_get(struct vdpa_vring *vr, struct vdpa_vring_req *req);
ssize_t vdpa_vring_pull(struct vdpa_vring *vr, struct vdpa_vring_req *req, void *buf, size_t len);
ssize_t vdpa_vring_push(struct vdpa_vring *vr, struct vdpa_vring_req *req, const void *buf,
			size_t len);
void vdpa_vring_skip_in(struct vdpa_vring *vr, struct vdpa_vring_req *req, u64 len);
int vdpa_vring_put(struct vdpa_vring *vr, const struct vdpa_vring_req *req, u32 written);
void vdpa_vring_unget(struct vdpa_vring *vr, const struct vdpa_vring_req *req);
int vdpa_vring_flush(struct vdpa_vring *vr);
void vdpa_vring_kick_disable(struct vdpa_vring *vr);
int vdpa_vring_kick_enable(struct vdpa_vring *vr);

/**
 * vdpa_vring_is_broken - did the driver break the ring?
 * @vr: the ring
 *
 * Return: true until vdpa_vring_reset() or the next vdpa_vring_start().
 */
static inline bool vdpa_vring_is_broken(const struct vdpa_vring *vr)
{
	return vr->broken;
}

#endif /* _LINUX_VDPA_VRING_H */
