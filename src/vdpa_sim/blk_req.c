// SPDX-License-Identifier: GPL-2.0-only
/*
 * blk_req.c - the simulated block device: requests (virtio 1.2, 5.2.6).
 *
 * A request is a header, data, and one byte of status at the very end of the device's part. The
 * data of a read or write is whole sectors within the capacity, or the request fails as a whole.
 */
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/string.h>

#include "blk.h"

#define ROUND_REQUESTS 16

static const char device_id[VIRTIO_BLK_ID_BYTES] = "vdpa_blk_sim";

/* A request that was taken from the ring and understood so far. */
struct blk_req {
	struct vdpa_vring *ring;
	struct vdpa_vring_req req;
	u32 type;
	u64 sector;
	u64 data_in;	/* room for data, without the status */
	u32 written;	/* data written there */
};

static bool range_is_valid(u64 sector, u64 sectors)
{
	return sector <= BLK_CAPACITY && sectors <= BLK_CAPACITY - sector;
}

static bool data_is_valid(const struct vdpasim *sim, u64 sector, u64 bytes)
{
	if (bytes % BLK_SECTOR_BYTES || !range_is_valid(sector, bytes >> BLK_SECTOR_SHIFT))
		return false;
	/* The limits hold if the driver knows of both of them. */
	return !vdpasim_has(sim, VIRTIO_BLK_F_SIZE_MAX) ||
	       !vdpasim_has(sim, VIRTIO_BLK_F_SEG_MAX) || bytes <= BLK_SIZE_MAX * BLK_SEG_MAX;
}

static u8 blk_read(struct vdpasim_blk *blk, struct blk_req *r)
{
	u64 pos = r->sector << BLK_SECTOR_SHIFT, left = r->data_in;
	u8 status = VIRTIO_BLK_S_OK;

	if (!data_is_valid(&blk->sim, r->sector, left))
		return VIRTIO_BLK_S_IOERR;
	vdpasim_blk_store_lock(blk->store);
	while (left) {
		u64 n = left;
		const void *data = vdpasim_blk_store_peek(blk->store, pos, &n);

		if (vdpa_vring_push(r->ring, &r->req, data, n) != n) {
			status = VIRTIO_BLK_S_IOERR;
			break;
		}
		r->written += n;
		pos += n;
		left -= n;
	}
	vdpasim_blk_store_unlock(blk->store);
	return status;
}

static u8 blk_write(struct vdpasim_blk *blk, struct blk_req *r)
{
	u64 pos = r->sector << BLK_SECTOR_SHIFT, left = r->req.out_len;
	u8 status = VIRTIO_BLK_S_OK;

	if (!data_is_valid(&blk->sim, r->sector, left))
		return VIRTIO_BLK_S_IOERR;
	vdpasim_blk_store_lock(blk->store);
	while (left) {
		u64 n = left;
		void *data = vdpasim_blk_store_poke(blk->store, pos, &n);

		if (!data || vdpa_vring_pull(r->ring, &r->req, data, n) != n) {
			status = VIRTIO_BLK_S_IOERR;
			break;
		}
		pos += n;
		left -= n;
	}
	vdpasim_blk_store_unlock(blk->store);
	return status;
}

static u8 blk_discard_or_zero(struct vdpasim_blk *blk, struct blk_req *r)
{
	bool discard = r->type == VIRTIO_BLK_T_DISCARD;
	struct virtio_blk_discard_write_zeroes range;
	u64 sector, sectors;
	u32 flags;

	if (!vdpasim_has(&blk->sim, discard ? VIRTIO_BLK_F_DISCARD : VIRTIO_BLK_F_WRITE_ZEROES))
		return VIRTIO_BLK_S_UNSUPP;
	/* One range per request is what the configuration space says. */
	if (r->req.out_len != sizeof(range) ||
	    vdpa_vring_pull(r->ring, &r->req, &range, sizeof(range)) != sizeof(range))
		return VIRTIO_BLK_S_IOERR;
	sector = le64_to_cpu(range.sector);
	sectors = le32_to_cpu(range.num_sectors);
	flags = le32_to_cpu(range.flags);
	if (flags & ~(discard ? 0 : VIRTIO_BLK_WRITE_ZEROES_FLAG_UNMAP))
		return VIRTIO_BLK_S_UNSUPP;
	if (!range_is_valid(sector, sectors))
		return VIRTIO_BLK_S_IOERR;

	vdpasim_blk_store_lock(blk->store);
	vdpasim_blk_store_zero(blk->store, sector << BLK_SECTOR_SHIFT, sectors << BLK_SECTOR_SHIFT,
			       discard || flags & VIRTIO_BLK_WRITE_ZEROES_FLAG_UNMAP);
	vdpasim_blk_store_unlock(blk->store);
	return VIRTIO_BLK_S_OK;
}

