/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vring_driver.h - driver side of one virtqueue, split or packed, in this process's memory.
 *
 * The rings live at a user address and are shown to the device at an IOVA of the caller's choice.
 * Buffers are given as IOVAs and are not looked at: whether the device can reach them is what
 * the tests want to know. No indirect descriptors, no event index, no threads.
 */
#ifndef VRING_DRIVER_H
#define VRING_DRIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/virtio_ring.h>

#define VRING_DRIVER_MAX	256
#define VRING_DRIVER_PAGE	4096UL
/* Descriptors, driver area and device area, each on its own page for up to 256 entries. */
#define VRING_DRIVER_BYTES	(3 * VRING_DRIVER_PAGE)

struct vring_seg {
	uint64_t iova;
	uint32_t len;
	bool device_writes;
};

struct vring_driver {
	bool packed;
	uint16_t num;
	uint16_t num_free;
	uint64_t desc_iova;
	uint64_t driver_iova;
	uint64_t device_iova;

	/* split */
	struct vring_desc *desc;
	struct vring_avail *avail;
	struct vring_used *used;
	uint16_t free_head;
	uint16_t avail_idx;
	uint16_t last_used;

	/* packed */
	struct vring_packed_desc *pdesc;
	uint16_t next_avail;
	uint16_t next_used;
	bool avail_wrap;
	bool used_wrap;

	uint16_t chain_len[VRING_DRIVER_MAX];
	uint16_t next_id[VRING_DRIVER_MAX];
};

/* @mem: VRING_DRIVER_BYTES of page-aligned memory that the device sees at @iova. */
void vring_driver_init(struct vring_driver *r, bool packed, uint16_t num, void *mem,
		       uint64_t iova);

/*
 * Makes one buffer of @n segments available. Returns its id (0 .. num - 1), which comes back from
 * vring_driver_get(), or -ENOSPC. The caller kicks.
 */
int vring_driver_add(struct vring_driver *r, const struct vring_seg *seg, unsigned int n);

/* Takes one used buffer: its id, and in @len what the device says it wrote. -EAGAIN if none. */
int vring_driver_get(struct vring_driver *r, uint32_t *len);

/* Base value as VHOST_SET_VRING_BASE wants it for a fresh ring of this layout. */
unsigned int vring_driver_base(const struct vring_driver *r);

#endif /* VRING_DRIVER_H */
