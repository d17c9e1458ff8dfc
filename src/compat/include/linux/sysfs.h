/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * linux/sysfs.h: writing an attribute within its page.
 */
#ifndef VC_LINUX_SYSFS_H
#define VC_LINUX_SYSFS_H

#include_next <linux/sysfs.h>

/*
 * VC_HAS_SYSFS_EMIT: 5.10, el8.6.
 * Remove when el8.4 is no longer supported.
 */
#if !VC_HAS_SYSFS_EMIT
#include <linux/kernel.h>
#include <linux/mm.h>
#define sysfs_emit(buf, fmt, ...) scnprintf(buf, PAGE_SIZE, fmt, ##__VA_ARGS__)
#endif

#endif /* VC_LINUX_SYSFS_H */
