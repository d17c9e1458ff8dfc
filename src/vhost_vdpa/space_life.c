// SPDX-License-Identifier: GPL-2.0-only
/*
 * space_life.c - address spaces from open to close, and their place in the pin registry.
 */
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/slab.h>

#include "space.h"
#include "trace.h"

static bool pin_reuse = true;
module_param(pin_reuse, bool, 0644);
MODULE_PARM_DESC(pin_reuse,
		 "Keep pins and translations over a reset and share pins between devices of a process; read at open (default: Y)");

static void user_changed(struct pin_user *user)
{
	struct vhost_vdpa *v = container_of(user, struct vhost_vdpa, pin_user);

	WRITE_ONCE(v->parked.stale, true);
	mod_delayed_work(system_dfl_wq, &v->parked.work, 0);
}

/* The device may be removed, and its node closed, before user_shed() has its lock. */
static void user_hold(struct pin_user *user)
{
	get_device(&container_of(user, struct vhost_vdpa, pin_user)->dev);
}

static void user_shed(struct pin_user *user)
{
	struct vhost_vdpa *v = container_of(user, struct vhost_vdpa, pin_user);

	mutex_lock(&v->map_lock);
	vhost_vdpa_park_shed(v);
	mutex_unlock(&v->map_lock);
	put_device(&v->dev);
}

/**
 * vhost_vdpa_spaces_open() - empty address spaces for a new client
 * @v: device, just reset
 *
 * Context: sleeps; map_lock held.
 * Return: 0 or -errno.
 */
int vhost_vdpa_spaces_open(struct vhost_vdpa *v)
{
	struct vhost_vdpa_space *spaces;
	bool own = v->vdpa->config->set_map || v->vdpa->config->dma_map;
	u32 asid;
	int err;

	spaces = kvcalloc(v->nas, sizeof(*spaces), GFP_KERNEL_ACCOUNT);
	if (!spaces)
		return -ENOMEM;
	for (asid = 0; asid < v->nas; asid++) {
		spaces[asid].asid = asid;
		/* A fresh IOMMU domain is empty; what a parent starts with is its own business. */
		spaces[asid].initial = own;
		spaces[asid].changed = !own;
	}
	err = vhost_vdpa_domain_open(v);
	if (err) {
		kvfree(spaces);
		return err;
	}
	if (v->vdpa->config->get_iova_range)
		v->range = v->vdpa->config->get_iova_range(v->vdpa);
	else
		v->range = vhost_vdpa_domain_range(v);
	v->spaces = spaces;
	v->in_batch = false;
	v->pin_reuse = READ_ONCE(pin_reuse);
	v->pin_user.changed = user_changed;
	v->pin_user.hold = user_hold;
	v->pin_user.shed = user_shed;
	vhost_vdpa_park_init(v);
	return 0;
}

/* Takes all translations of a space away. Returns 0 if nothing of it is reachable any more. */
static int disconnect(struct vhost_vdpa *v, struct vhost_vdpa_space *s)
{
	const struct vhost_vdpa_backend *backend = vhost_vdpa_backend(v);
	const struct vdpa_config_ops *ops = v->vdpa->config;
	struct map_table none = { .root = RB_ROOT };
	struct map_entry *e;
	int err = 0, reset_err;

	if (!s->changed)
		return 0;
	if (backend) {
		map_table_for_each(e, &s->device) {
			int ret = backend->unmap(v, s->asid, e);

			err = err ? err : ret;
		}
	}
	if (ops->reset_map) {
		reset_err = ops->reset_map(v->vdpa, s->asid);
		if (reset_err)
			dev_err(&v->vdpa->dev, "asid %u: cannot restore the initial mapping: %d\n",
				s->asid, reset_err);
		else if (!backend)
			return 0;
	}
	if (!backend)
		err = vhost_vdpa_set_map(v, s->asid, &none);
	return err;
}

/**
 * vhost_vdpa_spaces_close() - give everything back
 * @v: device, just reset
 * @reset_err: what the reset returned
 *
 * If the device could neither be reset nor be cut off from its memory, that memory stays pinned
 * for good: lost memory is better than memory that changes under its next owner. The platform's
 * IOMMU always cuts it off: what cannot be unmapped goes with the domain, before it is unpinned.
 *
 * Context: sleeps; map_lock held.
 */
void vhost_vdpa_spaces_close(struct vhost_vdpa *v, int reset_err)
{
	bool reachable = false;
	u64 unpinned = 0;
	u32 asid;
	int err;

	if (!v->spaces)
		return;
	vhost_vdpa_park_drop(v);
	for (asid = 0; asid < v->nas; asid++) {
		struct vhost_vdpa_space *s = &v->spaces[asid];

		err = disconnect(v, s);
		if (v->domain) {
			vhost_vdpa_domain_close(v);
			err = 0;
		}
		if (err && reset_err) {
			dev_err(&v->vdpa->dev, "asid %u: device does not let go of memory; it stays pinned\n",
				asid);
			reachable = true;
			continue;
		}
		/* If it is not cut off, it was reset, and does nothing with what it has. */
		map_table_mark(&s->device, false);
		atomic64_add(s->device.n, &v->stats.unmaps);
		unpinned += map_table_clear(&s->device);
		unpinned += map_table_clear(&s->wanted);
	}
	trace_vhost_vdpa_unpin(v, unpinned);
	atomic64_add(unpinned, &v->stats.pages_unpinned);
	kvfree(v->spaces);
	v->spaces = NULL;
	if (v->pins) {
		pin_mm_leave(v->pins, &v->pin_user);
		/* What stays pinned is still watched, by this module. */
		if (reachable)
			__module_get(THIS_MODULE);
		else
			pin_mm_put(v->pins);
		v->pins = NULL;
	}
	v->in_batch = false;
	vhost_vdpa_park_exit(v);
}
