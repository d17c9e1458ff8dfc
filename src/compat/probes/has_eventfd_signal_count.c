// SPDX-License-Identifier: GPL-2.0-only
/*
 * eventfd_signal() takes the value to add.
 *
 * since: 2.6.22, until 6.7, el9.4
 */
#include <linux/eventfd.h>

static inline void has_eventfd_signal_count(void)
{
	__u64 (*fn)(struct eventfd_ctx *ctx, __u64 n) = eventfd_signal;

	(void)fn;
}
