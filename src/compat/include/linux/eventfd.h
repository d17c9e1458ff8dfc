/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * linux/eventfd.h: signalling without a count.
 */
#ifndef VC_LINUX_EVENTFD_H
#define VC_LINUX_EVENTFD_H

#include_next <linux/eventfd.h>

/*
 * VC_HAS_EVENTFD_SIGNAL_CTX_ONLY: until 6.7 (el9.4) the value to add was an argument.
 * Remove when nothing older is supported.
 */
#if !VC_HAS_EVENTFD_SIGNAL_CTX_ONLY
static inline void vc_eventfd_signal(struct eventfd_ctx *ctx)
{
	eventfd_signal(ctx, 1);
}
#define eventfd_signal(ctx) vc_eventfd_signal(ctx)
#endif

#endif /* VC_LINUX_EVENTFD_H */
