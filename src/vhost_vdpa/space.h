/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * space.h - address spaces of a device, and the ways to make its table equal the wanted one.
 */
#ifndef VHOST_VDPA_SPACE_H
#define VHOST_VDPA_SPACE_H

#include "table.h"
#include "vhost_vdpa.h"

/*
 * Most wanted ranges per address space, and most that a device's table may have before what is not
 * wanted goes. Pinned memory is bounded by RLIMIT_MEMLOCK, but one page can be mapped any number of
 * times, and each range costs kernel memory. Unit tests have less of it.
 */
#ifndef VHOST_VDPA_MAX_RANGES
#define VHOST_VDPA_MAX_RANGES	(1UL << 20)
#endif

/**
 * struct vhost_vdpa_space - an address space
 * @asid: its number
 * @used: the client has sent an UPDATE or BATCH_BEGIN for it
 * @initial: what the device has here is not ours to know: its parent's initial mapping, or what a
 *	reset without promises left. @device then holds only memory that may still be reachable
 * @changed: the parent's table is not its initial one, or need not be: close gives that back
 * @undo_failed: the parent once refused to take back what a failed message had changed, or may have
 *	lost part of what it did not remove: the device's table may have to be repaired
 * @settled: the device's table equals the wanted one, so that a message need only look at its own
 *	range
 * @wanted: what the client asked for
 * @device: what the device has
 *
 * All under map_lock.
 */
struct vhost_vdpa_space {
	u32 asid;
	bool used;
	bool initial;
	bool changed;
	bool undo_failed;
	bool settled;
	struct map_table wanted;
	struct map_table device;
};

/**
 * struct vhost_vdpa_backend - a way to change a device's table range by range
 * @map: make the device translate all of an entry; on error it translates none of it, or the entry
 *	is marked as broken
 * @unmap: make the device translate nothing of an entry; when this returns 0, no access of the
 *	device through it is under way. On error it translates all of it, or the entry is marked as
 *	broken
 *
 * Called with map_lock held; sleep. Return 0 or -errno.
 */
struct vhost_vdpa_backend {
	int (*map)(struct vhost_vdpa *v, u32 asid, struct map_entry *e);
	int (*unmap)(struct vhost_vdpa *v, u32 asid, struct map_entry *e);
};

extern const struct vhost_vdpa_backend vhost_vdpa_backend_dma_map;
extern const struct vhost_vdpa_backend vhost_vdpa_backend_iommu;

/* The domain in the platform's IOMMU (domain.c). map_lock held. */
int vhost_vdpa_domain_open(struct vhost_vdpa *v);
void vhost_vdpa_domain_close(struct vhost_vdpa *v);
struct vdpa_iova_range vhost_vdpa_domain_range(const struct vhost_vdpa *v);
bool vhost_vdpa_domain_reserved(const struct vhost_vdpa *v, u64 first, u64 last);

/* Parents that take the whole table (backend_set_map.c). map_lock held. */
int vhost_vdpa_set_map(struct vhost_vdpa *v, u32 asid, const struct map_table *t);

/* True if the parent takes whole tables only. */
static inline bool vhost_vdpa_whole_table(const struct vhost_vdpa *v)
{
	return v->vdpa->config->set_map && !v->vdpa->config->dma_map;
}

/* NULL for parents that take whole tables only. */
static inline const struct vhost_vdpa_backend *vhost_vdpa_backend(const struct vhost_vdpa *v)
{
	if (v->vdpa->config->dma_map)
		return &vhost_vdpa_backend_dma_map;
	return v->vdpa->config->set_map ? NULL : &vhost_vdpa_backend_iommu;
}

/**
 * enum vhost_vdpa_sync - how far the device's table follows the wanted one
 * @VHOST_VDPA_SYNC_ADD: what is wanted is there; what is not wanted may stay if it is in
 *	nobody's way
 * @VHOST_VDPA_SYNC_REMOVE: what is not wanted is gone; what is wanted may be missing
 * @VHOST_VDPA_SYNC_ALL: both are equal
 *
 * With the first two the device does no DMA, so what differs may be gone for a while.
 */
enum vhost_vdpa_sync {
	VHOST_VDPA_SYNC_ADD,
	VHOST_VDPA_SYNC_REMOVE,
	VHOST_VDPA_SYNC_ALL,
};

/* Reconciliation (reconcile.c). map_lock held. */
int vhost_vdpa_sync(struct vhost_vdpa *v, struct vhost_vdpa_space *s, enum vhost_vdpa_sync how);
int vhost_vdpa_sync_part(struct vhost_vdpa *v, struct vhost_vdpa_space *s,
			 enum vhost_vdpa_sync how, u64 first, u64 last);

/**
 * struct vhost_vdpa_mapping - an UPDATE on its way
 * @asid: address space
 * @e: the range; NULL once it has been in the wanted table
 * @va: page number of its memory in the process
 * @pins: registry to pin from (a reference); NULL in virtual address mode
 * @any_memory: virtual address mode: see pin_va_get()
 */
struct vhost_vdpa_mapping {
	u32 asid;
	struct map_entry *e;
	unsigned long va;
	struct pin_mm *pins;
	bool any_memory;
};

/* Messages, taken apart (space.c). The caller is the owner; map_lock held but where noted. */
int vhost_vdpa_map_begin(struct vhost_vdpa *v, u32 asid, const struct vhost_iotlb_msg *msg,
			 struct vhost_vdpa_mapping *m);
int vhost_vdpa_map_pin(struct vhost_vdpa *v, struct vhost_vdpa_mapping *m);	/* no lock held */
int vhost_vdpa_map_commit(struct vhost_vdpa *v, struct vhost_vdpa_mapping *m);
void vhost_vdpa_map_end(struct vhost_vdpa *v, struct vhost_vdpa_mapping *m);	/* no lock held */
int vhost_vdpa_unmap(struct vhost_vdpa *v, u32 asid, const struct vhost_iotlb_msg *msg);
int vhost_vdpa_batch_begin(struct vhost_vdpa *v, u32 asid);
int vhost_vdpa_batch_end(struct vhost_vdpa *v, u32 asid);

/**
 * struct vhost_vdpa_digest - what tables looked like; debug builds only
 * @wanted: sum over all wanted ranges
 * @device: sum over all ranges that the device has
 */
struct vhost_vdpa_digest {
	u64 wanted;
	u64 device;
};

/* Assertions of debug builds (check.c). map_lock held. */
void vhost_vdpa_check(const struct vhost_vdpa *v);
void vhost_vdpa_digest(const struct vhost_vdpa *v, struct vhost_vdpa_digest *digest);
void vhost_vdpa_check_unchanged(const struct vhost_vdpa *v, const struct vhost_vdpa_digest *before);

#endif /* VHOST_VDPA_SPACE_H */
