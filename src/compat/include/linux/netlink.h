/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * linux/netlink.h: error messages with values in them.
 */
#ifndef VC_LINUX_NETLINK_H
#define VC_LINUX_NETLINK_H

#include_next <linux/netlink.h>

/*
 * VC_HAS_NL_ERR_MSG_FMT: until 6.2 (el9.2) a message is a constant string. There the values go to
 * the kernel log, and the message says so.
 * Remove when nothing older is supported.
 */
#if !VC_HAS_NL_ERR_MSG_FMT
#include <linux/printk.h>
#include <linux/ratelimit.h>
#define NL_SET_ERR_MSG_FMT_MOD(extack, fmt, ...) do { \
	pr_notice_ratelimited(fmt "\n", ##__VA_ARGS__); \
	NL_SET_ERR_MSG_MOD(extack, "refused, the kernel log has the details"); \
} while (0)
#endif

#endif /* VC_LINUX_NETLINK_H */
