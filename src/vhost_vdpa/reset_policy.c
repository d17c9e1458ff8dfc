// SPDX-License-Identifier: GPL-2.0-only
/*
 * reset_policy.c - the table of reset_policy.h.
 */
#include <linux/kernel.h>

#include "reset_policy.h"

/* A condition holds for false, for true, or for either. */
enum { N, Y, ANY };

/*
 * The first row that fits decides; the last row of each kind of reset fits whatever is left.
 */
static const struct vhost_vdpa_reset_rule rules[] = {
	/*
	 * Nothing is mapped and nothing was negotiated: the last close gave the initial mapping
	 * back. A client's choice lives as long as its open file, so there is none to look at,
	 * neither at the very first open nor when the node is opened again after a close. Cleaning
	 * here would build a mapping of the whole machine for nothing.
	 */
	{
		.name = "open",
		.why = VHOST_VDPA_RESET_OPEN,
		.translates = ANY, .persistent = ANY, .reset_map = ANY,
		.compat_reset = ANY, .acked = ANY, .pin_reuse = ANY,
		.clean_map = false, .fate = VHOST_VDPA_MAP_KEPT,
	},

	/* The platform's IOMMU domain is ours. No reset of the device can reach it. */
	{
		.name = "platform iommu",
		.why = VHOST_VDPA_RESET_IOCTL,
		.translates = N, .persistent = ANY, .reset_map = ANY,
		.compat_reset = ANY, .acked = ANY, .pin_reuse = ANY,
		.clean_map = false, .fate = VHOST_VDPA_MAP_KEPT,
	},

	/* The client knows that its mapping outlives a reset, and the bit was offered to it. */
	{
		.name = "persist acked",
		.why = VHOST_VDPA_RESET_IOCTL,
		.translates = Y, .persistent = ANY, .reset_map = ANY,
		.compat_reset = ANY, .acked = Y, .pin_reuse = ANY,
		.clean_map = false, .fate = VHOST_VDPA_MAP_KEPT,
	},

	/*
	 * A parent without a promise, but one that cleans on request: ask, then its state is known.
	 * Reuse of pins does not matter, there is no translation that could be kept.
	 */
	{
		.name = "no promise, told to clean",
		.why = VHOST_VDPA_RESET_IOCTL,
		.translates = Y, .persistent = N, .reset_map = ANY,
		.compat_reset = Y, .acked = N, .pin_reuse = ANY,
		.clean_map = true, .fate = VHOST_VDPA_MAP_CLEANED,
	},

	/*
	 * A parent that promises nothing and cannot be asked: a driver from before reset_map, or
	 * one told to behave like that. It cleans at every reset, or at none.
	 */
	{
		.name = "no promise",
		.why = VHOST_VDPA_RESET_IOCTL,
		.translates = Y, .persistent = N, .reset_map = ANY,
		.compat_reset = N, .acked = N, .pin_reuse = ANY,
		.clean_map = false, .fate = VHOST_VDPA_MAP_LOST,
	},

	/*
	 * Old userspace on a parent whose reset used to clean: it may depend on a clean device, but
	 * only once the device can do DMA again. Until then nobody can tell, and most clients map
	 * the same memory again first.
	 */
	{
		.name = "compat, lazily",
		.why = VHOST_VDPA_RESET_IOCTL,
		.translates = Y, .persistent = Y, .reset_map = ANY,
		.compat_reset = Y, .acked = N, .pin_reuse = Y,
		.clean_map = false, .fate = VHOST_VDPA_MAP_CLEAN_LATER,
	},

	/* The same without reuse: exactly what mainline does. */
	{
		.name = "compat",
		.why = VHOST_VDPA_RESET_IOCTL,
		.translates = Y, .persistent = Y, .reset_map = ANY,
		.compat_reset = Y, .acked = N, .pin_reuse = N,
		.clean_map = true, .fate = VHOST_VDPA_MAP_CLEANED,
	},

	/* A parent whose reset never cleaned: no client can depend on anything else. */
	{
		.name = "never cleaned",
		.why = VHOST_VDPA_RESET_IOCTL,
		.translates = Y, .persistent = Y, .reset_map = ANY,
		.compat_reset = N, .acked = N, .pin_reuse = ANY,
		.clean_map = false, .fate = VHOST_VDPA_MAP_KEPT,
	},

	/* As above: what is in our domain is removed range by range, then the domain goes. */
	{
		.name = "close, platform iommu",
		.why = VHOST_VDPA_RESET_RELEASE,
		.translates = N, .persistent = ANY, .reset_map = ANY,
		.compat_reset = ANY, .acked = ANY, .pin_reuse = ANY,
		.clean_map = false, .fate = VHOST_VDPA_MAP_KEPT,
	},

	/*
	 * reset_map follows and gives the initial mapping back, whatever the client acked. To clean
	 * as well would build that mapping twice.
	 */
	{
		.name = "close, reset_map follows",
		.why = VHOST_VDPA_RESET_RELEASE,
		.translates = Y, .persistent = ANY, .reset_map = Y,
		.compat_reset = ANY, .acked = ANY, .pin_reuse = ANY,
		.clean_map = false, .fate = VHOST_VDPA_MAP_KEPT,
	},

	/* No reset_map: this reset is the last chance to give the initial mapping back. */
	{
		.name = "close, told to clean",
		.why = VHOST_VDPA_RESET_RELEASE,
		.translates = Y, .persistent = ANY, .reset_map = N,
		.compat_reset = Y, .acked = ANY, .pin_reuse = ANY,
		.clean_map = true, .fate = VHOST_VDPA_MAP_CLEANED,
	},

	/*
	 * Neither: the parent's own reset does what it always did; whatever it leaves is removed
	 * from its table before the memory is unpinned.
	 */
	{
		.name = "close",
		.why = VHOST_VDPA_RESET_RELEASE,
		.translates = Y, .persistent = ANY, .reset_map = N,
		.compat_reset = N, .acked = ANY, .pin_reuse = ANY,
		.clean_map = false, .fate = VHOST_VDPA_MAP_KEPT,
	},
};

static bool fits(unsigned char condition, bool value)
{
	return condition == ANY || condition == (value ? Y : N);
}

/**
 * vhost_vdpa_reset_rule() - finds the row for a case
 * @c: the case
 *
 * Context: any.
 * Return: the row; NULL only for an unknown @c->why.
 */
const struct vhost_vdpa_reset_rule *vhost_vdpa_reset_rule(const struct vhost_vdpa_reset_case *c)
{
	const struct vhost_vdpa_reset_rule *r;

	for (r = rules; r < rules + ARRAY_SIZE(rules); r++) {
		if (r->why == c->why &&
		    fits(r->translates, c->translates) &&
		    fits(r->persistent, c->persistent) &&
		    fits(r->reset_map, c->reset_map) &&
		    fits(r->compat_reset, c->compat_reset) &&
		    fits(r->acked, c->acked) &&
		    fits(r->pin_reuse, c->pin_reuse))
			return r;
	}
	return NULL;
}
