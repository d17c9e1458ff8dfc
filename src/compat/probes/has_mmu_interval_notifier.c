// SPDX-License-Identifier: GPL-2.0-only
/*
 * Changes of a range of addresses are announced to whoever asks.
 *
 * since: 5.5, el8.2
 * export: mmu_interval_notifier_insert
 */
#include <linux/mmu_notifier.h>

static inline void has_mmu_interval_notifier(void)
{
	int (*fn)(struct mmu_interval_notifier *sub, struct mm_struct *mm, unsigned long start,
		  unsigned long length,
		  const struct mmu_interval_notifier_ops *ops) = mmu_interval_notifier_insert;

	(void)fn;
}
