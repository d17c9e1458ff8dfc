/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fake_parent.h - vdpa parents for tests of the mapping engine.
 *
 * What a parent holds in its tables is what its device could reach. It checks what its callers
 * promise: nothing is mapped twice, nothing is unmapped in part, memory that is mapped is pinned.
 */
#ifndef FAKE_PARENT_H
#define FAKE_PARENT_H

#include <linux/vdpa.h>

#define FAKE_NAS	2

enum fake_kind {
	FAKE_SET_MAP,
	FAKE_DMA_MAP,
	FAKE_IOMMU,	/* one address space, behind the platform's IOMMU */
};

/* In pages; @addr is a frame, or a page number of the process in virtual address mode. */
struct fake_range {
	u64 first;
	u64 last;
	u64 addr;
	u32 perm;
	struct file *file;
	u64 offset;
};

struct fake_table {
	struct fake_range *range;
	unsigned int n;
	unsigned int cap;
	bool initial;
};

/**
 * struct fake_parent - a vdpa device
 * @running: the device does DMA
 * @removed: ranges that left a table since fake_watch()
 */
struct fake_parent {
	struct vdpa_device vdpa;
	struct vdpa_config_ops ops;
	struct device dma_dev;
	struct list_head link;
	bool running;
	struct fake_table as[FAKE_NAS];
	struct fake_table removed[FAKE_NAS];
	unsigned int reset_maps;
};

extern long fake_fail_call;	/* the n-th call of an op that may fail does; 0: none */
extern bool fake_fail_all;	/* and all after it */
extern unsigned int fake_room;	/* ranges that a table has room for; 0: any number */

void fake_parent_init(struct fake_parent *p, enum fake_kind kind, bool reset_map, bool use_va);
void fake_parent_fini(struct fake_parent *p);
void fake_clean(struct fake_parent *p);		/* as compat_reset with CLEAN_MAP does */
const struct fake_range *fake_lookup(const struct fake_table *t, u64 page);
void fake_watch(struct fake_parent *p);
/* True if a range was taken away since fake_watch() although it is there now as it was. */
bool fake_glitched(const struct fake_parent *p);

#endif
