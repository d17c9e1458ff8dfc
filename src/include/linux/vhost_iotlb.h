/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vhost_iotlb.h - tables that translate I/O virtual addresses (IOVA) of a vDPA device.
 *
 * The interface has the names of the kernel's vhost_iotlb, so that parent drivers read alike.
 * The implementation (src/vdpa_core/iotlb.c) is this bundle's own and is exported by vdpa.ko under
 * the link names below: it neither needs nor collides with the kernel's vhost_iotlb.ko.
 *
 * What differs from the kernel's, and may be relied upon:
 *
 * - entries never overlap, and iteration is in ascending order of IOVA;
 * - an entry costs 32 bytes, an ordered append is O(1), a lookup O(log n), a copy of a table
 *   little more than a memcpy;
 * - adding may sleep (GFP_KERNEL_ACCOUNT), so tables are guarded by sleeping locks;
 * - a limit of 0 or UINT_MAX means "no limit", on every kernel.
 *
 * A table has no lock. Its user makes sure that nobody changes it while others read it; any number
 * of readers may run at once.
 */
#ifndef _LINUX_VHOST_IOTLB_H
#define _LINUX_VHOST_IOTLB_H

#include <linux/gfp.h>
#include <linux/types.h>

#define vhost_iotlb_init		vdpa_iotlb_init
#define vhost_iotlb_alloc		vdpa_iotlb_alloc
#define vhost_iotlb_free		vdpa_iotlb_free
#define vhost_iotlb_reset		vdpa_iotlb_reset
#define vhost_iotlb_add_range		vdpa_iotlb_add_range
#define vhost_iotlb_add_range_ctx	vdpa_iotlb_add_range_ctx
#define vhost_iotlb_del_range		vdpa_iotlb_del_range
#define vhost_iotlb_map_free		vdpa_iotlb_map_free
#define vhost_iotlb_map_opaque		vdpa_iotlb_map_opaque
#define vhost_iotlb_itree_first		vdpa_iotlb_itree_first
#define vhost_iotlb_itree_next		vdpa_iotlb_itree_next
#define vhost_iotlb_dup			vdpa_iotlb_dup
#define vhost_iotlb_swap		vdpa_iotlb_swap

/**
 * struct vhost_iotlb_map - one translation
 * @start: first IOVA, in bytes
 * @last: last IOVA, inclusive; never below @start
 * @addr: what @start translates to: a physical or a user address, as the table's owner says
 * @perm: what the device may do: VHOST_MAP_RO, VHOST_MAP_WO or VHOST_MAP_RW
 * @pad: zero
 *
 * A pointer to an entry is valid until its table changes.
 */
struct vhost_iotlb_map {
	u64 start;
	u64 last;
	u64 addr;
#define VHOST_MAP_RO 0x1
#define VHOST_MAP_WO 0x2
#define VHOST_MAP_RW 0x3
	u32 perm;
	u32 pad;
};

struct vhost_iotlb_slot;

/**
 * struct vhost_iotlb - a table of translations, sorted by IOVA
 * @dir: directory: the chunks of the table in ascending order
 * @nr_chunks: chunks in @dir; none of them is empty
 * @dir_size: slots allocated in @dir
 * @nmaps: entries in the table
 * @limit: most entries allowed; UINT_MAX for no limit
 * @flags: reserved, zero
 *
 * Users read @nmaps and nothing else.
 */
struct vhost_iotlb {
	struct vhost_iotlb_slot *dir;
	unsigned int nr_chunks;
	unsigned int dir_size;
	unsigned int nmaps;
	unsigned int limit;
	unsigned int flags;
};

/**
 * vhost_iotlb_map_size - length of a translation in bytes
 * @map: the entry
 *
 * No entry spans all 2^64 addresses (see vhost_iotlb_add_range()).
 *
 * Return: the length, never 0.
 */
static inline u64 vhost_iotlb_map_size(const struct vhost_iotlb_map *map)
{
	return map->last - map->start + 1;
}

void vhost_iotlb_init(struct vhost_iotlb *iotlb, unsigned int limit, unsigned int flags);
struct vhost_iotlb *vhost_iotlb_alloc(unsigned int limit, unsigned int flags);
void vhost_iotlb_free(struct vhost_iotlb *iotlb);
void vhost_iotlb_reset(struct vhost_iotlb *iotlb);

int vhost_iotlb_add_range(struct vhost_iotlb *iotlb, u64 start, u64 last, u64 addr,
			  unsigned int perm);
int vhost_iotlb_add_range_ctx(struct vhost_iotlb *iotlb, u64 start, u64 last, u64 addr,
			      unsigned int perm, void *opaque);
void vhost_iotlb_del_range(struct vhost_iotlb *iotlb, u64 start, u64 last);
void vhost_iotlb_map_free(struct vhost_iotlb *iotlb, struct vhost_iotlb_map *map);

void *vhost_iotlb_map_opaque(const struct vhost_iotlb_map *map);
struct vhost_iotlb_map *vhost_iotlb_itree_first(struct vhost_iotlb *iotlb, u64 start, u64 last);
struct vhost_iotlb_map *vhost_iotlb_itree_next(struct vhost_iotlb_map *map, u64 start, u64 last);

int vhost_iotlb_dup(struct vhost_iotlb *dst, const struct vhost_iotlb *src, gfp_t gfp);
void vhost_iotlb_swap(struct vhost_iotlb *a, struct vhost_iotlb *b);

#endif /* _LINUX_VHOST_IOTLB_H */
