// SPDX-License-Identifier: GPL-2.0-only
/*
 * reset.c - carries out what the table in reset_policy.c says.
 */
#include "trace.h"
#include "vhost_vdpa.h"
#include "vring.h"

static const struct vhost_vdpa_reset_rule *rule(const struct vhost_vdpa *v,
						enum vhost_vdpa_reset_why why)
{
	const struct vdpa_config_ops *ops = v->vdpa->config;
	struct vhost_vdpa_reset_case c = {
		.why = why,
		.translates = ops->set_map || ops->dma_map,
		.persistent = vhost_vdpa_has_persistent_map(v),
		.reset_map = ops->reset_map,
		.compat_reset = ops->compat_reset,
		.acked = vhost_vdpa_backend_has(v, VHOST_BACKEND_F_IOTLB_PERSIST),
		.pin_reuse = v->pin_reuse,
	};

	return vhost_vdpa_reset_rule(&c);
}

/**
 * vhost_vdpa_reset() - resets the device
 * @v: device
 * @why: where the reset comes from
 *
 * The parent forgets callbacks and ring state, as in mainline; the client's eventfds stay known
 * here, and its kicks still reach the parent. If the reset fails, the device must be taken for
 * running: driver_ok stays, and no queue size is accepted until a reset succeeds.
 *
 * Context: sleeps; both mutexes held.
 * Return: 0 or -errno from the parent.
 */
int vhost_vdpa_reset(struct vhost_vdpa *v, enum vhost_vdpa_reset_why why)
{
	const struct vhost_vdpa_reset_rule *r = rule(v, why);
	u32 flags = r->clean_map ? VDPA_RESET_F_CLEAN_MAP : 0;
	int err;

	/* The interrupts that are bypassed are fixed only as long as DRIVER_OK is set. */
	vhost_vdpa_vrings_bypass_off(v);
	v->suspended = false;
	v->vq_num_max = 0;

	atomic64_inc(&v->stats.resets);
	err = vdpa_reset(v->vdpa, flags);
	trace_vhost_vdpa_reset(v, why, flags, r->fate, err);
	if (err) {
		dev_err_ratelimited(&v->vdpa->dev, "reset failed: %d\n", err);
		return err;
	}

	/* Some parents derive it from state that a client can change later. */
	v->vq_num_max = v->vdpa->config->get_vq_num_max(v->vdpa);
	v->driver_ok = false;
	/* At open there are none yet. */
	if (why != VHOST_VDPA_RESET_OPEN)
		vhost_vdpa_spaces_reset(v, r->fate);
	return 0;
}
