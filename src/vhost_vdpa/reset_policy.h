/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * reset_policy.h - what a reset does to DMA mappings, and who decides.
 *
 * Pure logic: one table in reset_policy.c, from what is known about client, parent and
 * administrator to what vdpa_reset() is told and what the address spaces make of it. Also compiles
 * in userspace, where tests/unit/reset_policy_test.c goes through it row by row.
 */
#ifndef VHOST_VDPA_RESET_POLICY_H
#define VHOST_VDPA_RESET_POLICY_H

#include <linux/types.h>

/**
 * enum vhost_vdpa_reset_why - where a reset comes from
 * @VHOST_VDPA_RESET_OPEN: a client opens the node; nothing is negotiated yet
 * @VHOST_VDPA_RESET_IOCTL: the client wrote status 0
 * @VHOST_VDPA_RESET_RELEASE: the client closed the node, or the device goes away
 */
enum vhost_vdpa_reset_why {
	VHOST_VDPA_RESET_OPEN,
	VHOST_VDPA_RESET_IOCTL,
	VHOST_VDPA_RESET_RELEASE,
};

/**
 * enum vhost_vdpa_map_fate - what a reset does to the device's table
 * @VHOST_VDPA_MAP_KEPT: the parent's table is as before
 * @VHOST_VDPA_MAP_CLEANED: the parent was told to clean (VDPA_RESET_F_CLEAN_MAP) and did so now
 * @VHOST_VDPA_MAP_CLEAN_LATER: the client is owed a clean table; it is paid at DRIVER_OK, so that
 *	a client that maps the same memory again costs nothing
 * @VHOST_VDPA_MAP_LOST: the parent promises nothing: its table is gone or as before. To the client
 *	it is gone; leftovers must be removed before ranges are mapped again
 */
enum vhost_vdpa_map_fate {
	VHOST_VDPA_MAP_KEPT,
	VHOST_VDPA_MAP_CLEANED,
	VHOST_VDPA_MAP_CLEAN_LATER,
	VHOST_VDPA_MAP_LOST,
};

/**
 * struct vhost_vdpa_reset_case - what decides
 * @why: where the reset comes from
 * @translates: the parent translates by itself (set_map or dma_map); if not, the platform's IOMMU
 *	does, with a domain that belongs to vhost_vdpa
 * @persistent: a plain reset of this parent leaves mappings alone (vhost_vdpa_has_persistent_map())
 * @reset_map: the parent has vdpa_config_ops.reset_map
 * @compat_reset: the parent has vdpa_config_ops.compat_reset
 * @acked: the client acked VHOST_BACKEND_F_IOTLB_PERSIST
 * @pin_reuse: module parameter of that name
 */
struct vhost_vdpa_reset_case {
	enum vhost_vdpa_reset_why why;
	bool translates;
	bool persistent;
	bool reset_map;
	bool compat_reset;
	bool acked;
	bool pin_reuse;
};

/**
 * struct vhost_vdpa_reset_rule - a row of the table
 * @name: short name of the row, for messages and tests
 * @clean_map: pass VDPA_RESET_F_CLEAN_MAP to vdpa_reset()
 * @fate: what becomes of the device's table if the reset succeeds
 */
struct vhost_vdpa_reset_rule {
	/* private: conditions, see reset_policy.c */
	unsigned char why;
	unsigned char translates;
	unsigned char persistent;
	unsigned char reset_map;
	unsigned char compat_reset;
	unsigned char acked;
	unsigned char pin_reuse;
	/* public: */
	const char *name;
	bool clean_map;
	enum vhost_vdpa_map_fate fate;
};

const struct vhost_vdpa_reset_rule *vhost_vdpa_reset_rule(const struct vhost_vdpa_reset_case *c);

#endif /* VHOST_VDPA_RESET_POLICY_H */
