// SPDX-License-Identifier: GPL-2.0-only
/*
 * backend_set_map.c - parents that take a whole table at once (vdpa_config_ops.set_map).
 */
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/vhost_iotlb.h>

#include "fault.h"
#include "space.h"

/* A range that grows for as long as what follows is contiguous in both address spaces. */
struct pending_range {
	u64 start;
	u64 size;
	u64 addr;
	u32 perm;
	struct vdpa_map_file *file;
};

static int flush_range(struct vhost_iotlb *iotlb, struct pending_range *r)
{
	int err = 0;

	if (r->size)
		err = vhost_iotlb_add_range_ctx(iotlb, r->start, r->start + r->size - 1, r->addr,
						r->perm, r->file);
	r->size = 0;
	return err;
}

static int add_chunk(struct vhost_iotlb *iotlb, struct pending_range *r, u64 start, u32 perm,
		     const struct pin_chunk *chunk)
{
	u64 size = (u64)chunk->npages << PAGE_SHIFT;
	int err;

	if (r->size && !r->file && !chunk->file && r->perm == perm &&
	    r->start + r->size == start && r->addr + r->size == chunk->addr) {
		r->size += size;
		return 0;
	}
	err = flush_range(iotlb, r);
	*r = (struct pending_range){
		.start = start, .size = size, .addr = chunk->addr, .perm = perm,
		.file = chunk->file,
	};
	return err;
}

static int build(struct vhost_iotlb *iotlb, const struct map_table *t)
{
	struct pending_range range = { };
	struct pin_chunk chunk;
	struct map_entry *e;
	struct pin_iter it;
	unsigned int n = 0;
	int err;

	map_table_for_each(e, t) {
		u64 start = e->first << PAGE_SHIFT;

		pin_iter_start(&it, &e->segs);
		while (pin_iter_next(&it, &chunk)) {
			if (!chunk.hole) {
				err = add_chunk(iotlb, &range, start, e->perm, &chunk);
				if (err)
					return err;
			}
			start += (u64)chunk.npages << PAGE_SHIFT;
			if (!(++n % 4096))
				cond_resched();
		}
	}
	return flush_range(iotlb, &range);
}

/**
 * vhost_vdpa_set_map() - hand a table to the parent
 * @v: device
 * @asid: address space
 * @t: table without hidden entries
 *
 * The parent copies what it needs. In virtual address mode the files of @t stay valid for as long
 * as the parent may use the table, because the caller keeps @t until the next one is handed over.
 *
 * Context: sleeps; map_lock held.
 * Return: 0 or -errno; the parent has its former table then.
 */
int vhost_vdpa_set_map(struct vhost_vdpa *v, u32 asid, const struct map_table *t)
{
	struct vhost_iotlb iotlb;
	int err;

	vhost_iotlb_init(&iotlb, 0, 0);
	err = build(&iotlb, t);
	if (!err) {
		atomic64_inc(&v->stats.set_map_calls);
		err = vhost_vdpa_fault(&vhost_vdpa_faults.call) ? -EIO :
		      v->vdpa->config->set_map(v->vdpa, asid, &iotlb);
	}
	vhost_iotlb_reset(&iotlb);
	return err;
}