static u8 blk_get_id(struct blk_req *r)
{
	u64 n = min_t(u64, r->data_in, sizeof(device_id));

	if (vdpa_vring_push(r->ring, &r->req, device_id, n) != n)
		return VIRTIO_BLK_S_IOERR;
	r->written += n;
	return VIRTIO_BLK_S_OK;
}

static u8 blk_execute(struct vdpasim_blk *blk, struct blk_req *r)
{
	struct virtio_blk_outhdr hdr;

	if (vdpa_vring_pull(r->ring, &r->req, &hdr, sizeof(hdr)) != sizeof(hdr))
		return VIRTIO_BLK_S_IOERR;
	r->type = __virtio32_to_cpu(true, hdr.type);
	r->sector = __virtio64_to_cpu(true, hdr.sector);
	if (r->type != VIRTIO_BLK_T_IN && r->type != VIRTIO_BLK_T_OUT && r->sector)
		return VIRTIO_BLK_S_IOERR;

	switch (r->type) {
	case VIRTIO_BLK_T_IN:
		return blk_read(blk, r);
	case VIRTIO_BLK_T_OUT:
		return blk_write(blk, r);
	case VIRTIO_BLK_T_FLUSH:
		/* Memory is as stable as it gets. */
		return VIRTIO_BLK_S_OK;
	case VIRTIO_BLK_T_GET_ID:
		return blk_get_id(r);
	case VIRTIO_BLK_T_DISCARD:
	case VIRTIO_BLK_T_WRITE_ZEROES:
		return blk_discard_or_zero(blk, r);
	default:
		return VIRTIO_BLK_S_UNSUPP;
	}
}

/* Serve the request just taken; returns the used length. */
static u32 blk_handle(struct vdpasim_blk *blk, struct blk_req *r)
{
	u8 status;

	/* Without room for the status there is no way to answer. */
	if (!r->req.in_len)
		return 0;
	r->data_in = r->req.in_len - 1;
	r->written = 0;
	status = blk_execute(blk, r);
	vdpa_vring_skip_in(r->ring, &r->req, r->req.in_len - 1);
	if (vdpa_vring_push(r->ring, &r->req, &status, sizeof(status)) != sizeof(status))
		return r->written;
	return r->written == r->data_in ? r->written + 1 : r->written;
}

/* Serve one queue. True if there is more to do. */
static bool blk_serve(struct vdpasim_blk *blk, struct vdpasim_vq *vq)
{
	struct blk_req r = { .ring = &vq->ring };
	unsigned int budget = ROUND_REQUESTS;
	int ret = 0;

	if (!vq->ready)
		return false;
	vdpa_vring_kick_disable(&vq->ring);
	while (budget && (ret = vdpa_vring_get(&vq->ring, &r.req)) > 0) {
		budget--;
		ret = vdpa_vring_put(&vq->ring, &r.req, blk_handle(blk, &r));
		if (ret)
			break;
	}
	vdpasim_check_ring(&blk->sim, vq, ret);
	ret = vdpa_vring_flush(&vq->ring);
	if (vdpasim_check_ring(&blk->sim, vq, ret) && ret)
		vdpasim_signal(&blk->sim, vq);
	if (!budget)
		return true;
	ret = vdpa_vring_kick_enable(&vq->ring);
	return vdpasim_check_ring(&blk->sim, vq, ret) && ret;
}

bool vdpasim_blk_work(struct vdpasim *sim)
{
	struct vdpasim_blk *blk = sim_to_blk(sim);
	bool more = false;
	unsigned int i;

	for (i = 0; i < sim->nvqs; i++)
		more |= blk_serve(blk, &sim->vqs[i]);
	return more;
}
