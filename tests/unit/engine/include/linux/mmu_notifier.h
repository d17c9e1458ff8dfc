/* SPDX-License-Identifier: GPL-2.0-only */
/* mmu_notifier.h: userspace stand-in for tests of the mapping engine. */
#ifndef UNIT_ENGINE_MMU_NOTIFIER_H
#define UNIT_ENGINE_MMU_NOTIFIER_H

#include <linux/list.h>
#include <linux/types.h>

struct mm_struct;

enum mmu_notifier_event {
	MMU_NOTIFY_UNMAP = 0,
	MMU_NOTIFY_CLEAR,
	MMU_NOTIFY_PROTECTION_VMA,
	MMU_NOTIFY_PROTECTION_PAGE,
	MMU_NOTIFY_SOFT_DIRTY,
};

struct mmu_notifier_range {
	unsigned long start;
	unsigned long end;
	enum mmu_notifier_event event;
};

struct mmu_interval_notifier;

struct mmu_interval_notifier_ops {
	bool (*invalidate)(struct mmu_interval_notifier *n, const struct mmu_notifier_range *range,
			   unsigned long seq);
};

struct mmu_interval_notifier {
	struct list_head link;
	unsigned long start;
	unsigned long end;
	const struct mmu_interval_notifier_ops *ops;
	unsigned long invalidate_seq;
};

#define mmu_interval_set_seq(n, seq) ((n)->invalidate_seq = (seq))

int mmu_interval_notifier_insert(struct mmu_interval_notifier *n, struct mm_struct *mm,
				 unsigned long start, unsigned long length,
				 const struct mmu_interval_notifier_ops *ops);
void mmu_interval_notifier_remove(struct mmu_interval_notifier *n);
unsigned long mmu_interval_read_begin(struct mmu_interval_notifier *n);

#endif
