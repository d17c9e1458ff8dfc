// SPDX-License-Identifier: GPL-2.0-only
/*
 * map.c - the address spaces of a simulated device.
 *
 * A new table is prepared without a lock and put in place with map_lock held for writing, which is
 * when the thread does no DMA. So nothing is ever half mapped, a failure leaves the old table in
 * force, and memory that was unmapped is not accessed any more when the op returns.
 */
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/slab.h>
#include <linux/vhost_iotlb.h>

#include "vdpa_sim.h"

/* Debugfs: is this the call that shall fail? */
static bool must_fail(atomic_t *nth)
{
	return atomic_read(nth) > 0 && atomic_dec_return(nth) == 0;
}

/* Put the entries of @table into place; it comes back with the old ones. */
static void space_replace(struct vdpasim *sim, struct vdpasim_space *space,
			  struct vhost_iotlb *table, bool identity)
{
	down_write(&sim->map_lock);
	vhost_iotlb_swap(&space->vs.iotlb, table);
	space->identity = identity;
	space->vs.gen++;
	up_write(&sim->map_lock);
}

static int identity_table(struct vhost_iotlb *table)
{
	vhost_iotlb_init(table, 0, 0);
	return vhost_iotlb_add_range(table, 0, U64_MAX, 0, VHOST_MAP_RW);
}

/*
 * Take an address space back to its initial state. If there is no memory for that, it is left
 * empty: the device then reaches nothing, rather than what was mapped before.
 */
static int space_clean(struct vdpasim *sim, struct vdpasim_space *space)
{
	struct vhost_iotlb table;
	bool identity;
	int err;

	down_read(&sim->map_lock);
	identity = space->identity;
	up_read(&sim->map_lock);
	if (identity)
		return 0;

	err = identity_table(&table);
	space_replace(sim, space, &table, !err);
	vhost_iotlb_reset(&table);
	return err;
}

int vdpasim_init_spaces(struct vdpasim *sim)
{
	unsigned int i;
	int err;

	init_rwsem(&sim->map_lock);
	sim->spaces = kcalloc(sim->type->nas, sizeof(*sim->spaces), GFP_KERNEL);
	sim->group_asid = kcalloc(sim->type->ngroups, sizeof(*sim->group_asid), GFP_KERNEL);
	if (!sim->spaces || !sim->group_asid)
		return -ENOMEM;
	for (i = 0; i < sim->type->nas; i++) {
		struct vdpasim_space *space = &sim->spaces[i];

		vhost_iotlb_init(&space->vs.iotlb, vdpasim_iotlb_limit(), 0);
		err = vhost_iotlb_add_range(&space->vs.iotlb, 0, U64_MAX, 0, VHOST_MAP_RW);
		if (err)
			return err;
		space->identity = true;
	}
	return 0;
}

void vdpasim_free_spaces(struct vdpasim *sim)
{
	unsigned int i;

	for (i = 0; sim->spaces && i < sim->type->nas; i++)
		vhost_iotlb_reset(&sim->spaces[i].vs.iotlb);
	kfree(sim->spaces);
	sim->spaces = NULL;
	kfree(sim->group_asid);
	sim->group_asid = NULL;
}

/* All address spaces back to their initial state; the first error is returned. */
int vdpasim_clean_spaces(struct vdpasim *sim)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < sim->type->nas; i++) {
		int ret = space_clean(sim, &sim->spaces[i]);

		if (!err)
			err = ret;
	}
	return err;
}

int vdpasim_set_map(struct vdpa_device *vdpa, unsigned int asid, struct vhost_iotlb *iotlb)
{
	struct vdpasim *sim = vdpa_to_sim(vdpa);
	struct vhost_iotlb table;
	int err;

	if (asid >= sim->type->nas)
		return -EINVAL;
	atomic64_inc(&sim->count.set_map);
	if (must_fail(&sim->fail_nth_set_map))
		return -ENOMEM;

	vhost_iotlb_init(&table, vdpasim_iotlb_limit(), 0);
	err = vhost_iotlb_dup(&table, iotlb, GFP_KERNEL_ACCOUNT);
	if (err)
		return err;
	space_replace(sim, &sim->spaces[asid], &table, false);
	vhost_iotlb_reset(&table);
	return 0;
}

