// SPDX-License-Identifier: GPL-2.0-only
/*
 * eventfd_signal() takes the value to add. What it returns was never of use.
 *
 * since: 2.6.22, until 6.7, el9.4
 */
#include <linux/eventfd.h>

static inline void has_eventfd_signal_count(void)
{
	struct eventfd_ctx *ctx = NULL;

	(void)sizeof(eventfd_signal(ctx, (__u64)1));
}
