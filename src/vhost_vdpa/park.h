/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * park.h - memory that stays pinned although no table wants it.
 *
 * While a device cannot do DMA, its client often unmaps memory only to map it again. What it
 * unmaps then is parked: the pins live on, as segments in struct park, and pin_get() finds them
 * by user address as it finds all pins. Translations that are still in the device's table need no
 * second list, they simply are not removed yet.
 */
#ifndef VHOST_VDPA_PARK_H
#define VHOST_VDPA_PARK_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/workqueue.h>

#include "table.h"

struct vhost_vdpa;

/**
 * struct park - what one device keeps for later
 * @table: the pins, by page number of their user address. map_lock
 * @npages: pages in @table; written under map_lock, read by the shrinker
 * @stale: some of @table, or of the device's table, may have changed: give that up first
 * @pressure: memory is short: give everything up
 * @waiting: something was parked since everything was given up last. map_lock
 * @deadline: when to give up what waits, in jiffies. map_lock
 * @link: in the list that the shrinker walks
 * @work: gives up what @stale, @pressure or age ask for
 */
struct park {
	struct map_table table;
	atomic_long_t npages;
	bool stale;
	bool pressure;
	bool waiting;
	unsigned long deadline;
	struct list_head link;
	struct delayed_work work;
};

int vhost_vdpa_park_module_init(void);
void vhost_vdpa_park_module_exit(void);

void vhost_vdpa_park_setup(struct vhost_vdpa *v);
void vhost_vdpa_park_finish(struct vhost_vdpa *v);
void vhost_vdpa_park_init(struct vhost_vdpa *v);
void vhost_vdpa_park_exit(struct vhost_vdpa *v);

void vhost_vdpa_park_segs(struct vhost_vdpa *v, struct pin_segs *segs);
void vhost_vdpa_park_drop(struct vhost_vdpa *v);
void vhost_vdpa_park_shed(struct vhost_vdpa *v);

#endif /* VHOST_VDPA_PARK_H */