int vdpasim_dma_map(struct vdpa_device *vdpa, unsigned int asid, u64 iova, u64 size, u64 pa,
		    u32 perm, void *opaque)
{
	struct vdpasim *sim = vdpa_to_sim(vdpa);
	struct vdpasim_space *space;
	struct vhost_iotlb old;
	int err;

	if (asid >= sim->type->nas || !size || iova + (size - 1) < iova)
		return -EINVAL;
	atomic64_inc(&sim->count.dma_map);
	if (must_fail(&sim->fail_nth_dma_map))
		return -ENOMEM;

	space = &sim->spaces[asid];
	vhost_iotlb_init(&old, 0, 0);
	down_write(&sim->map_lock);
	/* The first mapping takes the place of the identity; put that back if there is an error. */
	if (space->identity)
		vhost_iotlb_swap(&space->vs.iotlb, &old);
	err = vhost_iotlb_add_range_ctx(&space->vs.iotlb, iova, iova + size - 1, pa, perm, opaque);
	if (err && space->identity)
		vhost_iotlb_swap(&space->vs.iotlb, &old);
	if (!err) {
		space->identity = false;
		space->vs.gen++;
	}
	up_write(&sim->map_lock);
	vhost_iotlb_reset(&old);
	return err;
}

/* Add to @table what is left of @map when [@iova, @last] goes. */
static int add_rest(struct vhost_iotlb *table, struct vhost_iotlb_map *map, u64 iova, u64 last)
{
	void *opaque = vhost_iotlb_map_opaque(map);
	int err = 0;

	if (map->start < iova)
		err = vhost_iotlb_add_range_ctx(table, map->start, iova - 1, map->addr, map->perm,
						opaque);
	if (!err && map->last > last)
		err = vhost_iotlb_add_range_ctx(table, last + 1, map->last,
						map->addr + (last + 1 - map->start), map->perm,
						opaque);
	return err;
}

/*
 * Take a range out of a table whose entries do not end where it ends. Works on a copy: the table
 * itself is as before if there is no memory. map_lock is held for writing.
 */
static int unmap_split(struct vhost_iotlb *table, u64 iova, u64 last)
{
	struct vhost_iotlb_map *first = vhost_iotlb_itree_first(table, iova, iova);
	struct vhost_iotlb_map *end = vhost_iotlb_itree_first(table, last, last);
	struct vhost_iotlb copy;
	int err;

	vhost_iotlb_init(&copy, 0, 0);
	err = vhost_iotlb_dup(&copy, table, GFP_KERNEL_ACCOUNT);
	if (err)
		return err;
	vhost_iotlb_del_range(&copy, iova, last);
	if (first)
		err = add_rest(&copy, first, iova, last);
	if (!err && end && end != first)
		err = add_rest(&copy, end, iova, last);
	if (!err)
		vhost_iotlb_swap(&copy, table);
	vhost_iotlb_reset(&copy);
	return err;
}

static bool ends_fit(struct vhost_iotlb *table, u64 iova, u64 last)
{
	struct vhost_iotlb_map *first = vhost_iotlb_itree_first(table, iova, iova);
	struct vhost_iotlb_map *end = vhost_iotlb_itree_first(table, last, last);

	return (!first || first->start == iova) && (!end || end->last == last);
}

int vdpasim_dma_unmap(struct vdpa_device *vdpa, unsigned int asid, u64 iova, u64 size)
{
	struct vdpasim *sim = vdpa_to_sim(vdpa);
	struct vdpasim_space *space;
	u64 last = iova + (size - 1);
	int err = 0;

	if (asid >= sim->type->nas || !size || last < iova)
		return -EINVAL;
	atomic64_inc(&sim->count.dma_unmap);

	space = &sim->spaces[asid];
	down_write(&sim->map_lock);
	if (space->identity) {
		/* Who unmaps wants to map: from here on, only what is mapped is reachable. */
		vhost_iotlb_reset(&space->vs.iotlb);
		space->identity = false;
	} else if (ends_fit(&space->vs.iotlb, iova, last)) {
		vhost_iotlb_del_range(&space->vs.iotlb, iova, last);
	} else {
		err = unmap_split(&space->vs.iotlb, iova, last);
	}
	space->vs.gen++;
	up_write(&sim->map_lock);
	return err;
}

int vdpasim_reset_map(struct vdpa_device *vdpa, unsigned int asid)
{
	struct vdpasim *sim = vdpa_to_sim(vdpa);

	if (asid >= sim->type->nas)
		return -EINVAL;
	atomic64_inc(&sim->count.reset_map);
	return space_clean(sim, &sim->spaces[asid]);
}
