// SPDX-License-Identifier: GPL-2.0-only
/*
 * eventfd_signal() takes the context only and always adds one.
 *
 * since: 6.8, el9.6
 */
#include <linux/eventfd.h>

static inline void has_eventfd_signal_ctx_only(void)
{
	void (*fn)(struct eventfd_ctx *ctx) = eventfd_signal;

	(void)fn;
}
