/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * blk.h - the simulated block device: what its files share.
 *
 * blk.c makes devices and describes them, blk_req.c serves requests in the device's thread, under
 * the locks described in vdpa_sim.h, and blk_store.c keeps the data. A store may belong to several
 * devices (parameter shared_backend): its lock is taken inside all those of a device.
 */
#ifndef VDPA_SIM_BLK_H
#define VDPA_SIM_BLK_H

#include <linux/mutex.h>
#include <uapi/linux/virtio_blk.h>

#include "vdpa_sim.h"

#define BLK_SECTOR_SHIFT 9
#define BLK_SECTOR_BYTES (1u << BLK_SECTOR_SHIFT)
#define BLK_CAPACITY 0x40000u		/* sectors: 128 MiB */
#define BLK_SIZE_MAX 0x1000u
#define BLK_SEG_MAX 32u
#define BLK_DWZ_MAX_SECTORS U32_MAX
#define BLK_MAX_QUEUES 16

struct vdpasim_blk_store;

/**
 * struct vdpasim_blk - a simulated block device
 * @sim: the device; first member
 * @store: the data
 * @own_store: @store is this device's alone
 */
struct vdpasim_blk {
	struct vdpasim sim;
	struct vdpasim_blk_store *store;
	bool own_store;
};

static inline struct vdpasim_blk *sim_to_blk(struct vdpasim *sim)
{
	return container_of(sim, struct vdpasim_blk, sim);
}

/* blk_req.c */
bool vdpasim_blk_work(struct vdpasim *sim);

/* blk_store.c: offsets and lengths in bytes, within the capacity */
struct vdpasim_blk_store *vdpasim_blk_store_alloc(void);
void vdpasim_blk_store_free(struct vdpasim_blk_store *store);
void vdpasim_blk_store_lock(struct vdpasim_blk_store *store);
void vdpasim_blk_store_unlock(struct vdpasim_blk_store *store);
const void *vdpasim_blk_store_peek(struct vdpasim_blk_store *store, u64 pos, u64 *len);
void *vdpasim_blk_store_poke(struct vdpasim_blk_store *store, u64 pos, u64 *len);
void vdpasim_blk_store_zero(struct vdpasim_blk_store *store, u64 pos, u64 len, bool unmap);

#endif /* VDPA_SIM_BLK_H */
